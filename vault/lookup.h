#pragma once
// Finds the id of a child, an account or a group by what the outside calls it, without keeping what
// the outside calls it: a keyed hash of (school, kind, value) stands for it.
//
// Whoever claims a value first has it: two imports that meet the same new pupil at the same moment
// get the same id.
#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "events/ids.h"
#include "events/key_sink.h"
#include "vault/secret_store.h"

namespace klasboek::vault {

/// What a value is. The numbers are in the hashes and never reused.
enum class LookupKind : std::uint8_t {
  roster_pupil_key = 1,
  roster_staff_key = 2,
  roster_group_key = 3,
  email = 4  // normalised here; what is no address is compared byte by byte
};

struct LookupClaim {
  LookupKind kind = LookupKind::roster_pupil_key;
  std::string value;
  /// What the value is to mean, if nobody was first.
  events::Uuid id;
};

/// Thread-safe.
class Lookup {
 public:
  /// REQUIRES: store, writer and wrapping outlive it.
  Lookup(SecretStore& store, SecretWriter& writer, const Wrapping& wrapping,
         const events::KeyBytes& lookup_key);

  std::expected<std::optional<events::Uuid>, VaultFault> find(const events::SchoolId& school,
                                                              LookupKind kind,
                                                              std::string_view value);

  /// For each claim the id that stands, in their order: its own, or that of who was first. One sync
  /// for all of them.
  std::expected<std::vector<events::Uuid>, VaultFault> claim(const events::SchoolId& school,
                                                             std::span<const LookupClaim> claims);

  /// Whether any value means this id.
  std::expected<bool, VaultFault> is_known(const events::Uuid& id);

  /// A keyed hash of what somebody handed in, so that a repeat is recognised by nobody else.
  [[nodiscard]] events::Hash digest(const events::SchoolId& school,
                                    std::span<const std::string_view> parts) const;

  /// Every value that means this id means nothing any more. busy: done, but remains may be in the
  /// write-ahead log; ask again.
  std::expected<void, VaultFault> forget(const events::Uuid& id);
  /// This one value means nothing any more, as when somebody's address changed.
  std::expected<void, VaultFault> forget(const events::SchoolId& school, LookupKind kind,
                                         std::string_view value);

 private:
  [[nodiscard]] Bytes hash_of(const events::SchoolId& school, LookupKind kind,
                              std::string_view value) const;
  std::expected<std::optional<events::Uuid>, VaultFault> standing(const Bytes& hash);
  template <class FindRows>
  std::expected<void, VaultFault> forget_where(FindRows find_rows);

  SecretStore& store_;
  SecretWriter& writer_;
  const Wrapping& wrapping_;
  events::KeyBytes lookup_key_;
};

}  // namespace klasboek::vault
