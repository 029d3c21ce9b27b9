#pragma once
// The keys and bytes of the inbox's rows. Only the inbox includes this.
#include <string>
#include <string_view>

#include "projections/directory.h"
#include "projections/inbox.h"

namespace klasboek::projections::inbox::rows {

std::string account_prefix(events::AccountId account);
std::string notification_key(events::AccountId account, std::int64_t at_us, std::uint64_t sequence);
std::string guardians_key(events::ChildId child);
std::string heads_prefix();
std::string head_key(events::AccountId account);
/// The account that a head_key names.
events::AccountId head_of(std::string_view key);
std::string zone_key();

std::string encode(const Notification& row);
Notification decode_notification(std::string_view bytes);

struct Guardian {
  events::AccountId account;
  events::Authority authority = events::Authority::unknown;
  bool shielded = false;
};
std::string encode(const std::vector<Guardian>& guardians);
std::vector<Guardian> decode_guardians(std::string_view bytes);

std::string encode(const std::vector<directory::RoleTerm>& roles);
std::vector<directory::RoleTerm> decode_roles(std::string_view bytes);

}  // namespace klasboek::projections::inbox::rows
