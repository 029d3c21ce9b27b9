#pragma once
// Kills a school's server again and again while people use it, and then looks whether the register
// kept its promise.
#include <cstdint>
#include <string>

namespace klasboek::tests {

struct CrashRunOptions {
  /// Of the moments and of what people ask; what threads make of it differs from run to run.
  std::uint64_t seed = 0;
  /// All in all, those at named points included.
  std::size_t kills = 0;
  /// Paths of `klasboek` and `klasboek_crashing`.
  std::string program;
  std::string crashing_program;
};

/// Fails the test where anything that was acknowledged isn't there, where anything was done twice,
/// where a request's outcome can't be settled, where versions have gaps, where the log doesn't
/// verify or views differ from it, and where a named point was never met.
void check_kills(const CrashRunOptions& options);

}  // namespace klasboek::tests
