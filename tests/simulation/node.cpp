#include "tests/simulation/node.h"

#include <algorithm>

#include "events/log/kafka_follower.h"
#include "projections/audit_view.h"
#include "tests/simulation/outcome.h"
#include "tests/support/one_partition.h"

namespace klasboek::tests {

namespace {

constexpr std::chrono::milliseconds kOutcomeWaitMax{10'000};
/// Of a power cut, per mille: at each step that has a name, and for each life of a node somewhere
/// in the writing of its logs.
constexpr unsigned kCutAtStep = 6;
constexpr unsigned kCutInWrite = 400;
constexpr std::uint64_t kWritesBeforeCutMax = 60;
constexpr unsigned kKeysFail = 30;

}  // namespace

log::LogIdentity simulated_identity(bool is_partition) { return {kTestLogId, 0, 1, is_partition}; }

std::expected<void, events::KeySinkFault> SimulatedKeys::make_durable(
    std::span<const events::MintedKey> keys) {
  if (world_.fault(kKeysFail)) {
    // Not confirmed is not the same as not there.
    if (world_.chance(500)) {
      for (const auto& key : keys) durable_.insert(key.id);
    }
    return std::unexpected(events::KeySinkFault::unreachable);
  }
  for (const auto& key : keys) durable_.insert(key.id);
  return {};
}

/// One request on its way through one node.
struct SimulatedNode::Try {
  enum class Stage : std::uint8_t { deciding, appending, showing };

  SimulatedRequest* request = nullptr;
  SimulatedSeal seal;
  reactions::Order order;
  log::SubmitRequest submit;
  std::optional<log::Submission> submission;
  Stage stage = Stage::deciding;
  /// Written by the log, also after nobody waits any more.
  std::shared_ptr<std::optional<log::AppendOutcome>> appended;
  std::chrono::steady_clock::time_point deadline;
  log::Done done;
};

SimulatedNode::SimulatedNode(const SimulatedSite& site, unsigned number, Finished finished)
    : site_(site), number_(number), finished_(std::move(finished)) {}

SimulatedNode::~SimulatedNode() { end(); }

void SimulatedNode::note(const std::string& what) const {
  site_.world.note("node " + std::to_string(number_) + ": " + what);
}

log::Surroundings SimulatedNode::surroundings() {
  log::Surroundings surroundings;
  surroundings.disk = disk_.env();
  surroundings.on_step = [this](log::Step step) {
    note("step " + std::to_string(static_cast<int>(step)));
    if (!site_.world.fault(kCutAtStep)) return;
    disk_.cut();
    throw PowerLoss();
  };
  return surroundings;
}

void SimulatedNode::start() {
  auto& world = site_.world;
  note("starts");
  if (world.fault(kCutInWrite)) disk_.cut_before(1 + world.below(kWritesBeforeCutMax));
  const auto opened = open();
  if (opened) return;
  world.expect(disk_.is_cut(), "a node doesn't start: " + opened.error().message);
  crash();
}

std::expected<void, log::LogFault> SimulatedNode::open() {
  try {
    folds_ = std::make_unique<aggregates::FoldCache>();
    if (auto log = open_log(); !log) return log;
    auto projector = projections::Projector::open_still(directory_ / "views", log_->ledger(), {},
                                                        surroundings());
    if (!projector) return std::unexpected(projector.error());
    projector_ = *std::move(projector);
    log_->listen([this](log::Position position) { projector_->notify(position); });
    if (const auto tail = log_->ledger().tail()) projector_->notify(tail->position);
    return {};
  } catch (const PowerLoss& loss) {
    return std::unexpected(log::LogFault{log::LogFaultKind::disk, loss.what()});
  } catch (const log::LedgerDamaged& damage) {
    return std::unexpected(log::LogFault{log::LogFaultKind::damaged, damage.what()});
  }
}

std::expected<void, log::LogFault> SimulatedNode::open_log() {
  if (site_.partition == nullptr) {
    log::EmbeddedLogOptions options;
    options.directory = directory_.path();
    options.new_log_id = kTestLogId;
    options.free_bytes_min = 0;
    options.surroundings = surroundings();
    auto log = log::EmbeddedLog::open_still(options, site_.keys);
    if (!log) return std::unexpected(log.error());
    embedded_ = log->get();
    log_ = *std::move(log);
    return {};
  }
  log::KafkaLogOptions options;
  options.directory = directory_.path();
  options.outcome_wait_max = kOutcomeWaitMax;
  options.free_bytes_min = 0;
  options.follower.now = [this] { return site_.world.monotonic(); };
  auto ledger = log::Ledger::open(directory_ / "ledger", simulated_identity(true), disk_.env());
  if (!ledger) return std::unexpected(ledger.error());
  auto follower = std::make_unique<log::KafkaFollower>(
      std::make_unique<SimulatedReader>(*site_.partition), **ledger, options.follower);
  sender_ = std::make_unique<SimulatedSender>(*site_.partition);
  auto log = std::make_unique<log::KafkaLog>(*sender_, options, *std::move(ledger),
                                             std::move(follower), site_.keys);
  kafka_ = log.get();
  log_ = std::move(log);
  return {};
}

void SimulatedNode::end() {
  // Whoever waits hears nothing any more.
  tries_.clear();
  projector_.reset();
  embedded_ = nullptr;
  kafka_ = nullptr;
  log_.reset();
  sender_.reset();
  folds_.reset();
}

void SimulatedNode::crash() {
  note("crashes");
  disk_.cut();
  end();
  disk_.restart(site_.world.dice());
}

void SimulatedNode::close() {
  note("closes");
  log_->close();
  end();
}

void SimulatedNode::take(SimulatedRequest& request) {
  note("is asked " + std::to_string(request.number));
  auto one = std::make_unique<Try>();
  one->request = &request;
  one->seal = site_.requests.seal(request);
  one->order.school = request.school;
  one->order.actor = request.actor;
  one->order.command = request.id;
  one->order.wait_max = kOutcomeWaitMax;
  one->submit.school = request.school;
  one->submit.command = request.id;
  one->submit.fingerprint = request.fingerprint;
  one->submit.wait_max = kOutcomeWaitMax;
  one->submit.same_request = [&request](std::span<const std::uint8_t> before) {
    return std::ranges::equal(before, request.fingerprint);
  };
  one->submit.draw_attempt = [this, raw = one.get()] {
    return site_.requests.draw_attempt(*raw->request, raw->seal);
  };
  one->submit.decide = [this, raw = one.get()](events::StreamSource& streams) {
    return reactions::prepare(raw->order, raw->request->command, raw->seal.view(), now_us(),
                              *folds_, streams);
  };
  one->submission.emplace(*log_, one->submit);
  tries_.push_back(std::move(one));
}

void SimulatedNode::step() {
  try {
    // The log and the views have their turn as often as all who wait.
    switch (tries_.empty() ? 1 + site_.world.below(2) : site_.world.below(4)) {
      case 1:
        step_log();
        break;
      case 2:
        if (projector_->step()) note("projects");
        break;
      default:
        step_try(site_.world.below(tries_.size()));
        break;
    }
  } catch (const PowerLoss&) {
    return crash();
  } catch (const log::LedgerDamaged& damage) {
    site_.world.expect(disk_.is_cut(), std::string("damage without a cut: ") + damage.what());
  }
  if (disk_.is_cut()) crash();
}

bool SimulatedNode::tries(const SimulatedRequest& request) const {
  return std::ranges::any_of(tries_, [&](const auto& one) { return one->request == &request; });
}

bool SimulatedNode::is_idle() const { return tries_.empty(); }

bool SimulatedNode::is_caught_up() const {
  const auto tail = log_->ledger().tail();
  if (!tail) return false;
  if (site_.partition != nullptr && tail->position + 1 != site_.partition->records().size()) {
    return false;
  }
  return projector_->wait_for(tail->position, std::chrono::milliseconds(0));
}

void SimulatedNode::step_log() {
  if (embedded_ != nullptr) {
    embedded_->step();
    site_.world.expect(disk_.is_cut() || embedded_->health().ready, "the log stopped");
    return;
  }
  kafka_->step(std::chrono::milliseconds(0));
}

void SimulatedNode::step_try(std::size_t at) {
  const auto outcome = advance(*tries_[at]);
  if (!outcome) return;
  const auto one = std::move(tries_[at]);
  tries_.erase(tries_.begin() + static_cast<std::ptrdiff_t>(at));
  note("answers " + std::to_string(one->request->number) + ": " + words_of(*outcome));
  finished_(*one->request, *outcome);
}

std::optional<log::SubmitOutcome> SimulatedNode::advance(Try& one) {
  switch (one.stage) {
    case Try::Stage::deciding:
      return decide(one);
    case Try::Stage::appending:
      if (!*one.appended) {
        if (site_.world.monotonic() < one.deadline) return std::nullopt;
        *one.appended = log::UnknownOutcome{"the log did not answer in time"};
      }
      if (auto told = one.submission->take(**one.appended)) {
        const auto* done = std::get_if<log::Done>(&*told);
        if (done == nullptr || done->count == 0) return told;
        one.done = *done;
        one.deadline = site_.world.monotonic() + kOutcomeWaitMax;
        one.stage = Try::Stage::showing;
        return std::nullopt;
      }
      one.stage = Try::Stage::deciding;
      return std::nullopt;
    case Try::Stage::showing:
      return show(one);
  }
  return std::nullopt;
}

std::optional<log::SubmitOutcome> SimulatedNode::decide(Try& one) {
  auto next = one.submission->next();
  if (auto* outcome = std::get_if<log::SubmitOutcome>(&next)) {
    const auto* done = std::get_if<log::Done>(outcome);
    if (done == nullptr || done->count == 0) return std::move(*outcome);
    one.done = *done;
    one.deadline = site_.world.monotonic() + kOutcomeWaitMax;
    one.stage = Try::Stage::showing;
    return std::nullopt;
  }
  one.appended = std::make_shared<std::optional<log::AppendOutcome>>();
  one.deadline = site_.world.monotonic() + kOutcomeWaitMax;
  one.stage = Try::Stage::appending;
  log_->append(std::get<log::PendingCommit>(std::move(next)),
               [this, slot = one.appended, request = one.request](log::AppendOutcome outcome) {
                 if (std::holds_alternative<log::Committed>(outcome)) check_committed(*request);
                 *slot = std::move(outcome);
               });
  return std::nullopt;
}

/// Nobody hears that something is committed before it is.
void SimulatedNode::check_committed(const SimulatedRequest& request) const {
  site_.world.expect(
      ledger().find_command(request.school, request.id).has_value(),
      "request " + std::to_string(request.number) + " was acknowledged before the log had it");
}

std::optional<log::SubmitOutcome> SimulatedNode::show(Try& one) {
  if (projector_->wait_for(one.done.position, std::chrono::milliseconds(0))) {
    check_shown(one);
    return one.done;
  }
  if (site_.world.monotonic() < one.deadline) return std::nullopt;
  return log::UnknownOutcome{"the views of this node are behind"};
}

/// Whoever is answered sees what he did.
void SimulatedNode::check_shown(const Try& one) const {
  namespace audit = projections::audit_view;
  const projections::ViewSnapshot views(projector_->store());
  audit::AuditQuery query;
  query.from_sequence = one.done.first_sequence;
  query.to_sequence = one.done.first_sequence + one.done.count - 1;
  const auto page = audit::trail(views, one.request->school, audit::subject_of(one.request->school),
                                 query, one.done.count);
  site_.world.expect(page.rows.size() == one.done.count,
                     "request " + std::to_string(one.request->number) +
                         " was answered before its events could be seen");
}

}  // namespace klasboek::tests
