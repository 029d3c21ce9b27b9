#include "events/log/checked_tables.h"

#include <rocksdb/file_system.h>
#include <rocksdb/sst_file_reader.h>

#include <algorithm>
#include <memory>
#include <vector>

namespace klasboek::log::rocks {

namespace {

// https://github.com/facebook/rocksdb/wiki/Rocksdb-BlockBasedTable-Format: kind of checksum (1
// byte); handles of the metaindex and of the index, each an offset and a size as varints, and zeros
// up to 40 bytes; format version (4); magic number (8). A block is followed by its own trailer.
constexpr std::size_t kHandlesAt = 1;
constexpr std::size_t kHandlesBytes = 40;
constexpr std::size_t kVersionAt = 41;
constexpr std::size_t kMagicAt = 45;
constexpr std::uint64_t kMagic = 0x88e241b785f4cff7;
constexpr std::uint64_t kBlockTrailerBytes = 5;
constexpr std::size_t kRestartBytes = 4;
constexpr std::string_view kPropertiesKey = "rocksdb.properties";
/// XXH3; those before it have lower numbers.
constexpr std::uint8_t kLastChecksumKind = 4;
constexpr std::uint32_t kFirstVersion = 1;
constexpr std::uint32_t kLastVersion = 5;

std::uint64_t little_endian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    value |= std::uint64_t{static_cast<std::uint8_t>(bytes[i])} << (8 * i);
  }
  return value;
}

/// Takes a varint from the beginning; nullopt where there is none.
std::optional<std::uint64_t> take_varint(std::string_view& bytes) {
  constexpr unsigned kBitsPerByte = 7;
  constexpr unsigned kBits = 64;
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < kBits && !bytes.empty(); shift += kBitsPerByte) {
    const auto byte = static_cast<std::uint8_t>(bytes.front());
    bytes.remove_prefix(1);
    value |= std::uint64_t{byte & 0x7fU} << shift;
    if ((byte & 0x80U) == 0) return value;
  }
  return std::nullopt;
}

/// A place in the file: bytes of a block without its trailer.
struct Handle {
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
};

std::optional<Handle> take_handle(std::string_view& bytes) {
  const auto offset = take_varint(bytes);
  const auto size = offset ? take_varint(bytes) : std::nullopt;
  if (!size) return std::nullopt;
  return Handle{*offset, *size};
}

/// Whether such a block and its trailer end before this.
bool is_before(const Handle& handle, std::uint64_t end) {
  return handle.offset <= end && handle.size <= end - handle.offset &&
         kBlockTrailerBytes <= end - handle.offset - handle.size;
}

/// Of a metaindex, whose keys stand there whole, one behind the other; nullopt where it isn't in
/// it, or it can't be read, which RocksDB finds by its checksum.
std::optional<Handle> properties_in(std::string_view metaindex) {
  while (!metaindex.empty()) {
    const auto shared = take_varint(metaindex);
    const auto key_bytes = shared ? take_varint(metaindex) : std::nullopt;
    const auto value_bytes = key_bytes ? take_varint(metaindex) : std::nullopt;
    if (!value_bytes || *shared != 0 || *key_bytes > metaindex.size() ||
        *value_bytes > metaindex.size() - *key_bytes) {
      return std::nullopt;
    }
    const auto key = metaindex.substr(0, *key_bytes);
    auto value = metaindex.substr(*key_bytes, *value_bytes);
    if (key == kPropertiesKey) return take_handle(value);
    metaindex.remove_prefix(*key_bytes + *value_bytes);
  }
  return std::nullopt;
}

/// RocksDB looks at how a block of properties ends before it looks at its checksum: the number of
/// its restarts, and in its highest bit whether there is an index of hashes, which it never has.
bool ends_as_properties(std::string_view block) {
  constexpr std::uint64_t kHasHashIndex = 1U << 31;
  if (block.size() < kRestartBytes) return false;
  const auto restarts = little_endian(block.substr(block.size() - kRestartBytes));
  return (restarts & kHasHashIndex) == 0 && restarts >= 1 &&
         restarts <= block.size() / kRestartBytes - 1;
}

class CheckedTables final : public rocksdb::FileSystemWrapper {
 public:
  CheckedTables() : rocksdb::FileSystemWrapper(rocksdb::FileSystem::Default()) {}
  [[nodiscard]] const char* Name() const override { return "CheckedTables"; }

  rocksdb::IOStatus NewRandomAccessFile(const std::string& name,
                                        const rocksdb::FileOptions& options,
                                        std::unique_ptr<rocksdb::FSRandomAccessFile>* file,
                                        rocksdb::IODebugContext* context) override {
    auto status = target()->NewRandomAccessFile(name, options, file, context);
    if (!status.ok() || !name.ends_with(".sst")) return status;
    status = check(name, options, **file, context);
    if (!status.ok()) file->reset();
    return status;
  }

 private:
  struct Table {
    const std::string& name;
    rocksdb::FSRandomAccessFile& file;
    const rocksdb::IOOptions& options;
    rocksdb::IODebugContext* context;

    /// Fewer bytes where it ends before.
    rocksdb::IOStatus read(const Handle& at, std::string& bytes) const {
      bytes.resize(at.size);
      rocksdb::Slice found;
      auto status = file.Read(at.offset, at.size, options, &found, bytes.data(), context);
      if (status.ok()) bytes = found.ToString();
      return status;
    }
    [[nodiscard]] rocksdb::IOStatus damaged(std::uint64_t offset, const std::string& how) const {
      return rocksdb::IOStatus::Corruption(name + " at offset " + std::to_string(offset), how);
    }
  };

  rocksdb::IOStatus check(const std::string& name, const rocksdb::FileOptions& options,
                          rocksdb::FSRandomAccessFile& file, rocksdb::IODebugContext* context) {
    std::uint64_t size = 0;
    auto status = target()->GetFileSize(name, options.io_options, &size, context);
    // What is too short for a footer RocksDB refuses by itself.
    if (!status.ok() || size < kTableFooterBytes) return status;
    const Table table{name, file, options.io_options, context};
    const auto blocks_end = size - kTableFooterBytes;
    std::string footer;
    status = table.read({blocks_end, kTableFooterBytes}, footer);
    if (!status.ok() || footer.size() < kTableFooterBytes) return status;
    if (const auto damage = footer_damage(footer, size); !damage.empty()) {
      return table.damaged(blocks_end, damage);
    }
    auto handles = std::string_view(footer).substr(kHandlesAt, kHandlesBytes);
    const auto metaindex = take_handle(handles);
    if (!metaindex || !is_before(*metaindex, blocks_end)) return status;
    return check_properties(table, *metaindex, blocks_end);
  }

  static rocksdb::IOStatus check_properties(const Table& table, const Handle& metaindex_at,
                                            std::uint64_t blocks_end) {
    std::string metaindex;
    auto status = table.read(metaindex_at, metaindex);
    const auto at = status.ok() ? properties_in(metaindex) : std::nullopt;
    if (!at || !is_before(*at, blocks_end)) return status;
    std::string properties;
    status = table.read(*at, properties);
    if (!status.ok() || ends_as_properties(properties)) return status;
    return table.damaged(at->offset, "its properties have no end");
  }
};

}  // namespace

std::string footer_damage(std::string_view footer, std::uint64_t file_bytes) {
  if (little_endian(footer.substr(kMagicAt)) != kMagic) return {};
  if (static_cast<std::uint8_t>(footer[0]) > kLastChecksumKind) {
    return "its footer names no kind of checksum";
  }
  const auto version = little_endian(footer.substr(kVersionAt, kMagicAt - kVersionAt));
  if (version < kFirstVersion || version > kLastVersion) {
    return "its footer names format version " + std::to_string(version) + ", which isn't known";
  }
  const auto blocks_end = file_bytes - kTableFooterBytes;
  auto handles = footer.substr(kHandlesAt, kHandlesBytes);
  for (const auto* of : {"metaindex", "index"}) {
    const auto handle = take_handle(handles);
    if (!handle || !is_before(*handle, blocks_end)) {
      return std::string("its footer places the ") + of + " outside of the table";
    }
  }
  return {};
}

rocksdb::Env* machine_with_checked_tables() {
  static const auto kMachine = rocksdb::NewCompositeEnv(std::make_shared<CheckedTables>());
  return kMachine.get();
}

std::optional<std::string> first_damaged_table(const std::filesystem::path& directory) {
  std::vector<std::filesystem::path> tables;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(directory, error)) {
    if (entry.path().extension() == ".sst") tables.push_back(entry.path());
  }
  std::ranges::sort(tables);
  for (const auto& table : tables) {
    rocksdb::Options options;
    options.env = machine_with_checked_tables();
    rocksdb::SstFileReader reader(options);
    if (!reader.Open(table.string()).ok()) return table.filename().string();
  }
  return std::nullopt;
}

}  // namespace klasboek::log::rocks
