#pragma once
// What can go wrong with the vault as a whole, as values.
#include <cstdint>
#include <string>
#include <string_view>

#include "events/key_sink.h"

namespace klasboek::vault {

/// Why a vault in service couldn't do what was asked. Nothing was changed, but after unreachable.
enum class VaultFault : std::uint8_t {
  busy,         // another holder of the file kept it too long; ask again
  disk_full,    // no room
  unreachable,  // the topic didn't confirm in time: it may have been done, or be done later
  damaged,      // a row isn't what was written
  read_only,    // opened for reading only
  broken        // the file can't be trusted any more: stop serving, and verify
};

/// Stable name for logs and metrics, as `disk_full`.
std::string_view name_of(VaultFault fault);
events::KeySinkFault to_key_sink_fault(VaultFault fault);

/// Why a vault can't be opened.
enum class OpenFault : std::uint8_t {
  wrong_master_key,
  newer_schema,
  not_a_vault,
  corrupted,
  busy,
  disk_full,
  not_permitted,
  topic_unreachable,
  topic_settings,
  topic_shrunk,
  other_installation
};
std::string_view name_of(OpenFault fault);

struct OpenError {
  OpenFault fault = OpenFault::corrupted;
  /// For the person who starts the program: what is wrong with what, and what to do.
  std::string explanation;
};

}  // namespace klasboek::vault
