#pragma once
// E-mail addresses as identities: one spelling for each.
#include <optional>
#include <string>
#include <string_view>

namespace klasboek::vault {

inline constexpr std::size_t kEmailBytesMax = 254;
inline constexpr std::size_t kEmailLocalBytesMax = 64;

/// The address as it is compared: without white space around it, ASCII letters in lower case, in
/// both parts (addresses that differ in nothing else are one person's everywhere that matters).
/// Nothing else is changed: no dots or plus signs are taken away, letters outside ASCII stay.
/// nullopt where it is no address: one `@`, something before it and a domain with a dot after it,
/// no white space or control character inside, no quotes, within the lengths above.
std::optional<std::string> normalise_email(std::string_view address);

}  // namespace klasboek::vault
