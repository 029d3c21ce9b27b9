#include "tests/support/power_cut_sqlite.h"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>

namespace klasboek::tests {

namespace {

constexpr std::size_t kSectorBytes = 512;

std::string content_of(const std::string& name) {
  std::ifstream file(name, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void write_over(std::string& content, std::uint64_t at, std::string_view bytes) {
  if (content.size() < at + bytes.size()) content.resize(at + bytes.size());
  content.replace(at, bytes.size(), bytes);
}

/// SQLite makes room for it; the machine's own file lies behind it.
struct WatchedFile {
  sqlite3_file base;
  PowerCutSqlite* disk;
  std::string* name;
};

WatchedFile& watched(sqlite3_file* file) { return *reinterpret_cast<WatchedFile*>(file); }
sqlite3_file* real(sqlite3_file* file) {
  return reinterpret_cast<sqlite3_file*>(reinterpret_cast<WatchedFile*>(file) + 1);
}

}  // namespace

/// What SQLite calls, as functions without an object.
struct PowerCutCalls {
  static PowerCutSqlite& disk_of(sqlite3_vfs* vfs) {
    return *static_cast<PowerCutSqlite*>(vfs->pAppData);
  }
  static int close(sqlite3_file* file) {
    const int code = real(file)->pMethods->xClose(real(file));
    std::unique_ptr<std::string>(watched(file).name).reset();
    return code;
  }
  static int read(sqlite3_file* file, void* to, int bytes, sqlite3_int64 at) {
    return real(file)->pMethods->xRead(real(file), to, bytes, at);
  }
  static int write(sqlite3_file* file, const void* from, int bytes, sqlite3_int64 at) {
    auto& own = watched(file);
    if (const int code = own.disk->before(); code != SQLITE_OK) return code;
    const int code = real(file)->pMethods->xWrite(real(file), from, bytes, at);
    if (code == SQLITE_OK) {
      own.disk->note_change(*own.name, {static_cast<std::uint64_t>(at),
                                        std::string(static_cast<const char*>(from),
                                                    static_cast<std::size_t>(bytes))});
    }
    return code;
  }
  static int truncate(sqlite3_file* file, sqlite3_int64 size) {
    auto& own = watched(file);
    if (const int code = own.disk->before(); code != SQLITE_OK) return code;
    const int code = real(file)->pMethods->xTruncate(real(file), size);
    if (code == SQLITE_OK) {
      own.disk->note_change(*own.name, {static_cast<std::uint64_t>(size), std::nullopt});
    }
    return code;
  }
  static int sync(sqlite3_file* file, int flags) {
    auto& own = watched(file);
    if (const int code = own.disk->before(); code != SQLITE_OK) return code;
    const int code = real(file)->pMethods->xSync(real(file), flags);
    if (code == SQLITE_OK) own.disk->note_synced(*own.name);
    return code;
  }
  static int size(sqlite3_file* file, sqlite3_int64* bytes) {
    return real(file)->pMethods->xFileSize(real(file), bytes);
  }
  static int lock(sqlite3_file* file, int level) {
    return real(file)->pMethods->xLock(real(file), level);
  }
  static int unlock(sqlite3_file* file, int level) {
    return real(file)->pMethods->xUnlock(real(file), level);
  }
  static int is_reserved(sqlite3_file* file, int* reserved) {
    return real(file)->pMethods->xCheckReservedLock(real(file), reserved);
  }
  static int control(sqlite3_file* file, int operation, void* argument) {
    return real(file)->pMethods->xFileControl(real(file), operation, argument);
  }
  static int sector_bytes(sqlite3_file* file) {
    return real(file)->pMethods->xSectorSize(real(file));
  }
  static int traits(sqlite3_file* file) {
    return real(file)->pMethods->xDeviceCharacteristics(real(file));
  }
  // The index of the write-ahead log is memory that processes share: no matter of the disk.
  static int map_shared(sqlite3_file* file, int page, int bytes, int extend,
                        void volatile** memory) {
    return real(file)->pMethods->xShmMap(real(file), page, bytes, extend, memory);
  }
  static int lock_shared(sqlite3_file* file, int offset, int count, int flags) {
    return real(file)->pMethods->xShmLock(real(file), offset, count, flags);
  }
  static void barrier_shared(sqlite3_file* file) { real(file)->pMethods->xShmBarrier(real(file)); }
  static int unmap_shared(sqlite3_file* file, int remove) {
    return real(file)->pMethods->xShmUnmap(real(file), remove);
  }

  static int open(sqlite3_vfs* vfs, sqlite3_filename name, sqlite3_file* file, int flags,
                  int* out_flags) {
    static constexpr sqlite3_io_methods kMethods = {
        2,           close,          read,         write,   truncate,     sync,   size,
        lock,        unlock,         is_reserved,  control, sector_bytes, traits, map_shared,
        lock_shared, barrier_shared, unmap_shared, nullptr, nullptr};
    auto& disk = disk_of(vfs);
    auto& own = watched(file);
    own.base.pMethods = nullptr;
    const bool exists = name == nullptr || std::filesystem::exists(name);
    if (!exists && (flags & SQLITE_OPEN_CREATE) != 0) {
      if (const int code = disk.before(); code != SQLITE_OK) return SQLITE_CANTOPEN;
    }
    const int code = disk.machine_->xOpen(disk.machine_, name, real(file), flags, out_flags);
    if (code != SQLITE_OK) return code;
    own.base.pMethods = &kMethods;
    own.disk = &disk;
    own.name = std::make_unique<std::string>(name == nullptr ? "" : name).release();
    if (name != nullptr) disk.note_opened(name);
    return SQLITE_OK;
  }
  static int remove(sqlite3_vfs* vfs, const char* name, int sync_directory) {
    auto& disk = disk_of(vfs);
    if (const int code = disk.before(); code != SQLITE_OK) return code;
    if (sync_directory == 0 && std::filesystem::exists(name)) disk.note_removed(name);
    return disk.machine_->xDelete(disk.machine_, name, sync_directory);
  }
};

PowerCutSqlite::PowerCutSqlite(std::uint64_t calls_until_cut, int code)
    : calls_left_(calls_until_cut), code_(code), machine_(sqlite3_vfs_find(nullptr)) {
  vfs_ = *machine_;
  vfs_.zName = "power_cut";
  vfs_.pNext = nullptr;
  // What isn't about files the machine's functions do, which look at their own state there.
  vfs_.pAppData = this;
  vfs_.szOsFile = static_cast<int>(sizeof(WatchedFile)) + machine_->szOsFile;
  vfs_.xOpen = PowerCutCalls::open;
  vfs_.xDelete = PowerCutCalls::remove;
  sqlite3_vfs_register(&vfs_, 1);
}

PowerCutSqlite::~PowerCutSqlite() {
  sqlite3_vfs_unregister(&vfs_);
  sqlite3_vfs_register(machine_, 1);
}

bool PowerCutSqlite::was_cut() const {
  const std::lock_guard lock(mutex_);
  return calls_left_ == 0;
}

void PowerCutSqlite::cut() {
  const std::lock_guard lock(mutex_);
  calls_left_ = 0;
}

int PowerCutSqlite::before() {
  const std::lock_guard lock(mutex_);
  if (calls_left_ > 0) --calls_left_;
  return calls_left_ == 0 ? code_ : SQLITE_OK;
}

void PowerCutSqlite::note_opened(const std::string& name) {
  const std::lock_guard lock(mutex_);
  if (files_.contains(name)) return;
  auto content = content_of(name);
  // What has bytes already has them from an earlier life.
  if (content.empty()) {
    files_[name] = {};
  } else {
    files_[name].synced = std::move(content);
  }
}

void PowerCutSqlite::note_change(const std::string& name, Change change) {
  const std::lock_guard lock(mutex_);
  files_[name].unsynced.push_back(std::move(change));
}

void PowerCutSqlite::note_synced(const std::string& name) {
  const std::lock_guard lock(mutex_);
  // With the first sync of a journal or a write-ahead log SQLite syncs the directory, too: what was
  // removed before stays away.
  if (!files_[name].synced) removed_.clear();
  files_[name] = {content_of(name), {}};
}

void PowerCutSqlite::note_removed(const std::string& name) {
  const std::lock_guard lock(mutex_);
  if (files_[name].synced) removed_[name] = *files_[name].synced;
  files_.erase(name);
}

std::string PowerCutSqlite::torn(const File& file, std::mt19937_64& dice) {
  auto content = file.synced.value_or("");
  for (const auto& change : file.unsynced) {
    const auto fate = dice() % 3;
    if (fate == 0) continue;
    if (!change.bytes) {
      content.resize(change.at);
      continue;
    }
    for (std::size_t at = 0; at < change.bytes->size();) {
      const auto left_in_sector = kSectorBytes - (change.at + at) % kSectorBytes;
      const auto count = std::min<std::size_t>(left_in_sector, change.bytes->size() - at);
      const bool reached_disk = fate == 1 || dice() % 2 == 0;
      if (reached_disk) {
        write_over(content, change.at + at, std::string_view(*change.bytes).substr(at, count));
      }
      at += count;
    }
  }
  return content;
}

void PowerCutSqlite::settle(std::mt19937_64& dice) {
  const std::lock_guard lock(mutex_);
  for (const auto& [name, content] : removed_) {
    if (!std::filesystem::exists(name) && dice() % 2 == 0) {
      std::ofstream(name, std::ios::binary) << content;
    }
  }
  for (const auto& [name, file] : files_) {
    if (!std::filesystem::exists(name)) continue;
    const auto content = torn(file, dice);
    std::ofstream(name, std::ios::binary | std::ios::trunc) << content;
    // It has no lasting entry in its directory either.
    if (!file.synced && content.empty() && dice() % 2 == 0) std::filesystem::remove(name);
    std::filesystem::remove(name + "-shm");
  }
}

}  // namespace klasboek::tests
