#include "reactions/mail_text.h"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

#include "events/local_time.h"

namespace klasboek::reactions {

namespace {

struct Wording {
  std::string_view subject;
  std::string_view dutch;
  std::string_view english;
};

// {school}, {link} and {until} are filled in. The subject is Dutch only: it has to be short.
constexpr Wording kInvitation = {
    "Uitnodiging van {school}",
    "Goedendag,\n\n"
    "{school} nodigt u uit voor klasboek, het besloten portaal van de school. Met deze link komt u "
    "binnen en kiest u een wachtwoord:\n\n"
    "{link}\n\n"
    "De link is alleen voor u, werkt één keer en is geldig tot {until}. Verwachtte u deze mail "
    "niet? Laat het de school weten.\n",
    "{school} invites you to klasboek, the school's closed portal. The link above lets you in "
    "once, "
    "until {until}; it is for you alone. If you didn't expect this mail, please tell the "
    "school.\n"};
constexpr Wording kLeaveDecision = {
    "Bericht over uw verlofaanvraag",
    "Goedendag,\n\n"
    "{school} heeft gereageerd op een verlofaanvraag of mededeling van u. Log in om het te "
    "lezen:\n\n"
    "{link}\n",
    "{school} has responded to a leave request or notice of yours. Please log in at the address "
    "above to read it.\n"};
constexpr Wording kAbsenceNotice = {
    "Er is een afwezigheid gemeld",
    "Goedendag,\n\n"
    "Bij {school} is een afwezigheid vastgelegd van een kind van wie u ouder of verzorger bent. "
    "Log "
    "in om te zien welke:\n\n"
    "{link}\n",
    "{school} has recorded an absence of a child of yours. Please log in at the address above to "
    "see it.\n"};

constexpr Wording kPasswordReset = {
    "Nieuw wachtwoord voor klasboek",
    "Goedendag,\n\n"
    "Iemand, waarschijnlijk u, vroeg een nieuw wachtwoord voor klasboek, het portaal van {school}. "
    "Kies het met deze link:\n\n"
    "{link}\n\n"
    "De link werkt één keer en is geldig tot {until}. Vroeg u er niet om? Dan hoeft u niets te "
    "doen: uw wachtwoord blijft zoals het is.\n",
    "Somebody, probably you, asked for a new password for klasboek, the portal of {school}. The "
    "link above lets you choose one, once, until {until}. If it wasn't you, there is nothing to "
    "do: your password stays as it is.\n"};

const Wording& wording_of(events::MessageKind message) {
  switch (message) {
    case events::MessageKind::invitation:
      return kInvitation;
    case events::MessageKind::leave_decision:
      return kLeaveDecision;
    case events::MessageKind::absence_notice:
      return kAbsenceNotice;
    case events::MessageKind::password_reset:
      return kPasswordReset;
  }
  std::unreachable();
}

std::string two_digits(unsigned value) {
  return {static_cast<char>('0' + value / 10 % 10), static_cast<char>('0' + value % 10)};
}

using MonthNames = std::array<std::string_view, 12>;
constexpr MonthNames kDutchMonths = {"januari",   "februari", "maart",    "april",
                                     "mei",       "juni",     "juli",     "augustus",
                                     "september", "oktober",  "november", "december"};
constexpr MonthNames kEnglishMonths = {"January",   "February", "March",    "April",
                                       "May",       "June",     "July",     "August",
                                       "September", "October",  "November", "December"};
constexpr std::array<std::string_view, 7> kWeekdays = {"Mon", "Tue", "Wed", "Thu",
                                                       "Fri", "Sat", "Sun"};

/// `23 december 2026, 10:15`, on the school's wall.
std::string until_text(const MailLetter& letter, const MonthNames& months) {
  constexpr unsigned kHourMinutes = 60;
  const auto local = events::local_time(letter.time_zone, letter.expires_at_us);
  const auto date = local.day.date();
  return std::to_string(unsigned(date.day())) + " " +
         std::string(months.at(unsigned(date.month()) - 1)) + " " +
         std::to_string(int(date.year())) + ", " + two_digits(local.minute / kHourMinutes) + ":" +
         two_digits(local.minute % kHourMinutes);
}

/// In one pass, so that a school's name can't name another place.
std::string filled(std::string_view text, const MailLetter& letter, const MonthNames& months) {
  std::string out;
  while (!text.empty()) {
    const auto open = std::min(text.find('{'), text.size());
    out += text.substr(0, open);
    text.remove_prefix(open);
    if (text.empty()) break;
    const auto name = text.substr(0, text.find('}') + 1);
    if (name == "{school}") out += letter.school_name;
    if (name == "{link}") out += letter.link;
    if (name == "{until}") out += until_text(letter, months);
    text.remove_prefix(name.size());
  }
  return out;
}

/// RFC 5322, 3.3, in UTC.
std::string date_text(std::int64_t at_us) {
  using namespace std::chrono;
  const sys_time<microseconds> at{microseconds(at_us)};
  const auto day = floor<days>(at);
  const events::Day whole_day{static_cast<std::int32_t>(day.time_since_epoch().count())};
  const auto date = whole_day.date();
  const hh_mm_ss time(floor<seconds>(at - day));
  return std::string(kWeekdays.at(whole_day.weekday() - 1)) + ", " +
         std::to_string(unsigned(date.day())) + " " +
         std::string(kEnglishMonths.at(unsigned(date.month()) - 1).substr(0, 3)) + " " +
         std::to_string(int(date.year())) + " " +
         two_digits(static_cast<unsigned>(time.hours().count())) + ":" +
         two_digits(static_cast<unsigned>(time.minutes().count())) + ":" +
         two_digits(static_cast<unsigned>(time.seconds().count())) + " +0000";
}

bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == ' ' ||
         c == '-';
}

/// How much of the text fits in `bytes_max` without parting a character of UTF-8.
std::size_t whole_characters(std::string_view text, std::size_t bytes_max) {
  if (text.size() <= bytes_max) return text.size();
  std::size_t end = bytes_max;
  while (end > 1 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80) --end;
  return end;
}

std::string base64(std::string_view text) {
  std::string encoded(sodium_base64_ENCODED_LEN(text.size(), sodium_base64_VARIANT_ORIGINAL), '\0');
  sodium_bin2base64(encoded.data(), encoded.size(),
                    reinterpret_cast<const unsigned char*>(text.data()), text.size(),
                    sodium_base64_VARIANT_ORIGINAL);
  encoded.pop_back();  // the zero at the end
  return encoded;
}

std::string field(std::string_view name, std::string_view value) {
  return std::string(name) + ": " + std::string(value) + "\r\n";
}

}  // namespace

std::string header_text(std::string_view text) {
  // A line of a header has 78 characters at most, an encoded word 75: 45 bytes of text.
  constexpr std::size_t kPlainMax = 60;
  constexpr std::size_t kWordBytesMax = 45;
  if (text.size() <= kPlainMax && std::ranges::all_of(text, is_plain)) return std::string(text);
  std::string words;
  while (!text.empty()) {
    const auto part = text.substr(0, whole_characters(text, kWordBytesMax));
    if (!words.empty()) words += "\r\n ";
    words += "=?UTF-8?B?" + base64(part) + "?=";
    text.remove_prefix(part.size());
  }
  return words;
}

std::string quoted_printable(std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  constexpr std::size_t kLineMax = 75;  // and the = that says that it goes on
  std::string out;
  std::size_t in_line = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\n') {
      out += "\r\n";
      in_line = 0;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    const bool ends_line = i + 1 == text.size() || text[i + 1] == '\n';
    const bool as_is = c != '=' && ((byte > 0x20 && byte < 0x7F) || (c == ' ' && !ends_line));
    const std::size_t width = as_is ? 1 : 3;
    if (in_line + width > kLineMax) {
      out += "=\r\n";
      in_line = 0;
    }
    if (as_is) {
      out += c;
    } else {
      out += {'=', kHex[byte >> 4U], kHex[byte & 0xFU]};
    }
    in_line += width;
  }
  return out;
}

Mail compose(const MailLetter& letter) {
  const auto& wording = wording_of(letter.message);
  const std::string domain = letter.from.substr(letter.from.find('@') + 1);
  std::string body = filled(wording.dutch, letter, kDutchMonths) + "\n-- English --\n" +
                     filled(wording.english, letter, kEnglishMonths);
  Mail mail;
  mail.from = letter.from;
  mail.to = letter.to;
  mail.text = field("From", header_text(letter.school_name) + "\r\n <" + letter.from + ">") +
              field("To", "<" + letter.to + ">") +
              field("Subject", header_text(filled(wording.subject, letter, kDutchMonths))) +
              field("Date", date_text(letter.sent_at_us)) +
              field("Message-ID", "<" + letter.id + "@" + domain + ">") +
              // Nobody is to be told that he is on holiday, and no program is to answer (RFC 3834).
              field("Auto-Submitted", "auto-generated") + field("MIME-Version", "1.0") +
              field("Content-Type", "text/plain; charset=utf-8") +
              field("Content-Transfer-Encoding", "quoted-printable") + "\r\n" +
              quoted_printable(body);
  return mail;
}

}  // namespace klasboek::reactions
