#include "reactions/person_text.h"

#include <nlohmann/json.hpp>

namespace klasboek::reactions {

namespace {

std::string member(const nlohmann::json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::string written(const nlohmann::ordered_json& object) {
  return object.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace

std::string PersonName::full() const {
  std::string text = given;
  for (const auto* part : {&prefix, &family}) {
    if (part->empty()) continue;
    if (!text.empty()) text += ' ';
    text += *part;
  }
  return text;
}

std::string to_text(const PersonName& name) {
  return written({{"given", name.given}, {"prefix", name.prefix}, {"family", name.family}});
}

std::string to_text(const ContactCard& card) {
  return written({{"email", card.email}, {"phones", card.phones}});
}

PersonName person_name_of(std::string_view text) {
  const auto object = nlohmann::json::parse(text, nullptr, false);
  if (!object.is_object()) return {{}, {}, std::string(text)};
  return {member(object, "given"), member(object, "prefix"), member(object, "family")};
}

ContactCard contact_card_of(std::string_view text) {
  const auto object = nlohmann::json::parse(text, nullptr, false);
  if (!object.is_object()) return {};
  ContactCard card;
  card.email = member(object, "email");
  const auto phones = object.find("phones");
  if (phones == object.end() || !phones->is_array()) return card;
  for (const auto& phone : *phones) {
    if (phone.is_string()) card.phones.push_back(phone.get<std::string>());
  }
  return card;
}

}  // namespace klasboek::reactions
