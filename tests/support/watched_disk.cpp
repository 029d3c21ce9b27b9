#include "tests/support/watched_disk.h"

namespace klasboek::tests {

namespace {

using rocksdb::FileOptions;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;

/// Shared by the disk and its files, which may outlive it.
struct Watched {
  DiskWatch watch;

  template <class Call>
  IOStatus around(const DiskCall& about, const Call& call) const {
    if (watch.before) {
      if (auto refused = watch.before(about); !refused.ok()) return refused;
    }
    auto status = call();
    if (status.ok() && watch.after) watch.after(about);
    return status;
  }

  template <class Call>
  IOStatus around_sync(const DiskCall& about, const Call& call) const {
    return around(about, [&] { return watch.syncs ? call() : IOStatus::OK(); });
  }
};

class WatchedFile final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  WatchedFile(std::unique_ptr<rocksdb::FSWritableFile> file, std::string name,
              std::shared_ptr<const Watched> watched)
      : FSWritableFileOwnerWrapper(std::move(file)),
        name_(std::move(name)),
        watched_(std::move(watched)) {}

  IOStatus Append(const rocksdb::Slice& bytes, const IOOptions& options,
                  IODebugContext* debug) override {
    return watched_->around({DiskOperation::append, name_, {}, bytes.size()},
                            [&] { return target()->Append(bytes, options, debug); });
  }
  IOStatus Append(const rocksdb::Slice& bytes, const IOOptions& options,
                  const rocksdb::DataVerificationInfo& verification,
                  IODebugContext* debug) override {
    return watched_->around({DiskOperation::append, name_, {}, bytes.size()},
                            [&] { return target()->Append(bytes, options, verification, debug); });
  }
  IOStatus PositionedAppend(const rocksdb::Slice& bytes, std::uint64_t at, const IOOptions& options,
                            IODebugContext* debug) override {
    return watched_->around({DiskOperation::append, name_, {}, bytes.size()},
                            [&] { return target()->PositionedAppend(bytes, at, options, debug); });
  }
  IOStatus PositionedAppend(const rocksdb::Slice& bytes, std::uint64_t at, const IOOptions& options,
                            const rocksdb::DataVerificationInfo& verification,
                            IODebugContext* debug) override {
    return watched_->around({DiskOperation::append, name_, {}, bytes.size()}, [&] {
      return target()->PositionedAppend(bytes, at, options, verification, debug);
    });
  }
  IOStatus Truncate(std::uint64_t size, const IOOptions& options, IODebugContext* debug) override {
    return watched_->around({DiskOperation::truncate, name_, {}, size},
                            [&] { return target()->Truncate(size, options, debug); });
  }
  IOStatus Sync(const IOOptions& options, IODebugContext* debug) override {
    return watched_->around_sync({DiskOperation::sync, name_},
                                 [&] { return target()->Sync(options, debug); });
  }
  IOStatus Fsync(const IOOptions& options, IODebugContext* debug) override {
    return watched_->around_sync({DiskOperation::sync, name_},
                                 [&] { return target()->Fsync(options, debug); });
  }

  void SetPreallocationBlockSize(std::size_t size) override {
    if (watched_->watch.syncs) target()->SetPreallocationBlockSize(size);
  }

 private:
  std::string name_;
  std::shared_ptr<const Watched> watched_;
};

/// Of one that is written in place: what is written where, is of no interest, only that it is.
class WatchedRandomFile final : public rocksdb::FSRandomRWFileOwnerWrapper {
 public:
  WatchedRandomFile(std::unique_ptr<rocksdb::FSRandomRWFile> file, std::string name,
                    std::shared_ptr<const Watched> watched)
      : FSRandomRWFileOwnerWrapper(std::move(file)),
        name_(std::move(name)),
        watched_(std::move(watched)) {}

  IOStatus Write(std::uint64_t at, const rocksdb::Slice& bytes, const IOOptions& options,
                 IODebugContext* debug) override {
    return watched_->around({DiskOperation::overwrite, name_, {}, bytes.size()}, [&] {
      return FSRandomRWFileOwnerWrapper::Write(at, bytes, options, debug);
    });
  }

 private:
  std::string name_;
  std::shared_ptr<const Watched> watched_;
};

class WatchedDirectory final : public rocksdb::FSDirectoryWrapper {
 public:
  WatchedDirectory(std::unique_ptr<rocksdb::FSDirectory> directory, std::string name,
                   std::shared_ptr<const Watched> watched)
      : FSDirectoryWrapper(std::move(directory)),
        name_(std::move(name)),
        watched_(std::move(watched)) {}

  IOStatus Fsync(const IOOptions& options, IODebugContext* debug) override {
    return watched_->around_sync({DiskOperation::sync_directory, name_},
                                 [&] { return FSDirectoryWrapper::Fsync(options, debug); });
  }
  IOStatus FsyncWithDirOptions(const IOOptions& options, IODebugContext* debug,
                               const rocksdb::DirFsyncOptions& how) override {
    return watched_->around_sync({DiskOperation::sync_directory, name_}, [&] {
      return FSDirectoryWrapper::FsyncWithDirOptions(options, debug, how);
    });
  }

 private:
  std::string name_;
  std::shared_ptr<const Watched> watched_;
};

class WatchedFiles final : public rocksdb::FileSystemWrapper {
 public:
  explicit WatchedFiles(DiskWatch watch)
      : FileSystemWrapper(rocksdb::FileSystem::Default()),
        watched_(std::make_shared<const Watched>(Watched{std::move(watch)})) {}

  [[nodiscard]] const char* Name() const override { return "WatchedFiles"; }

  IOStatus NewWritableFile(const std::string& name, const FileOptions& options,
                           std::unique_ptr<rocksdb::FSWritableFile>* file,
                           IODebugContext* debug) override {
    return opened(name, file,
                  [&] { return FileSystemWrapper::NewWritableFile(name, options, file, debug); });
  }
  IOStatus ReopenWritableFile(const std::string& name, const FileOptions& options,
                              std::unique_ptr<rocksdb::FSWritableFile>* file,
                              IODebugContext* debug) override {
    return opened(name, file, [&] {
      return FileSystemWrapper::ReopenWritableFile(name, options, file, debug);
    });
  }
  IOStatus ReuseWritableFile(const std::string& name, const std::string& old_name,
                             const FileOptions& options,
                             std::unique_ptr<rocksdb::FSWritableFile>* file,
                             IODebugContext* debug) override {
    return opened(name, file, [&] {
      return FileSystemWrapper::ReuseWritableFile(name, old_name, options, file, debug);
    });
  }
  IOStatus NewRandomRWFile(const std::string& name, const FileOptions& options,
                           std::unique_ptr<rocksdb::FSRandomRWFile>* file,
                           IODebugContext* debug) override {
    auto status = FileSystemWrapper::NewRandomRWFile(name, options, file, debug);
    if (status.ok()) *file = std::make_unique<WatchedRandomFile>(std::move(*file), name, watched_);
    return status;
  }
  IOStatus NewDirectory(const std::string& name, const IOOptions& options,
                        std::unique_ptr<rocksdb::FSDirectory>* directory,
                        IODebugContext* debug) override {
    auto status = FileSystemWrapper::NewDirectory(name, options, directory, debug);
    if (status.ok()) {
      *directory = std::make_unique<WatchedDirectory>(std::move(*directory), name, watched_);
    }
    return status;
  }
  IOStatus RenameFile(const std::string& from, const std::string& to, const IOOptions& options,
                      IODebugContext* debug) override {
    return watched_->around({DiskOperation::rename, to, from}, [&] {
      return FileSystemWrapper::RenameFile(from, to, options, debug);
    });
  }
  IOStatus LinkFile(const std::string& from, const std::string& to, const IOOptions& options,
                    IODebugContext* debug) override {
    return watched_->around({DiskOperation::link, to, from},
                            [&] { return FileSystemWrapper::LinkFile(from, to, options, debug); });
  }
  IOStatus DeleteFile(const std::string& name, const IOOptions& options,
                      IODebugContext* debug) override {
    return watched_->around({DiskOperation::remove, name},
                            [&] { return FileSystemWrapper::DeleteFile(name, options, debug); });
  }

 private:
  template <class Open>
  IOStatus opened(const std::string& name, std::unique_ptr<rocksdb::FSWritableFile>* file,
                  const Open& open) {
    auto status = watched_->around({DiskOperation::create, name}, open);
    if (status.ok()) *file = std::make_unique<WatchedFile>(std::move(*file), name, watched_);
    return status;
  }

  std::shared_ptr<const Watched> watched_;
};

}  // namespace

bool DiskCall::is_of_log_in(std::string_view directory) const {
  const auto slash = file.rfind('/');
  if (!file.ends_with(".log") || slash == std::string::npos) return false;
  return std::string_view(file).substr(0, slash).ends_with("/" + std::string(directory));
}

std::unique_ptr<rocksdb::Env> watched_disk(DiskWatch watch) {
  return rocksdb::NewCompositeEnv(std::make_shared<WatchedFiles>(std::move(watch)));
}

}  // namespace klasboek::tests
