#include "events/log/ballast.h"

#include <fcntl.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <system_error>

namespace klasboek::log {

namespace {

/// 0, or what went wrong. Bytes that are really there: a hole would give nothing back.
int allocate(const std::filesystem::path& file, std::uint64_t bytes) {
  const int descriptor = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor < 0) return errno;
  const int error = ::posix_fallocate(descriptor, 0, static_cast<off_t>(bytes));
  ::close(descriptor);
  return error;
}

}  // namespace

void Ballast::take(std::uint64_t free_bytes_min) const {
  std::error_code error;
  if (bytes_ == 0) return;
  const auto size = std::filesystem::file_size(file_, error);
  if (!error && size == bytes_) return;
  const auto space = std::filesystem::space(file_.parent_path(), error);
  const bool is_scarce =
      !error && (space.available < bytes_ || space.available - bytes_ < free_bytes_min);
  const int fault = is_scarce ? ENOSPC : allocate(file_, bytes_);
  if (fault == 0) return;
  spdlog::warn("{}: the ballast of {} bytes can't be kept: {}; free some space", file_.string(),
               bytes_, std::strerror(fault));
  let_go();
}

void Ballast::let_go() const {
  std::error_code ignored;
  std::filesystem::remove(file_, ignored);
}

}  // namespace klasboek::log
