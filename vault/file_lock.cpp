#include "vault/file_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

namespace klasboek::vault {

std::expected<FileLock, VaultFault> FileLock::take(const std::filesystem::path& file) {
  const int descriptor = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (descriptor < 0) return std::unexpected(VaultFault::read_only);
  FileLock lock(descriptor);
  if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) return std::unexpected(VaultFault::busy);
  return lock;
}

FileLock::~FileLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

}  // namespace klasboek::vault
