#include "tests/simulation/disk.h"

#include <algorithm>
#include <filesystem>

namespace klasboek::tests {

namespace {

constexpr std::uint64_t kAll = 1000;

/// Per mille of what wasn't synced: nothing, all, or a part of it, as often.
std::uint64_t kept_of(std::mt19937_64& dice) {
  switch (dice() % 3) {
    case 0:
      return 0;
    case 1:
      return kAll;
    default:
      return dice() % kAll;
  }
}

/// RocksDB writes its options down, and reads them back to compare, at each start and for each
/// family that is made: a third of all processor time of a simulation. It goes on without them, and
/// nobody reads them.
bool is_of_options(const DiskCall& call) {
  return call.operation == DiskOperation::create &&
         call.file.find("/OPTIONS-") != std::string::npos;
}

}  // namespace

SimulatedDisk::SimulatedDisk() {
  DiskWatch watch;
  watch.before = [this](const DiskCall& call) { return before(call); };
  watch.after = [this](const DiskCall& call) { after(call); };
  watch.syncs = false;
  env_ = watched_disk(std::move(watch));
}

void SimulatedDisk::cut_before(std::uint64_t calls) {
  const std::lock_guard lock(mutex_);
  calls_left_ = calls;
}

void SimulatedDisk::cut() {
  const std::lock_guard lock(mutex_);
  is_cut_ = true;
}

bool SimulatedDisk::is_cut() const {
  const std::lock_guard lock(mutex_);
  return is_cut_;
}

rocksdb::IOStatus SimulatedDisk::before(const DiskCall& call) {
  if (is_of_options(call)) return rocksdb::IOStatus::IOError("no options are kept");
  const std::lock_guard lock(mutex_);
  // Write-ahead logs are written by whoever commits; other files by threads of RocksDB as well,
  // whose pace no seed says.
  const bool is_log = call.file.ends_with(".log") && (call.operation == DiskOperation::append ||
                                                      call.operation == DiskOperation::sync);
  if (is_log && calls_left_ > 0) {
    --calls_left_;
    if (calls_left_ == 0) is_cut_ = true;
  }
  return is_cut_ ? rocksdb::IOStatus::IOError("the power is off") : rocksdb::IOStatus::OK();
}

void SimulatedDisk::after(const DiskCall& call) {
  if (call.operation == DiskOperation::sync_directory) return;
  const std::lock_guard lock(mutex_);
  auto& file = files_[call.file];
  switch (call.operation) {
    case DiskOperation::create:
      file.size = file.synced = std::filesystem::file_size(call.file);
      break;
    case DiskOperation::append:
      file.size += call.bytes;
      break;
    case DiskOperation::truncate:
      file.size = call.bytes;
      file.synced = std::min(file.synced, call.bytes);
      break;
    case DiskOperation::sync:
      file.synced = file.size;
      break;
    case DiskOperation::rename:
      file = files_[call.from];
      files_.erase(call.from);
      break;
    case DiskOperation::link:
      file = files_[call.from];
      break;
    case DiskOperation::remove:
      files_.erase(call.file);
      break;
    case DiskOperation::overwrite:
    case DiskOperation::sync_directory:
      break;
  }
}

void SimulatedDisk::restart(std::mt19937_64& dice) {
  const std::lock_guard lock(mutex_);
  std::map<std::string, std::uint64_t> kept_per_mille;
  for (const auto& [name, file] : files_) {
    const auto directory = std::filesystem::path(name).parent_path().filename().string();
    const auto [kept, is_new] = kept_per_mille.try_emplace(directory);
    if (is_new) kept->second = kept_of(dice);
    if (file.size <= file.synced || !std::filesystem::exists(name)) continue;
    const auto size = file.synced + (file.size - file.synced) * kept->second / kAll;
    std::filesystem::resize_file(name, size);
  }
  files_.clear();
  is_cut_ = false;
  calls_left_ = 0;
}

}  // namespace klasboek::tests
