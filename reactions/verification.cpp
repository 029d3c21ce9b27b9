#include "reactions/verification.h"

#include <algorithm>

#include "aggregates/decide.h"
#include "events/log/ledger.h"
#include "events/sealed_texts.h"

namespace klasboek::reactions {

namespace {

class Check {
 public:
  Check(const log::Ledger& ledger, const projections::Progress& progress, Verification& found)
      : ledger_(ledger), progress_(progress), found_(found) {}

  void all(log::Ledger& copy) {
    const auto tail = ledger_.tail();
    ledger_.read_log(0, [&](const log::StoredCommit& commit) {
      ++found_.commits;
      found_.events += commit.frame.events.size();
      apply_again(copy, commit);
      decide_again(commit);
      if (progress_ && tail) progress_(commit.position, tail->position);
      return true;
    });
    for (const auto& school : ledger_.schools()) {
      const auto kept = ledger_.school_head(school);
      const auto made = copy.school_head(school);
      if (kept.next_sequence != made.next_sequence || kept.tree.root() != made.tree.root()) {
        fault("the tree of " + events::to_text(school) + " isn't what its events make");
      }
    }
  }

 private:
  void fault(std::string what) {
    if (found_.faults.size() < kFaultsListedMax) found_.faults.push_back(std::move(what));
  }

  static std::string at(const log::StoredCommit& commit) {
    return "position " + std::to_string(commit.position) + " (sequence " +
           std::to_string(commit.first_sequence) + " of " + events::to_text(commit.frame.school) +
           "): ";
  }

  void apply_again(log::Ledger& copy, const log::StoredCommit& commit) {
    log::Ledger::Batch batch(copy);
    const auto verdict = batch.apply(commit.frame_bytes.bytes(), commit.position, std::nullopt);
    const auto* applied = std::get_if<log::Applied>(&verdict);
    if (applied == nullptr) return fault(at(commit) + "the commit isn't in by the rule");
    if (applied->first_sequence != commit.first_sequence ||
        applied->recorded_at_us != commit.recorded_at_us) {
      fault(at(commit) + "sequence or time isn't what the rule gives");
    }
    if (!batch.write(false)) fault(at(commit) + "the second copy can't be written");
  }

  void decide_again(const log::StoredCommit& commit) {
    const auto input = events::decode_input(commit.frame.input);
    if (!input) return fault(at(commit) + "the commit doesn't hold what was asked");
    const auto school = commit.frame.school;
    const auto streams = ledger_.snapshot(school, commit.first_sequence);
    aggregates::Facts facts(school, *streams);
    aggregates::Context context;
    context.school = school;
    context.now_us = commit.frame.decided_at_us;
    context.actor = input->actor;
    const auto texts = texts_of(commit);
    context.texts = texts;
    const auto again = aggregates::decide(input->command, facts, context);
    ++found_.decisions;
    if (!again) {
      return fault(at(commit) + "taken again, the decision is refused: " +
                   std::string(aggregates::row_of(again.error()).name));
    }
    const bool same = std::ranges::equal(*again, ledger_.events_of(commit), {},
                                         &events::NewEvent::body, &events::RecordedEvent::body);
    if (!same) fault(at(commit) + "taken again, the decision comes out otherwise");
  }

  /// The sealed texts by slot; a slot that no event took stays empty.
  static std::vector<events::Sealed> texts_of(const log::StoredCommit& commit) {
    std::vector<events::Sealed> texts;
    for (const auto& event : commit.frame.events) {
      for (auto& sealed : events::sealed_texts_in(event.bytes)) {
        if (sealed.slot == 0) continue;
        if (texts.size() < sealed.slot) texts.resize(sealed.slot);
        texts[sealed.slot - 1U] = std::move(sealed);
      }
    }
    return texts;
  }

  const log::Ledger& ledger_;
  const projections::Progress& progress_;
  Verification& found_;
};

}  // namespace

Verification verify(const log::Ledger& ledger, const std::filesystem::path& scratch,
                    const projections::Progress& progress) {
  Verification found;
  // What the ledger kept is what came after the log's control records; these aren't applied again.
  auto identity = ledger.identity();
  identity.begins_with_genesis = false;
  auto copy = log::Ledger::open(scratch, identity);
  if (!copy) {
    found.faults.push_back(copy.error().message);
    return found;
  }
  Check(ledger, progress, found).all(**copy);
  return found;
}

}  // namespace klasboek::reactions
