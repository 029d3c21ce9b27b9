#pragma once
// Passwords that everybody tries first: long enough to be taken otherwise, and in every list of
// what leaked. In lower case and in order; a small list, since the long ones hold what is too short
// here.
#include <span>
#include <string_view>

namespace klasboek::vault {

std::span<const std::string_view> leaked_passwords();

/// Whether it is one of these, in whatever case.
bool is_leaked(std::string_view password);

}  // namespace klasboek::vault
