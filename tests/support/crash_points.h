#pragma once
// Where klasboek_crashing can be told to end itself: at each step of a command, within the write of
// a commit, and at any change of the disk.
#include <array>
#include <cstdint>
#include <string_view>

#include "events/log/surroundings.h"

namespace klasboek::tests {

enum class CrashPoint : std::uint8_t {
  keys_durable,
  before_append,
  before_sync,  // the write-ahead log of the ledger has the bytes of a group, unsynced
  after_sync,   // and synced
  after_append,
  acknowledged,
  before_projection,
  after_projection,
  before_answer,
  after_answer,
  before_claim,
  after_claim,
  handed_over,
  disk_call  // before any file of ledger or views is changed, from the very start
};

/// Those that a run must have met by name.
inline constexpr std::array kNamedCrashPoints = {
    CrashPoint::keys_durable,      CrashPoint::before_append,    CrashPoint::before_sync,
    CrashPoint::after_sync,        CrashPoint::after_append,     CrashPoint::acknowledged,
    CrashPoint::before_projection, CrashPoint::after_projection, CrashPoint::before_answer,
    CrashPoint::after_answer,      CrashPoint::before_claim,     CrashPoint::after_claim,
    CrashPoint::handed_over};

std::string_view name_of(CrashPoint point);
CrashPoint point_of(log::Step step);

}  // namespace klasboek::tests
