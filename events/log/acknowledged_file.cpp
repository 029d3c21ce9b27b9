#include "events/log/acknowledged_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

#include "events/log/ledger_rows.h"

namespace klasboek::log {

namespace {

constexpr std::size_t kTailBytes = 8 + 32;
constexpr std::size_t kChecksumBytes = 8;
constexpr std::size_t kSlotBytes = kTailBytes + kChecksumBytes;
constexpr unsigned kSlots = 2;

using Slot = std::array<std::uint8_t, kSlotBytes>;

Slot encode_slot(const Tail& tail) {
  const std::string row = rows::encode_tail(tail);
  Slot slot{};
  std::memcpy(slot.data(), row.data(), kTailBytes);
  const auto checksum = events::sha256(std::span(slot).first<kTailBytes>());
  std::memcpy(slot.data() + kTailBytes, checksum.data(), kChecksumBytes);
  return slot;
}

std::optional<Tail> decode_slot(const Slot& slot) {
  const auto checksum = events::sha256(std::span(slot).first<kTailBytes>());
  if (std::memcmp(checksum.data(), slot.data() + kTailBytes, kChecksumBytes) != 0) {
    return std::nullopt;
  }
  return rows::decode_tail({reinterpret_cast<const char*>(slot.data()), kTailBytes});
}

LogFault fault_of(const std::filesystem::path& path, int error) {
  return {LogFaultKind::disk, path.string() + ": " + std::strerror(error)};
}

}  // namespace

std::expected<AcknowledgedFile, LogFault> AcknowledgedFile::open(
    const std::filesystem::path& path) {
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) return std::unexpected(fault_of(path, errno));
  AcknowledgedFile opened(file, path);
  for (unsigned i = 0; i < kSlots; ++i) {
    Slot slot{};
    const auto length = ::pread(file, slot.data(), slot.size(), static_cast<off_t>(i * kSlotBytes));
    if (length < 0) return std::unexpected(fault_of(path, errno));
    if (length != static_cast<ssize_t>(slot.size())) continue;
    const auto tail = decode_slot(slot);
    if (tail && (!opened.tail_ || tail->position >= opened.tail_->position)) {
      opened.tail_ = tail;
      opened.next_slot_ = (i + 1) % kSlots;
    }
  }
  return opened;
}

AcknowledgedFile::AcknowledgedFile(AcknowledgedFile&& other) noexcept
    : file_(std::exchange(other.file_, -1)),
      path_(std::move(other.path_)),
      tail_(other.tail_),
      next_slot_(other.next_slot_) {}

AcknowledgedFile& AcknowledgedFile::operator=(AcknowledgedFile&& other) noexcept {
  std::swap(file_, other.file_);
  path_ = std::move(other.path_);
  tail_ = other.tail_;
  next_slot_ = other.next_slot_;
  return *this;
}

AcknowledgedFile::~AcknowledgedFile() {
  if (file_ >= 0) ::close(file_);
}

std::expected<void, LogFault> AcknowledgedFile::write(const Tail& tail) {
  const auto slot = encode_slot(tail);
  const auto written =
      ::pwrite(file_, slot.data(), slot.size(), static_cast<off_t>(next_slot_ * kSlotBytes));
  if (written != static_cast<ssize_t>(slot.size())) {
    return std::unexpected(fault_of(path_, written < 0 ? errno : ENOSPC));
  }
  tail_ = tail;
  next_slot_ = (next_slot_ + 1) % kSlots;
  return {};
}

}  // namespace klasboek::log
