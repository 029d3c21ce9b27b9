#pragma once
// What stands inside the sealed texts of a person: small JSON objects with fixed members.
#include <string>
#include <string_view>
#include <vector>

namespace klasboek::reactions {

/// `{"given":…,"prefix":…,"family":…}`
struct PersonName {
  std::string given;
  std::string prefix;
  std::string family;
  bool operator==(const PersonName&) const = default;
  /// As people say it: given, prefix, family.
  [[nodiscard]] std::string full() const;
};

/// `{"email":…,"phones":[…]}`, phones in the order of calling.
struct ContactCard {
  std::string email;
  std::vector<std::string> phones;
  bool operator==(const ContactCard&) const = default;
};

std::string to_text(const PersonName& name);
std::string to_text(const ContactCard& card);
/// What can't be read (erased, or not there) gives an empty name or card, with the text itself as
/// the family name where it is a placeholder.
PersonName person_name_of(std::string_view text);
ContactCard contact_card_of(std::string_view text);

}  // namespace klasboek::reactions
