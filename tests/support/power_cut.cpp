#include "tests/support/power_cut.h"

#include <algorithm>
#include <fstream>

namespace klasboek::tests {

namespace {

constexpr std::uint64_t kSectorBytes = 512;

/// Without the slash that RocksDB puts behind some.
std::string plain(const std::string& directory) {
  return directory.ends_with('/') ? directory.substr(0, directory.size() - 1) : directory;
}

std::string directory_of(const std::string& name) {
  return std::filesystem::path(name).parent_path().string();
}

}  // namespace

PowerCutDisk::PowerCutDisk(std::uint64_t calls_until_cut) : calls_left_(calls_until_cut) {
  DiskWatch watch;
  watch.before = [this](const DiskCall& call) { return before(call); };
  watch.after = [this](const DiskCall& call) { after(call); };
  env_ = watched_disk(std::move(watch));
}

bool PowerCutDisk::was_cut() const {
  const std::lock_guard lock(mutex_);
  return calls_left_ == 0;
}

void PowerCutDisk::cut() {
  const std::lock_guard lock(mutex_);
  calls_left_ = 0;
}

rocksdb::IOStatus PowerCutDisk::before(const DiskCall& call) {
  const std::lock_guard lock(mutex_);
  if (calls_left_ > 0) --calls_left_;
  if (calls_left_ == 0) return rocksdb::IOStatus::IOError("the power is off");
  // What is about to be replaced or removed may yet come back.
  const bool replaces = call.operation == DiskOperation::rename ||
                        call.operation == DiskOperation::remove ||
                        call.operation == DiskOperation::create;
  if (replaces) kept_before_[call.file] = keep(call.file);
  if (call.operation == DiskOperation::overwrite && !overwritten_.contains(call.file)) {
    overwritten_[call.file] = *keep(call.file);
  }
  return rocksdb::IOStatus::OK();
}

std::optional<std::filesystem::path> PowerCutDisk::keep(const std::string& name) {
  if (!std::filesystem::exists(name)) return std::nullopt;
  auto path = kept_ / std::to_string(kept_count_++);
  std::filesystem::copy_file(name, path);
  return path;
}

void PowerCutDisk::after(const DiskCall& call) {
  const std::lock_guard lock(mutex_);
  auto& entries = unsynced_[directory_of(call.file)];
  switch (call.operation) {
    case DiskOperation::create: {
      // One that was there and is opened again keeps what it has.
      const auto size = std::filesystem::file_size(call.file);
      if (size == 0) {
        entries.push_back({call.operation, call.file, {}, kept_before_[call.file]});
      }
      files_.try_emplace(call.file, File{size, size});
      if (size == 0) files_[call.file] = {};
      break;
    }
    case DiskOperation::append:
      files_[call.file].size += call.bytes;
      break;
    case DiskOperation::overwrite:
      break;
    case DiskOperation::truncate:
      files_[call.file].size = call.bytes;
      files_[call.file].synced = std::min(files_[call.file].synced, call.bytes);
      break;
    case DiskOperation::sync:
      files_[call.file].synced = files_[call.file].size;
      break;
    case DiskOperation::rename:
      entries.push_back({call.operation, call.file, call.from, kept_before_[call.file]});
      files_[call.file] = files_[call.from];
      files_.erase(call.from);
      break;
    case DiskOperation::link:
      entries.push_back({call.operation, call.file, call.from, std::nullopt});
      files_[call.file] = files_[call.from];
      break;
    case DiskOperation::remove:
      entries.push_back({call.operation, call.file, {}, kept_before_[call.file]});
      files_.erase(call.file);
      break;
    case DiskOperation::sync_directory:
      unsynced_.erase(plain(call.file));
      break;
  }
}

void PowerCutDisk::settle(std::mt19937_64& dice) {
  const std::lock_guard lock(mutex_);
  for (const auto& [name, file] : files_) {
    if (file.size > file.synced && std::filesystem::exists(name)) damage(name, file, dice);
  }
  // Files of a sector that are written in place and never synced.
  for (const auto& [name, kept] : overwritten_) {
    constexpr auto kHow = std::filesystem::copy_options::overwrite_existing;
    if (dice() % 2 == 0) std::filesystem::copy_file(kept, name, kHow);
  }
  for (auto& [directory, entries] : unsynced_) {
    // A journal keeps the order: the first so many of them are there, the rest isn't.
    const auto lasting = dice() % (entries.size() + 1);
    for (auto at = entries.size(); at > lasting; --at) undo(entries[at - 1]);
  }
}

void PowerCutDisk::undo(const Entry& entry) {
  if (entry.operation == DiskOperation::rename && std::filesystem::exists(entry.name)) {
    std::filesystem::rename(entry.name, entry.old_name);
  } else {
    std::filesystem::remove(entry.name);
  }
  if (entry.kept) std::filesystem::copy_file(*entry.kept, entry.name);
}

void PowerCutDisk::damage(const std::string& name, const File& file, std::mt19937_64& dice) {
  const auto unsynced = file.size - file.synced;
  switch (dice() % 4) {
    case 0:  // it happened to be written
      return;
    case 1:
      std::filesystem::resize_file(name, file.synced);
      return;
    case 2:
      std::filesystem::resize_file(name, file.synced + dice() % unsynced);
      return;
    default:
      break;
  }
  // The length is known, and some sectors aren't written.
  std::fstream bytes(name, std::ios::in | std::ios::out | std::ios::binary);
  const std::string nothing(kSectorBytes, '\0');
  for (auto at = file.synced; at < file.size;) {
    const auto end = std::min(file.size, (at / kSectorBytes + 1) * kSectorBytes);
    if (dice() % 2 == 0) {
      bytes.seekp(static_cast<std::streamoff>(at));
      bytes.write(nothing.data(), static_cast<std::streamsize>(end - at));
    }
    at = end;
  }
}

}  // namespace klasboek::tests
