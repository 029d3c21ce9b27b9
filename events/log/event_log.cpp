#include "events/log/event_log.h"

#include <cstdlib>
#include <future>

namespace klasboek::log {

namespace {

struct ToOutcome {
  Position position;
  AppendOutcome operator()(const Applied& applied) const { return Committed{position, applied}; }
  AppendOutcome operator()(const SettledRejection& rejection) const { return rejection; }
  AppendOutcome operator()(const DuplicateCommand& duplicate) const { return duplicate; }
  AppendOutcome operator()(const MovedStream& moved) const { return moved; }
  AppendOutcome operator()(const VoidRecord& record) const {
    if (record.reason == VoidReason::too_large) return TooLarge{};
    return Unavailable{"the commit is void: " + std::string(name_of(record.reason))};
  }
  // Nobody's commit is one of these; what was appended lies behind them, unjudged.
  AppendOutcome operator()(const ControlTaken&) const {
    return UnknownOutcome{"a record about the log stands in its place"};
  }
  AppendOutcome operator()(const NewerFormat&) const {
    return UnknownOutcome{"the log is written in a newer format"};
  }
  AppendOutcome operator()(const OtherLog&) const {
    return UnknownOutcome{"the log is another one"};
  }
};

}  // namespace

AppendOutcome outcome_of(const Verdict& verdict, Position position) {
  return std::visit(ToOutcome{position}, verdict);
}

std::string_view reason_of(events::KeySinkFault fault) {
  switch (fault) {
    case events::KeySinkFault::busy:
      return "the key store is busy";
    case events::KeySinkFault::disk_full:
      return "the disk of the key store is full";
    case events::KeySinkFault::unreachable:
      return "the key store did not confirm in time";
    case events::KeySinkFault::broken:
      return "the key store is broken";
  }
  std::abort();
}

AppendOutcome append_and_wait(EventLog& log, PendingCommit pending,
                              std::chrono::milliseconds wait_max, const WhenSeen& when_seen) {
  // Shared with the completion, which may come after this call gave up.
  const auto promise = std::make_shared<std::promise<AppendOutcome>>();
  auto outcome = promise->get_future();
  log.append(std::move(pending), [promise, when_seen](AppendOutcome result) {
    const auto* committed = std::get_if<Committed>(&result);
    if (committed == nullptr || !when_seen) return promise->set_value(std::move(result));
    when_seen(committed->position, [promise, result] { promise->set_value(result); });
  });
  if (outcome.wait_for(wait_max) != std::future_status::ready) {
    return UnknownOutcome{"the log did not answer in time"};
  }
  return outcome.get();
}

}  // namespace klasboek::log
