#pragma once
// Whether somebody may still be told something by mail, and at which address.
#include <cstdint>
#include <string>

#include "aggregates/facts.h"
#include "reactions/mail_order.h"
#include "reactions/node.h"

namespace klasboek::reactions {

enum class MailVerdict : std::uint8_t {
  tell,
  /// He isn't to be told, or not any more: blocked, closed or erased, no longer a guardian with
  /// authority, mail switched off, never came in; or there is nothing to tell any more.
  never,
  /// It would come too late.
  expired,
  no_address,
  /// His address can't be read just now.
  not_now,
};

struct MailAddressee {
  MailVerdict verdict = MailVerdict::never;
  /// Set with tell.
  std::string email;
};

/// As the log and the views of this node have it now. An invitation goes to whoever is invited; all
/// other mail only to accounts that came in, whose address was thereby confirmed.
MailAddressee addressee_of(const Node& node, aggregates::Facts& facts, const MailOrder& order,
                           std::int64_t now_us);

}  // namespace klasboek::reactions
