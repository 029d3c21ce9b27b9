#pragma once
// A disk under an embedded log that fails, or is full, at one call after the other.
#include <cstdint>

namespace klasboek::tests {

enum class DiskFault : std::uint8_t { io_error, no_space };

struct DiskFaults {
  DiskFault fault = DiskFault::io_error;
  /// From some call on, or that call alone.
  bool lasts = true;
  /// Calls between the one that fails and the one that fails in the next run; 1 is every call.
  std::uint64_t stride = 1;
};

/// Fails at some call, then at a later one, until a run makes fewer calls than that. Fails the test
/// where something that was acknowledged is lost, the log stays ready, or it can't be read any
/// more.
void check_disk_faults(const DiskFaults& faults);

}  // namespace klasboek::tests
