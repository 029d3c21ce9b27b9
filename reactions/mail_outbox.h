#pragma once
// The outbox: mails that wait on this node, each sealed under a key of its own that is destroyed
// with it. It holds what is to be told to whom (mail_order.h), no words and no address; where it
// stands is the log's to say, and stands here for whoever looks.
#include <cstdint>
#include <expected>
#include <string_view>
#include <vector>

#include "reactions/mail_order.h"
#include "vault/transit.h"

namespace klasboek::reactions {

/// The numbers stand in the outbox.
enum class MailState : std::uint8_t {
  waiting = 1,   // never tried
  sending = 2,   // claimed, by this node or another
  retrying = 3,  // the server said no for now, or nothing
};
/// As `retrying`.
std::string_view name_of(MailState state);
/// As `leave_decision`.
std::string_view name_of(events::MessageKind message);

struct WaitingMail {
  MailOrder order;
  MailState state = MailState::waiting;
  /// How often it was claimed, by any node.
  std::uint32_t claims = 0;
  /// Not before then is it looked at again.
  std::int64_t next_look_at_us = 0;
};

/// Thread safe as transit is.
class MailOutbox {
 public:
  /// REQUIRES: transit outlives it.
  explicit MailOutbox(vault::Transit& transit) : transit_(transit) {}

  /// Durable when it returns. One that waits already stays as it is.
  std::expected<void, vault::VaultFault> put(const WaitingMail& mail);
  std::expected<void, vault::VaultFault> change(const WaitingMail& mail);
  std::expected<void, vault::VaultFault> remove(const events::Uuid& id);
  /// All that wait. One that this program can't read is passed over, and logged by its id.
  std::expected<std::vector<WaitingMail>, vault::VaultFault> list();

 private:
  vault::Transit& transit_;
};

}  // namespace klasboek::reactions
