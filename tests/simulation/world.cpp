#include "tests/simulation/world.h"

#include "tests/support/given.h"

namespace klasboek::tests {

namespace {

constexpr std::size_t kTraceLinesMax = 4000;
constexpr std::size_t kViolationsMax = 20;
constexpr std::uint64_t kFnvPrime = 0x100000001b3;

}  // namespace

World::World(std::uint64_t seed) : dice_(seed), now_us_(moment("2026-10-05 10:00")) {}

void World::note(std::string_view what) {
  for (const char byte : what) {
    trace_hash_ = (trace_hash_ ^ static_cast<std::uint8_t>(byte)) * kFnvPrime;
  }
  trace_.emplace_back(what);
  if (trace_.size() > kTraceLinesMax) trace_.pop_front();
}

void World::expect(bool holds, std::string_view what) {
  if (holds) return;
  note("VIOLATED: " + std::string(what));
  if (violations_.size() < kViolationsMax) violations_.emplace_back(what);
}

}  // namespace klasboek::tests
