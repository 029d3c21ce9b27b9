#pragma once
// A mail server by SMTP (RFC 5321), with libcurl. TLS from the start (smtps), or as soon as the
// server offers it (STARTTLS); always where there is a password to send to another machine.
#include <chrono>
#include <expected>
#include <memory>
#include <string>

#include "reactions/mail_sender.h"

namespace klasboek::reactions {

struct SmtpServer {
  /// As given, without user and password: `smtp://host:port`.
  std::string url;
  std::string user;
  std::string password;
  /// Without TLS nothing is sent.
  bool needs_tls = false;
  /// Certificates to trust, in PEM; empty: those of the system.
  std::string ca_file;
  /// For one mail, from first to last; well within the term of a claim.
  std::chrono::milliseconds send_max{60'000};
  std::chrono::milliseconds connect_max{15'000};
};

/// `smtp://[user:password@]host[:port]` or `smtps://…`, the user and password in percent-encoding.
/// The error says what it must be, and never what it was.
std::expected<SmtpServer, std::string> parse_smtp_server(const std::string& text);

/// from: the address that mail comes from; its domain is how this program greets the server.
std::unique_ptr<MailSender> make_smtp_sender(SmtpServer server, const std::string& from);

}  // namespace klasboek::reactions
