#pragma once
// Bytes that are kept beside a log for the day on which its disk is full: letting go of them leaves
// room to end the program in order, to clean up and to start again.
#include <cstdint>
#include <filesystem>

namespace klasboek::log {

/// Enough for what the databases write while they are closed and opened again.
inline constexpr std::uint64_t kBallastBytes = 16ULL << 20;

/// Not thread safe, but let_go may be called on another thread than the rest.
class Ballast {
 public:
  /// bytes: 0 is none.
  Ballast(std::filesystem::path file, std::uint64_t bytes)
      : file_(std::move(file)), bytes_(bytes) {}

  /// Takes its bytes on the disk, unless fewer than free_bytes_min would be left. Where that can't
  /// be it says so in the log and goes on: a school can work without.
  void take(std::uint64_t free_bytes_min) const;
  /// Gives them back.
  void let_go() const;

 private:
  std::filesystem::path file_;
  std::uint64_t bytes_;
};

}  // namespace klasboek::log
