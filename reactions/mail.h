#pragma once
// Mail: follows the log and tells by mail who is invited, what was decided about leave and that a
// child is absent. Each mail is claimed in the log, handed to the server, and its outcome recorded
// (R22), so that of several nodes one sends it, and what is counted is what happened:
//
//   an event ─▶ outbox (sealed) ─▶ claimed ─▶ handed over ─▶ sent | failed ─▶ gone from the outbox
//
// What is claimed and has no outcome after ten minutes (a node that died, an outcome that couldn't
// be recorded) is claimed again, by any node. What the server refuses for now, or doesn't answer,
// is tried again later and later, until it is of no use any more. While no server is set or the
// server is away, nothing is claimed and all of it waits.
#include <cstdint>
#include <expected>
#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "reactions/mail_addressee.h"
#include "reactions/mail_outbox.h"
#include "reactions/mail_sender.h"
#include "reactions/node.h"

namespace klasboek::reactions {

struct MailSettings {
  /// The address that mail comes from.
  std::string from;
  /// What the installation is called from outside; no slash at the end.
  std::string public_url;
};

/// One thread. Its clock is the node's.
class MailRoom {
 public:
  /// sender: nullptr where no server is set. REQUIRES: node and sender outlive it.
  MailRoom(const Node& node, MailSettings settings, MailSender* sender);

  /// Takes up what waits and how far the log was followed. Once, before the first round.
  std::expected<void, vault::VaultFault> open();
  /// Follows the log to its end, then sends what is due. Ends early, with all of it safe, when
  /// asked to stop.
  void round(const std::stop_token& stop = {});
  /// Remembers how far the log was followed, so that a next start needn't read it again.
  void close();

  /// Mails in the outbox.
  [[nodiscard]] std::size_t waiting() const { return mails_.size(); }

 private:
  /// One shard, and the next position wanted.
  struct Followed {
    projections::Shard* shard = nullptr;
    log::Position next = 0;
    log::Position saved = 0;
  };
  /// What came of a claim and isn't in the log yet.
  struct Outcome {
    MailOrder order;
    std::uint32_t claim = 0;
    events::DeliveryOutcome outcome = events::DeliveryOutcome::sent;
    events::DeliveryFault fault = events::DeliveryFault::refused;
    bool final = false;
  };
  using Mails = std::map<events::Uuid, WaitingMail>;

  void follow(Followed& followed, const std::stop_token& stop);
  bool take_in(const log::Ledger& ledger, const log::StoredCommit& commit);
  bool take_up(const MailOrder& order, std::int64_t now_us);
  void look_again(const events::RecordedEvent& event, events::EventId cause);
  void save(Followed& followed);

  void send_due(const std::stop_token& stop);
  // These three answer how it went with the server; sent too where it wasn't asked.
  /// Looks at where a mail stands, and sends it where it is this node's turn.
  SendOutcome attend(const events::Uuid& id, const std::stop_token& stop);
  SendOutcome try_now(WaitingMail& mail, aggregates::Facts& facts, const std::stop_token& stop);
  SendOutcome hand_over(const WaitingMail& mail, const Mail& letter, const std::stop_token& stop);
  Mail letter_of(const MailOrder& order, aggregates::Facts& facts, const std::string& email) const;
  /// Whether this claim is this node's; else somebody else's, or nobody knows.
  bool claim(WaitingMail& mail);
  /// Claims it only to record that it won't be sent.
  void give_up(WaitingMail& mail, events::DeliveryFault fault);
  void finish(const Outcome& outcome);
  bool record(const Outcome& outcome);
  void record_outstanding();
  void wait_until(WaitingMail& mail, MailState state, std::int64_t at_us);
  void forget(const events::Uuid& id);
  void pause(SendOutcome why);

  const Node& node_;
  MailSettings settings_;
  MailSender* sender_;
  MailOutbox outbox_;
  std::vector<Followed> followed_;
  Mails mails_;
  std::vector<Outcome> outstanding_;
  /// Rises with each failure to reach the server.
  std::uint32_t pauses_ = 0;
  std::int64_t paused_until_us_ = 0;
};

/// How long after a claim that failed the next one may come: 1, 5, 15 minutes, 1, 3, then every 6
/// hours. Counted from the claim, so that all nodes wait alike.
std::int64_t retry_pause_us(std::uint32_t claims);

}  // namespace klasboek::reactions
