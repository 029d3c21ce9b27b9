#pragma once
// A file that one process holds at a time; the kernel lets go of it when the process ends.
#include <expected>
#include <filesystem>
#include <utility>

#include "vault/fault.h"

namespace klasboek::vault {

class FileLock {
 public:
  /// busy: somebody else holds it. read_only: it can't be made.
  static std::expected<FileLock, VaultFault> take(const std::filesystem::path& file);

  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;
  FileLock(FileLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  FileLock& operator=(FileLock&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
  }
  ~FileLock();

 private:
  explicit FileLock(int descriptor) : descriptor_(descriptor) {}
  int descriptor_ = -1;
};

}  // namespace klasboek::vault
