#include "vault/master_key.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <optional>
#include <utility>

namespace klasboek::vault {

namespace {

constexpr std::size_t kKeyBytes = 32;
/// As hexadecimal digits with a line end of either kind; more than that is no key.
constexpr std::size_t kTextBytesMax = 2 * kKeyBytes + 2;

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  [[nodiscard]] int number() const { return number_; }
  [[nodiscard]] bool is_open() const { return number_ >= 0; }

 private:
  int number_;
};

std::unexpected<MasterKeyError> error(MasterKeyFault fault, const std::string& where,
                                      const std::string& text) {
  return std::unexpected(MasterKeyError{fault, "master key " + where + ": " + text});
}

std::unexpected<MasterKeyError> error_of_errno(const std::string& where) {
  switch (errno) {
    case ENOENT:
    case EBADF:
      return error(MasterKeyFault::not_found, where,
                   "isn't there; name the right one, or have a new one made with a new vault");
    case EEXIST:
      return error(MasterKeyFault::already_there, where,
                   "is there already and isn't overwritten: a lost master key can't be replaced");
    case ENOSPC:
    case EDQUOT:
      return error(MasterKeyFault::disk_full, where, "the disk is full; make room");
    default:
      return error(MasterKeyFault::not_permitted, where,
                   "can't be opened by this user; check its owner and mode");
  }
}

bool is_inside(const std::filesystem::path& file, const std::filesystem::path& directory) {
  std::error_code ignored;
  const auto whole_file = std::filesystem::weakly_canonical(file, ignored);
  const auto whole_directory = std::filesystem::weakly_canonical(directory, ignored);
  const auto [in_directory, in_file] = std::ranges::mismatch(whole_directory, whole_file);
  // A directory named with a slash at the end has an empty last part.
  return in_directory == whole_directory.end() || in_directory->empty();
}

std::optional<MasterKeyError> refuse_inside(const std::filesystem::path& file,
                                            const std::filesystem::path& directory) {
  if (!is_inside(file, directory)) return std::nullopt;
  return error(MasterKeyFault::inside_data_directory, file.string(),
               "lies in the data directory " + directory.string() +
                   ", so that every backup of the data would hold its key; keep it elsewhere")
      .error();
}

std::optional<MasterKey> parse_key(ByteSpan text) {
  MasterKey master;
  if (text.size() == kKeyBytes) {
    std::ranges::copy(text, master.bytes.writable().begin());
    return master;
  }
  for (const char end : {'\n', '\r'}) {
    if (!text.empty() && text.back() == end) text = text.first(text.size() - 1);
  }
  std::size_t size = 0;
  const int refused = sodium_hex2bin(master.bytes.writable().data(), kKeyBytes,
                                     reinterpret_cast<const char*>(text.data()), text.size(),
                                     nullptr, &size, nullptr);
  if (refused != 0 || size != kKeyBytes || text.size() != 2 * kKeyBytes) return std::nullopt;
  return master;
}

std::expected<MasterKey, MasterKeyError> read_from(int descriptor, const std::string& where) {
  SecretBytes text(kTextBytesMax + 1);
  std::size_t size = 0;
  while (size < text.size()) {
    const ssize_t got = ::read(descriptor, &text.writable()[size], text.size() - size);
    if (got == 0) break;
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return error_of_errno(where);
    size += static_cast<std::size_t>(got);
  }
  auto master = parse_key(text.span().first(size));
  if (!master) {
    return error(MasterKeyFault::not_a_key, where,
                 "holds no key: 32 bytes or 64 hexadecimal digits are expected");
  }
  return std::move(*master);
}

bool write_all(int descriptor, ByteSpan bytes) {
  while (!bytes.empty()) {
    const ssize_t wrote = ::write(descriptor, bytes.data(), bytes.size());
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) return false;
    bytes = bytes.subspan(static_cast<std::size_t>(wrote));
  }
  return ::fsync(descriptor) == 0;
}

void sync_directory_of(const std::filesystem::path& file) {
  const auto directory = file.has_parent_path() ? file.parent_path() : std::filesystem::path(".");
  const Descriptor opened(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (opened.is_open()) ::fsync(opened.number());
}

}  // namespace

std::string_view name_of(MasterKeyFault fault) {
  switch (fault) {
    case MasterKeyFault::inside_data_directory:
      return "inside_data_directory";
    case MasterKeyFault::already_there:
      return "already_there";
    case MasterKeyFault::not_found:
      return "not_found";
    case MasterKeyFault::readable_by_others:
      return "readable_by_others";
    case MasterKeyFault::not_a_key:
      return "not_a_key";
    case MasterKeyFault::not_permitted:
      return "not_permitted";
    case MasterKeyFault::disk_full:
      return "disk_full";
  }
  std::unreachable();
}

std::expected<MasterKey, MasterKeyError> create_master_key(
    const std::filesystem::path& file, const std::filesystem::path& data_directory,
    const Random& random) {
  MasterKey master;
  random(master.bytes.writable());
  if (auto written = write_master_key(master, file, data_directory); !written) {
    return std::unexpected(written.error());
  }
  return master;
}

std::expected<void, MasterKeyError> write_master_key(const MasterKey& master,
                                                     const std::filesystem::path& file,
                                                     const std::filesystem::path& data_directory) {
  if (auto refused = refuse_inside(file, data_directory)) return std::unexpected(*refused);
  SecretBytes text(2 * kKeyBytes + 1);
  sodium_bin2hex(reinterpret_cast<char*>(text.writable().data()), text.size(),
                 master.bytes.span().data(), kKeyBytes);
  text.writable().back() = '\n';
  const Descriptor opened(
      ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR));
  if (!opened.is_open()) return error_of_errno(file.string());
  if (!write_all(opened.number(), text.span())) {
    const auto failed = error_of_errno(file.string());
    ::unlink(file.c_str());
    return failed;
  }
  sync_directory_of(file);
  return {};
}

std::expected<MasterKey, MasterKeyError> read_master_key(
    const std::filesystem::path& file, const std::filesystem::path& data_directory) {
  if (auto refused = refuse_inside(file, data_directory)) return std::unexpected(*refused);
  const Descriptor opened(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (!opened.is_open()) return error_of_errno(file.string());
  struct stat status{};
  if (::fstat(opened.number(), &status) != 0) return error_of_errno(file.string());
  if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return error(MasterKeyFault::readable_by_others, file.string(),
                 "is open to others than its owner; `chmod 600` it, and consider the key known");
  }
  return read_from(opened.number(), file.string());
}

std::expected<MasterKey, MasterKeyError> take_master_key_from_environment(const std::string& name) {
  const std::string where = "in the environment variable " + name;
  char* const value = std::getenv(name.c_str());
  if (value == nullptr) {
    return error(MasterKeyFault::not_found, where, "isn't there; set it or name another source");
  }
  const std::size_t size = std::string_view(value).size();
  auto master = parse_key({reinterpret_cast<const std::uint8_t*>(value), size});
  // The bytes themselves: the environment of a running program can be read under /proc.
  sodium_memzero(value, size);
  ::unsetenv(name.c_str());
  if (!master) {
    return error(MasterKeyFault::not_a_key, where, "is no key: 64 hexadecimal digits are expected");
  }
  return std::move(*master);
}

std::expected<MasterKey, MasterKeyError> read_master_key_from_descriptor(int descriptor) {
  const Descriptor opened(descriptor);
  return read_from(opened.number(), "on file descriptor " + std::to_string(descriptor));
}

namespace {

constexpr std::string_view kEnvironment = "env:";
constexpr std::string_view kDescriptor = "fd:";

}  // namespace

bool is_file(const std::string& source) {
  return !source.starts_with(kEnvironment) && !source.starts_with(kDescriptor);
}

std::expected<MasterKey, MasterKeyError> load_master_key(
    const std::string& source, const std::filesystem::path& data_directory) {
  if (source.starts_with(kEnvironment)) {
    return take_master_key_from_environment(source.substr(kEnvironment.size()));
  }
  if (!source.starts_with(kDescriptor)) return read_master_key(source, data_directory);
  const auto digits = std::string_view(source).substr(kDescriptor.size());
  int descriptor = -1;
  const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), descriptor);
  if (parsed.ec != std::errc{} || parsed.ptr != digits.data() + digits.size() || descriptor < 0) {
    return error(MasterKeyFault::not_found, "source", "fd: is followed by a descriptor's number");
  }
  return read_master_key_from_descriptor(descriptor);
}

std::filesystem::path next_master_key_file(const std::filesystem::path& file) {
  return file.string() + ".next";
}

std::filesystem::path previous_master_key_file(const std::filesystem::path& file) {
  return file.string() + ".previous";
}

std::string check_value(const MasterKey& master) { return check_value(id_of(master)); }
std::string check_value(const MasterKeyId& id) { return events::to_hex(id); }

}  // namespace klasboek::vault
