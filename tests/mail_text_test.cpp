#include "reactions/mail_text.h"

#include <catch2/catch.hpp>

#include "tests/support/smtp_server.h"

namespace klasboek::tests {
namespace {

using events::MessageKind;
using reactions::compose;
using reactions::header_text;
using reactions::MailLetter;
using reactions::quoted_printable;

/// Friday 23 October 2026, 08:15:09 in Amsterdam.
constexpr std::int64_t kSentAtUs = 1'792'736'109'000'000;
constexpr std::int64_t kWeekUs = 7LL * 24 * 3600 * 1'000'000;

MailLetter a_letter(MessageKind message) {
  MailLetter letter;
  letter.message = message;
  letter.school_name = "Basisschool De Krakeend";
  letter.from = "klasboek@school.example";
  letter.to = "sietske@thuis.example";
  letter.link = "https://klasboek.school.example/";
  letter.expires_at_us = kSentAtUs + kWeekUs;
  letter.time_zone = "Europe/Amsterdam";
  letter.id = "mail_01h455vb4pex5vsknk084sn02q";
  letter.sent_at_us = kSentAtUs;
  return letter;
}

std::size_t longest_line(const std::string& text) {
  std::size_t longest = 0;
  for (std::size_t from = 0; from < text.size();) {
    const auto end = std::min(text.find("\r\n", from), text.size());
    longest = std::max(longest, end - from);
    from = end + 2;
  }
  return longest;
}

}  // namespace

TEST_CASE("a mail has the headers that mail programs and other programs go by") {
  const auto mail = compose(a_letter(MessageKind::leave_decision));
  CHECK(mail.from == "klasboek@school.example");
  CHECK(mail.to == "sietske@thuis.example");
  CHECK(header_of(mail.text, "From") == "Basisschool De Krakeend <klasboek@school.example>");
  CHECK(header_of(mail.text, "To") == "<sietske@thuis.example>");
  CHECK(header_of(mail.text, "Subject") == "Bericht over uw verlofaanvraag");
  CHECK(header_of(mail.text, "Date") == "Fri, 23 Oct 2026 06:15:09 +0000");
  CHECK(header_of(mail.text, "Message-ID") == "<mail_01h455vb4pex5vsknk084sn02q@school.example>");
  CHECK(header_of(mail.text, "Auto-Submitted") == "auto-generated");
  CHECK(header_of(mail.text, "Content-Type") == "text/plain; charset=utf-8");
}

TEST_CASE("every mail says in Dutch and English what it is about and where to read it") {
  for (const auto message : {MessageKind::invitation, MessageKind::leave_decision,
                             MessageKind::absence_notice, MessageKind::password_reset}) {
    const auto mail = compose(a_letter(message));
    const auto body = body_of(mail.text);
    CAPTURE(body);
    CHECK(body.contains("Goedendag"));
    CHECK(body.contains("Basisschool De Krakeend"));
    CHECK(body.contains("\nhttps://klasboek.school.example/\n"));
    CHECK(body.contains("-- English --"));
    CHECK_FALSE(body.contains('{'));
    CHECK(longest_line(mail.text) <= 78);
  }
}

TEST_CASE("an invitation says until when it is good, on the school's clock") {
  const auto body = body_of(compose(a_letter(MessageKind::invitation)).text);
  // The clock was set back in between.
  CHECK(body.contains("30 oktober 2026, 07:15"));
  CHECK(body.contains("30 October 2026, 07:15"));
  CHECK(body.contains("één keer"));
}

TEST_CASE("a school's name makes no header, no placeholder and no second line") {
  auto letter = a_letter(MessageKind::invitation);
  letter.school_name = "De Eend\r\nBcc: iedereen@elders.example {link}";
  const auto mail = compose(letter);
  CHECK(header_of(mail.text, "Bcc").empty());
  CHECK(body_of(mail.text).contains("{link}"));
}

TEST_CASE("header text is plain where it can be, and encoded words of 75 characters where not") {
  CHECK(header_text("Uitnodiging van De Krakeend") == "Uitnodiging van De Krakeend");
  CHECK(header_text("Één") == "=?UTF-8?B?w4nDqW4=?=");
  std::string long_name;
  for (int i = 0; i < 40; ++i) long_name += "né";
  const auto words = header_text(long_name);
  CHECK(longest_line(words) <= 76);
  // No character of two bytes is parted: each word decodes by itself, so none ends in a lone lead.
  CHECK(words.find("w?=") == std::string::npos);
  CHECK(header_text("a; b").starts_with("=?UTF-8?B?"));
}

TEST_CASE("quoted-printable keeps every byte in lines of 76") {
  CHECK(quoted_printable("één = 1\n") == "=C3=A9=C3=A9n =3D 1\r\n");
  CHECK(quoted_printable("spatie \nen einde ") == "spatie=20\r\nen einde=20");
  CHECK(quoted_printable("tab\t") == "tab=09");
  const std::string line(200, 'x');
  CHECK(longest_line(quoted_printable(line)) == 76);
  CHECK(body_of("\r\n\r\n" + quoted_printable(line + "é\n" + line)) == line + "é\n" + line);
}

}  // namespace klasboek::tests
