#pragma once
// What the targets share: inputs in parts, frames around what an input holds, and a ledger that
// forgets between inputs.
#include <memory>
#include <span>
#include <vector>

#include "events/commit.h"
#include "events/log/ledger.h"
#include "tests/fuzz/targets.h"
#include "tests/support/temporary_directory.h"

namespace klasboek::tests::fuzz {

/// Throws Broken, by what it says, unless it holds.
void must(bool holds, const char* what);

/// What stands between one kBetween and the next. At most this many; the rest isn't looked at.
inline constexpr std::size_t kPartsMax = 64;
std::vector<Input> parts_of(Input input);

/// The school that all inputs are about.
inline constexpr events::SchoolId kFuzzedSchool{{0x0190'0000'0000'7000, 0x8000'0000'0000'0001}};
inline constexpr std::int64_t kDecidedAtUs = 1'780'000'000'000'000;

/// A frame of this payload, with the header that it must have.
events::Bytes with_header(Input payload);
/// The frame of a commit of one event, whose bytes may be anything.
events::Bytes frame_around(const events::CommandId& command, const events::Condition& condition,
                           Input event);

/// The target envelope; returns how many events of the input went all the way.
std::size_t carry(Input input);

/// Decodes all of a frame, and each event once more from a new encoding of it.
void check_frame(const events::FrameView& view);

/// An empty ledger. Records are applied in batches that are never written, so that each input
/// begins where the one before began.
class EmptyLedger {
 public:
  explicit EmptyLedger(bool begins_with_genesis);
  [[nodiscard]] log::Ledger& ledger() { return *ledger_; }

 private:
  TemporaryDirectory directory_;
  std::unique_ptr<log::Ledger> ledger_;
};

}  // namespace klasboek::tests::fuzz
