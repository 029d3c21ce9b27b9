#pragma once
// A small file beside the ledger that says how far the log was acknowledged. It is written after
// each synced batch and before anybody is answered, so that a ledger that lost its end is noticed
// at start.
#include <expected>
#include <filesystem>
#include <optional>

#include "events/log/ledger.h"

namespace klasboek::log {

/// Two slots that are written in turn, each with a checksum: a torn write leaves the other one.
class AcknowledgedFile {
 public:
  static std::expected<AcknowledgedFile, LogFault> open(const std::filesystem::path& path);
  AcknowledgedFile(AcknowledgedFile&& other) noexcept;
  AcknowledgedFile& operator=(AcknowledgedFile&& other) noexcept;
  AcknowledgedFile(const AcknowledgedFile&) = delete;
  AcknowledgedFile& operator=(const AcknowledgedFile&) = delete;
  ~AcknowledgedFile();

  /// The furthest tail that was written; nullopt in a new file.
  [[nodiscard]] const std::optional<Tail>& tail() const { return tail_; }
  /// Not synced: after a power cut it may be behind the ledger, never ahead of it.
  std::expected<void, LogFault> write(const Tail& tail);

 private:
  AcknowledgedFile(int file, std::filesystem::path path) : file_(file), path_(std::move(path)) {}

  int file_ = -1;
  std::filesystem::path path_;
  std::optional<Tail> tail_;
  unsigned next_slot_ = 0;
};

}  // namespace klasboek::log
