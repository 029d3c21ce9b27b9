#include "api/letter.h"

#include <string_view>

namespace klasboek::api {

namespace {

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

constexpr std::string_view kStyle =
    "body{font:12pt/1.5 serif;margin:25mm 20mm;max-width:170mm}"
    "code{font:11pt monospace;overflow-wrap:anywhere;display:block;margin:1em 0}";

}  // namespace

std::string to_html(const InvitationLetter& letter) {
  const auto school = escaped(letter.school_name);
  const auto name = escaped(letter.name);
  const auto link = "<code>" + escaped(letter.url) + "</code>";
  const auto last_day = events::to_text(letter.last_day);
  return "<!doctype html><html lang=\"nl\"><head><meta charset=\"utf-8\"><title>Uitnodiging</title>"
         "<style>" +
         std::string(kStyle) + "</style></head><body><h1>" + school + "</h1><p>Aan: " + name +
         "</p><p>" + school +
         " nodigt u uit voor klasboek, het besloten portaal van de school. Typ dit adres over in "
         "uw browser en kies een wachtwoord:</p>" +
         link + "<p>Het adres is alleen voor u, werkt één keer en is geldig tot en met " +
         last_day + ".</p><hr><div lang=\"en\"><p>" + school +
         " invites you to klasboek, the school's closed portal. Type the address above into your "
         "browser and choose a password. It is for you alone, works once and is good until " +
         last_day + ".</p></div></body></html>";
}

}  // namespace klasboek::api
