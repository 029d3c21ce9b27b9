#include "api/person_text.h"

#include <nlohmann/json.hpp>

#include "api/json_writer.h"

namespace klasboek::api {

namespace {

std::string member(const nlohmann::json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
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
  std::string text;
  JsonWriter(text)
      .begin_object()
      .text("given", name.given)
      .text("prefix", name.prefix)
      .text("family", name.family)
      .end_object();
  return text;
}

std::string to_text(const ContactCard& card) {
  std::string text;
  JsonWriter json(text);
  json.begin_object().text("email", card.email).begin_array("phones");
  for (const auto& phone : card.phones) json.text(phone);
  json.end_array().end_object();
  return text;
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

}  // namespace klasboek::api
