#include "aggregates/facts.h"

#include <variant>

#include "aggregates/absence.h"
#include "aggregates/account.h"
#include "aggregates/child.h"
#include "aggregates/consent.h"
#include "aggregates/delivery.h"
#include "aggregates/erasure.h"
#include "aggregates/group.h"
#include "aggregates/leave.h"
#include "aggregates/post.h"
#include "aggregates/preferences.h"
#include "aggregates/roster_import.h"
#include "aggregates/school.h"

namespace klasboek::aggregates {

namespace {

/// A stream of which only the version counts.
struct Unfolded {};

using AnyState = std::variant<Unfolded, school::State, group::State, child::State, account::State,
                              preferences::State, post::State, consent::State, absence::State,
                              leave::State, delivery::State, roster_import::State, erasure::State>;

AnyState empty_state(events::StreamKind kind) {
  switch (kind) {
    case events::StreamKind::school:
      return school::State{};
    case events::StreamKind::group:
      return group::State{};
    case events::StreamKind::child:
      return child::State{};
    case events::StreamKind::consent:
      return consent::State{};
    case events::StreamKind::absence:
      return absence::State{};
    case events::StreamKind::leave:
      return leave::State{};
    case events::StreamKind::account:
      return account::State{};
    case events::StreamKind::preferences:
      return preferences::State{};
    case events::StreamKind::post:
      return post::State{};
    case events::StreamKind::delivery:
      return delivery::State{};
    case events::StreamKind::roster_import:
      return roster_import::State{};
    case events::StreamKind::erasure:
      return erasure::State{};
    case events::StreamKind::none:
    case events::StreamKind::reading:
    case events::StreamKind::gathering:
    case events::StreamKind::conversation:
    case events::StreamKind::content_report:
    case events::StreamKind::media:
    case events::StreamKind::key:
      return Unfolded{};
  }
  return Unfolded{};
}

void evolve_any(AnyState& any, const events::EventBody& body, const Happened& happened) {
  std::visit(
      [&](auto& state) {
        using State = std::decay_t<decltype(state)>;
        if constexpr (!std::is_same_v<State, Unfolded>) {
          // An event that belongs to another kind of stream changes nothing here.
          if (const auto event = events::narrow<typename State::Event>(body)) {
            evolve(state, *event, happened);
          }
        }
      },
      any);
}

}  // namespace

struct Fold {
  std::uint64_t version = 0;
  AnyState state;
};

Facts::Facts(events::SchoolId school_id, events::StreamSource& source, FoldCache* cache)
    : school_(school_id), source_(source), cache_(cache) {}
Facts::~Facts() = default;

std::shared_ptr<const Fold> Facts::load(const events::Stream& stream) {
  const auto known = cache_ == nullptr ? nullptr : cache_->find(school_, stream);
  std::shared_ptr<Fold> fold;
  const auto visit = [&](const events::RecordedEvent& event) {
    if (fold == nullptr) fold = std::make_shared<Fold>(*known);
    evolve_any(fold->state, event.body,
               {event.recorded_at_us, event.effective_at_us, event.actor, event.stream_version});
  };
  if (known != nullptr) {
    const auto version = source_.read_after(stream, known->version, visit);
    if (version == known->version) return known;
    if (version > known->version) {
      fold->version = version;
      cache_->keep(school_, stream, fold->version, fold);
      return fold;
    }
    // Somebody with a later snapshot was here before: for this one the fold is too new.
  }
  fold = std::make_shared<Fold>(Fold{0, empty_state(stream.kind)});
  fold->version = source_.read(stream, visit);
  const bool worth_keeping = fold->version > 0 && !std::holds_alternative<Unfolded>(fold->state);
  if (cache_ != nullptr && known == nullptr && worth_keeping) {
    cache_->keep(school_, stream, fold->version, fold);
  }
  return fold;
}

Facts::Read& Facts::read(const events::Stream& stream) {
  auto& read = reads_[stream];
  if (read.logged == nullptr) read.logged = load(stream);
  return read;
}

template <class State>
const State& Facts::of(const events::Stream& stream) {
  const auto& [logged, evolved] = read(stream);
  return std::get<State>(evolved == nullptr ? logged->state : evolved->state);
}

const school::State& Facts::school() { return of<school::State>(events::school_stream(school_)); }
const group::State& Facts::group(events::GroupId id) {
  return of<group::State>(events::group_stream(id));
}
const child::State& Facts::child(events::ChildId id) {
  return of<child::State>(events::child_stream(id));
}
const account::State& Facts::account(events::AccountId id) {
  return of<account::State>(events::account_stream(id));
}
const preferences::State& Facts::preferences(events::AccountId id) {
  return of<preferences::State>(events::preferences_stream(id));
}
const post::State& Facts::post(events::PostId id) {
  return of<post::State>(events::post_stream(id));
}
const consent::State& Facts::consent(events::ChildId id) {
  return of<consent::State>(events::consent_stream(id));
}
const absence::State& Facts::absence(events::ChildId id) {
  return of<absence::State>(events::absence_stream(id));
}
const leave::State& Facts::leave(events::ChildId id) {
  return of<leave::State>(events::leave_stream(id));
}
const delivery::State& Facts::delivery(events::AccountId id) {
  return of<delivery::State>(events::delivery_stream(id));
}
const roster_import::State& Facts::roster_import(events::RosterImportId id) {
  return of<roster_import::State>(events::roster_import_stream(id));
}

const erasure::State& Facts::erasure() {
  return of<erasure::State>(events::erasure_stream(school_));
}

std::uint64_t Facts::version_of(const events::Stream& stream) {
  return read(stream).logged->version;
}

bool Facts::key_lives(events::KeyId id) { return version_of(events::key_stream(id)) == 0; }

void Facts::evolve(const std::vector<events::NewEvent>& events, const Context& context) {
  for (const auto& event : events) {
    auto& [logged, evolved] = read(event.stream);
    if (evolved == nullptr) evolved = std::make_unique<Fold>(*logged);
    const auto effective_at_us =
        event.effective_at_us == 0 ? context.now_us : event.effective_at_us;
    evolve_any(evolved->state, event.body,
               {context.now_us, effective_at_us, context.actor, ++evolved->version});
  }
}

std::vector<events::Condition> Facts::conditions() const {
  std::vector<events::Condition> conditions;
  conditions.reserve(reads_.size());
  for (const auto& [stream, read] : reads_) conditions.push_back({stream, read.logged->version});
  return conditions;
}

}  // namespace klasboek::aggregates
