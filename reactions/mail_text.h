#pragma once
// The words of a mail, in Dutch with English beneath, and its form (RFC 5322). Mail leaves the
// closed portal, so it says that there is something and where, and never whom it is about or what
// it says.
#include <cstdint>
#include <string>
#include <string_view>

#include "events/event.h"

namespace klasboek::reactions {

/// What a mail is made of.
struct MailLetter {
  events::MessageKind message = events::MessageKind::invitation;
  std::string school_name;
  /// Addresses as SMTP takes them, without a name.
  std::string from;
  std::string to;
  /// Where it is to be read.
  std::string link;
  /// Of an invitation: until when it is good.
  std::int64_t expires_at_us = 0;
  std::string time_zone;
  /// Its Message-ID before the @; the same in every try, so that a double is known as one.
  std::string id;
  std::int64_t sent_at_us = 0;
};

/// A mail as a server takes it: who gets it, and its text with lines that end in CR LF.
struct Mail {
  std::string from;
  std::string to;
  std::string text;
};

Mail compose(const MailLetter& letter);

/// Text for a header field: as it is where it is plain and short, else encoded words (RFC 2047).
std::string header_text(std::string_view text);
/// Lines of at most 76 characters in ASCII (RFC 2045, 6.7); lines of the text end in LF.
std::string quoted_printable(std::string_view text);

}  // namespace klasboek::reactions
