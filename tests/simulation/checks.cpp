#include "tests/simulation/checks.h"

#include <algorithm>
#include <cstdlib>
#include <stdexcept>

#include "projections/directory.h"
#include "projections/feed.h"
#include "projections/inbox.h"
#include "projections/view.h"
#include "tests/support/one_partition.h"

namespace klasboek::tests {

namespace {

constexpr std::size_t kPageMax = 1000;
/// Far after the last release of any post.
constexpr std::int64_t kYearUs = 365LL * 24 * 3600 * 1'000'000;
constexpr std::int64_t kMinuteUs = 60'000'000;

std::string hex(std::span<const std::uint8_t> bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const auto byte : bytes) {
    text.push_back(kDigits[byte >> 4]);
    text.push_back(kDigits[byte & 0xF]);
  }
  return text;
}

std::string place_of(const log::StoredCommit& commit) {
  return "the commit at " + std::to_string(commit.position);
}

bool is_alike(const events::NewEvent& decided, const events::RecordedEvent& event) {
  const auto effective_at_us =
      decided.effective_at_us == 0 ? event.recorded_at_us : decided.effective_at_us;
  return decided.stream == event.stream && decided.body == event.body &&
         effective_at_us == event.effective_at_us;
}

/// A ledger that reads a log anew, on a disk of its own.
struct Reader {
  explicit Reader(bool is_partition) {
    auto opened =
        log::Ledger::open(directory / "ledger", simulated_identity(is_partition), disk.env());
    if (!opened) throw std::runtime_error(opened.error().message);
    ledger = *std::move(opened);
  }
  TemporaryDirectory directory;
  SimulatedDisk disk;
  std::unique_ptr<log::Ledger> ledger;
};

}  // namespace

void Families::on(const events::RecordedEvent& event) {
  const auto key = std::pair(event.school, events::ChildId{event.stream.subject});
  if (const auto* linked = std::get_if<events::GuardianLinked>(&event.body)) {
    guardians_[key].insert(linked->guardian);
  } else if (const auto* unlinked = std::get_if<events::GuardianUnlinked>(&event.body)) {
    guardians_[key].erase(unlinked->guardian);
  }
}

bool Families::is_guardian(School school, events::AccountId account, events::ChildId child) const {
  const auto found = guardians_.find({school, child});
  return found != guardians_.end() && found->second.contains(account);
}

std::set<events::ChildId> Families::children_of(School school, events::AccountId account) const {
  std::set<events::ChildId> children;
  for (const auto& [of, guardians] : guardians_) {
    if (of.first == school && guardians.contains(account)) children.insert(of.second);
  }
  return children;
}

void SimulationChecks::check_node(SimulatedNode& node) {
  const auto& ledger = node.ledger();
  check_same(ledger);
  std::set<std::pair<events::SchoolId, events::CommandId>> commands;
  Families families;
  ledger.read_log(0, [&](const log::StoredCommit& commit) {
    world_.expect(commands.insert({commit.frame.school, commit.frame.command}).second,
                  place_of(commit) + " does a command again");
    check_commit(ledger, commit);
    for (const auto& event : ledger.events_of(commit)) {
      const bool is_of_child = event.stream.kind == events::StreamKind::consent ||
                               event.stream.kind == events::StreamKind::absence ||
                               event.stream.kind == events::StreamKind::leave;
      if (is_of_child && event.actor.role == events::Role::guardian) {
        world_.expect(families.is_guardian(event.school, event.actor.account,
                                           events::ChildId{event.stream.subject}),
                      place_of(commit) + " is a guardian's, about another family's child");
      }
      families.on(event);
    }
    return true;
  });
  check_answers(ledger);
  const projections::ViewSnapshot views(node.projector().store());
  for (const auto school : requests_.schools()) {
    check_school(ledger, school);
    check_families(views, families, school);
  }
}

void SimulationChecks::check_same(const log::Ledger& ledger) {
  std::string all;
  for (const auto school : ledger.schools()) {
    const auto head = ledger.school_head(school);
    all += std::to_string(head.next_sequence) + " " + std::to_string(head.last_recorded_at_us) +
           " " + hex(head.tree.root()) + "\n";
  }
  if (const auto tail = ledger.tail()) {
    all += std::to_string(tail->position) + " " + hex(tail->record_hash);
  }
  if (first_ledger_.empty()) {
    first_ledger_ = all;
    world_.note(all);
  }
  world_.expect(all == first_ledger_, "two readers have different ledgers");
}

void SimulationChecks::check_commit(const log::Ledger& ledger, const log::StoredCommit& commit) {
  const auto* attempt = requests_.attempt(commit.frame.attempt);
  // What a school begins with, nobody asked for.
  if (commit.first_sequence == 0) return;
  world_.expect(attempt != nullptr, place_of(commit) + " was sent by nobody");
  if (attempt == nullptr) return;
  for (const auto& key : attempt->seal.key_ids) {
    world_.expect(keys_.has(key), place_of(commit) + " has a key that isn't durable");
  }
  check_decision(ledger, commit, *attempt);
}

void SimulationChecks::check_decision(const log::Ledger& ledger, const log::StoredCommit& commit,
                                      const SimulatedRequests::Attempt& attempt) {
  reactions::Order order;
  order.school = commit.frame.school;
  order.command = commit.frame.command;
  order.actor = attempt.request->actor;
  aggregates::FoldCache folds;
  const auto before = ledger.snapshot(commit.frame.school, commit.first_sequence);
  const auto again = reactions::prepare(order, attempt.request->command, attempt.seal.view(),
                                        commit.frame.decided_at_us, folds, *before);
  const bool is_same =
      again && std::ranges::equal(again->events, ledger.events_of(commit), is_alike);
  world_.expect(is_same, place_of(commit) + " isn't what the history before it decides");
}

void SimulationChecks::check_school(const log::Ledger& ledger, events::SchoolId school) {
  std::uint64_t sequence = 0;
  std::int64_t recorded_at_us = 0;
  std::map<events::Stream, std::uint64_t> versions;
  ledger.read_school(school, 0, [&](const events::RecordedEvent& event) {
    const auto where = "event " + std::to_string(sequence) + ": ";
    world_.expect(event.sequence == sequence++, where + "sequences have a gap");
    world_.expect(event.stream_version == ++versions[event.stream], where + "versions have a gap");
    world_.expect(event.recorded_at_us >= recorded_at_us, where + "time runs back");
    recorded_at_us = event.recorded_at_us;
    return true;
  });
  world_.expect(ledger.school_head(school).next_sequence == sequence, "events are missing");
}

void SimulationChecks::check_answers(const log::Ledger& ledger) {
  for (const auto& request : requests_.all()) {
    for (const auto& answer : request->answers) check_answer(ledger, *request, answer);
  }
}

void SimulationChecks::check_answer(const log::Ledger& ledger, const SimulatedRequest& request,
                                    const log::SubmitOutcome& answer) {
  const auto which = "request " + std::to_string(request.number) + " ";
  const auto found = ledger.find_command(request.school, request.id);
  const auto* applied = found ? std::get_if<log::Applied>(&found->before) : nullptr;
  const auto* settled = found ? std::get_if<log::SettledRejection>(&found->before) : nullptr;
  if (const auto* done = std::get_if<log::Done>(&answer); done != nullptr && done->count > 0) {
    world_.expect(applied != nullptr, which + "was acknowledged and is lost");
    if (applied == nullptr) return;
    world_.expect(applied->first_sequence == done->first_sequence && applied->count == done->count,
                  which + "was answered with another place than it has");
    const auto commit = ledger.commit_of_sequence(request.school, applied->first_sequence);
    world_.expect(commit && std::ranges::equal(commit->frame.fingerprint, request.fingerprint),
                  which + "was told that another request's events are its own");
  }
  if (const auto* refused = std::get_if<log::Refused>(&answer);
      refused != nullptr && ledger.identity().begins_with_genesis) {
    world_.expect(settled != nullptr && settled->name == refused->rejection,
                  which + "was refused, and that isn't settled");
  }
  if (std::holds_alternative<log::OtherRequest>(answer)) {
    world_.expect(applied != nullptr, which + "was taken for another that never was");
  }
}

void SimulationChecks::check_families(const projections::ViewSnapshot& views,
                                      const Families& families, events::SchoolId school) {
  const auto at_us = world_.now_us() + kYearUs;
  for (const auto& row : projections::directory::accounts(views, school)) {
    const auto own = families.children_of(school, row.id);
    const auto are_own = [&](const std::vector<events::ChildId>& children) {
      return std::ranges::all_of(children, [&](const auto& child) { return own.contains(child); });
    };
    world_.expect(std::ranges::is_permutation(row.children, own),
                  "the directory gives somebody other children than his own");
    for (auto now_us = world_.now_us(); now_us <= at_us; now_us += kYearUs) {
      for (const auto& item :
           projections::feed::page(views, school, row.id, now_us, {}, kPageMax).items) {
        world_.expect(are_own(item.reasons.children), "a feed tells of another family's child");
        world_.expect(item.reasons.any(), "a feed shows what isn't for its reader");
      }
      for (const auto& told :
           projections::inbox::page(views, school, row.id, now_us, {}, kPageMax).notifications) {
        // Heads are told of every request for leave.
        const bool is_for_heads =
            told.kind == projections::inbox::NotificationKind::leave_requested;
        world_.expect(is_for_heads || are_own(told.children),
                      "an inbox tells of another family's child");
      }
    }
  }
}

void SimulationChecks::check_rebuilt(const std::vector<SimulatedNode*>& nodes) {
  const TemporaryDirectory directory;
  const SimulatedDisk disk;
  log::Surroundings surroundings;
  surroundings.disk = disk.env();
  const auto rebuilt = projections::Projector::open_still(
      directory / "views", nodes.front()->ledger(), {}, surroundings);
  world_.expect(rebuilt.has_value(), "views can't be made anew");
  if (!rebuilt) return;
  const projections::ViewSnapshot anew((*rebuilt)->store());
  for (const auto& view : projections::all_views()) {
    const auto digest = anew.digest(view->name());
    world_.note(hex(digest.hash));
    for (auto* node : nodes) {
      const projections::ViewSnapshot live(node->projector().store());
      world_.expect(digest == live.digest(view->name()),
                    "the view " + std::string(view->name()) + " isn't what it is when made anew");
    }
  }
}

void SimulationChecks::check_reader(const log::Ledger& ledger) {
  const Reader reader(false);
  log::Ledger::Batch batch(*reader.ledger);
  ledger.read_log(0, [&](const log::StoredCommit& commit) {
    const auto verdict = batch.apply(commit.frame_bytes.bytes(), commit.position, std::nullopt);
    world_.expect(std::holds_alternative<log::Applied>(verdict),
                  place_of(commit) + " isn't valid for another reader");
    return true;
  });
  world_.expect(batch.write(false).has_value(), "a reader can't write");
  check_same(*reader.ledger);
}

void SimulationChecks::check_stamp(const SimulatedPartition::Record& record) {
  const events::AlignedBytes aligned(record.bytes);
  const auto frame = events::read_frame(aligned.bytes());
  world_.expect(frame && std::abs(frame->decided_at_us - record.stamp_us) <= kMinuteUs,
                "a commit counts that was decided by a clock which is off");
}

std::uint64_t SimulationChecks::check_readers(const SimulatedPartition& partition) {
  std::array<std::vector<std::string_view>, 2> verdicts;
  for (auto& mine : verdicts) {
    const Reader reader(true);
    const auto& records = partition.records();
    while (mine.size() < records.size()) {
      log::Ledger::Batch batch(*reader.ledger);
      for (auto left = 1 + world_.below(40); left > 0 && mine.size() < records.size(); --left) {
        const auto& record = records[mine.size()];
        const auto verdict = batch.apply(record.bytes, mine.size(), record.stamp_us);
        if (!std::holds_alternative<log::Applied>(verdict)) {
          batch.pass_over(record.bytes, mine.size());
        }
        if (std::holds_alternative<log::Applied>(verdict)) check_stamp(record);
        mine.push_back(name_of(verdict));
      }
      world_.expect(batch.write(false).has_value(), "a reader can't write");
    }
    check_same(*reader.ledger);
  }
  world_.expect(verdicts[0] == verdicts[1], "two readers come to other verdicts");
  return static_cast<std::uint64_t>(
      std::ranges::count_if(verdicts[0], [](std::string_view name) { return name != "applied"; }));
}

}  // namespace klasboek::tests
