#include "vault/fault.h"

#include <utility>

namespace klasboek::vault {

std::string_view name_of(VaultFault fault) {
  switch (fault) {
    case VaultFault::busy:
      return "busy";
    case VaultFault::disk_full:
      return "disk_full";
    case VaultFault::unreachable:
      return "unreachable";
    case VaultFault::damaged:
      return "damaged";
    case VaultFault::read_only:
      return "read_only";
    case VaultFault::broken:
      return "broken";
  }
  std::unreachable();
}

events::KeySinkFault to_key_sink_fault(VaultFault fault) {
  switch (fault) {
    case VaultFault::busy:
      return events::KeySinkFault::busy;
    case VaultFault::disk_full:
      return events::KeySinkFault::disk_full;
    case VaultFault::unreachable:
      return events::KeySinkFault::unreachable;
    case VaultFault::damaged:
    case VaultFault::read_only:
    case VaultFault::broken:
      return events::KeySinkFault::broken;
  }
  std::unreachable();
}

std::string_view name_of(OpenFault fault) {
  switch (fault) {
    case OpenFault::wrong_master_key:
      return "wrong_master_key";
    case OpenFault::newer_schema:
      return "newer_schema";
    case OpenFault::not_a_vault:
      return "not_a_vault";
    case OpenFault::corrupted:
      return "corrupted";
    case OpenFault::busy:
      return "busy";
    case OpenFault::disk_full:
      return "disk_full";
    case OpenFault::not_permitted:
      return "not_permitted";
    case OpenFault::topic_unreachable:
      return "topic_unreachable";
    case OpenFault::topic_settings:
      return "topic_settings";
    case OpenFault::topic_shrunk:
      return "topic_shrunk";
    case OpenFault::other_installation:
      return "other_installation";
  }
  std::unreachable();
}

}  // namespace klasboek::vault
