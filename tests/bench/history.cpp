#include "tests/bench/history.h"

#include <stdexcept>

namespace klasboek::bench {

namespace {

/// Only what is the school's own names it.
events::Stream moved_to(events::SchoolId school, events::Stream stream) {
  if (stream.kind == events::StreamKind::school) stream.subject = school.value;
  return stream;
}

events::NewEvent moved_to(events::SchoolId school, const events::RecordedEvent& event) {
  events::NewEvent moved{moved_to(school, event.stream), event.body, 0};
  if (event.effective_at_us != event.recorded_at_us) moved.effective_at_us = event.effective_at_us;
  if (auto* founded = std::get_if<events::SchoolFounded>(&moved.body)) founded->school = school;
  return moved;
}

events::NewCommit moved_to(events::SchoolId school, const log::StoredCommit& commit,
                           const std::vector<events::RecordedEvent>& events) {
  events::NewCommit moved;
  moved.school = school;
  moved.command = commit.frame.command;
  moved.attempt = commit.frame.attempt;
  moved.decided_at_us = commit.frame.decided_at_us;
  moved.actor = events.front().actor;
  moved.causation = events.front().causation;
  for (const auto& [stream, version] : commit.frame.conditions) {
    moved.conditions.push_back({moved_to(school, stream), version});
  }
  for (const auto& event : events) moved.events.push_back(moved_to(school, event));
  moved.input.assign(commit.frame.input.begin(), commit.frame.input.end());
  moved.fingerprint.assign(commit.frame.fingerprint.begin(), commit.frame.fingerprint.end());
  return moved;
}

constexpr std::size_t kBatchCommits = 512;

/// Applies commits in large batches.
class Filler {
 public:
  explicit Filler(log::Ledger& ledger) : ledger_(ledger) {
    if (const auto tail = ledger.tail()) position_ = tail->position + 1;
  }

  void add(const events::NewCommit& commit) {
    if (!batch_) batch_ = std::make_unique<log::Ledger::Batch>(ledger_);
    const auto verdict = batch_->apply(events::encode_frame(commit), position_, std::nullopt);
    if (!std::holds_alternative<log::Applied>(verdict)) {
      throw std::runtime_error("a copied commit isn't valid");
    }
    if (++position_ % kBatchCommits == 0) write();
  }

  void write() {
    if (!batch_) return;
    if (const auto written = batch_->write(false); !written) {
      throw std::runtime_error(written.error().message);
    }
    batch_.reset();
  }

 private:
  log::Ledger& ledger_;
  std::unique_ptr<log::Ledger::Batch> batch_;
  log::Position position_ = 0;
};

}  // namespace

District live_a_year(const Product& product, const Effort& effort) {
  DistrictShape shape = effort.district;
  shape.schools = 1;
  auto district = found_district(product.node(), shape, effort.seed);
  SchoolLife life(district, effort.seed);
  run_commands(product, kManyClients,
               {.calls = shape.children_per_school * kCommandsPerPupilAndYear}, life);
  return district;
}

Copied copy_school(const log::Ledger& from, events::SchoolId school, std::size_t first,
                   std::size_t schools, log::Ledger& to) {
  Copied copied;
  Filler filler(to);
  // Commit by commit through all schools, as many schools share a log.
  from.read_commits(school, 0, [&](const log::StoredCommit& commit) {
    const auto events = from.events_of(commit);
    for (std::size_t n = first; n < first + schools; ++n) {
      auto other = school;
      other.value.lo += n;
      filler.add(moved_to(other, commit, events));
      ++copied.commits;
      copied.events += events.size();
    }
    return true;
  });
  filler.write();
  return copied;
}

History::History(const Effort& effort, const Say& say) {
  say("a school lives a year");
  const Product product;
  const auto district = live_a_year(product, effort);
  auto opened = log::Ledger::open(directory_ / "ledger", {});
  if (!opened) throw std::runtime_error(opened.error().message);
  ledger_ = *std::move(opened);
  say("the same year in " + std::to_string(effort.history_schools) + " schools");
  const auto school = district.schools.front().id;
  copied_ = copy_school(product.node().shards.of(school).ledger(), school, 0,
                        effort.history_schools, *ledger_);
}

}  // namespace klasboek::bench
