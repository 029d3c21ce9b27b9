#pragma once
// The port to a mail server.
#include <cstdint>
#include <stop_token>

#include "reactions/mail_text.h"

namespace klasboek::reactions {

enum class SendOutcome : std::uint8_t {
  sent,             // the server has it
  refused,          // this mail for good: no such address, or not this text
  refused_for_now,  // this mail, until later
  no_answer,        // gone, or silent: it may have it or not
  not_served,       // the server takes no mail from us at all: log-in, sender, certificate
  stopped,          // asked to end; it may have it or not
};

/// One thread at a time.
class MailSender {
 public:
  MailSender() = default;
  MailSender(const MailSender&) = delete;
  MailSender& operator=(const MailSender&) = delete;
  virtual ~MailSender() = default;

  /// Whether the server is there and takes our mail: no_answer, not_served or stopped where it
  /// doesn't. Asked before anything is claimed, so that a server that is away costs no claims.
  virtual SendOutcome reach(const std::stop_token& stop) = 0;
  /// Hands one mail over. Bounded in time, well within the term of a claim.
  virtual SendOutcome send(const Mail& mail, const std::stop_token& stop) = 0;
};

}  // namespace klasboek::reactions
