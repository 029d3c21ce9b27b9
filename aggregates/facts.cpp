#include "aggregates/facts.h"

#include <variant>

#include "aggregates/absence.h"
#include "aggregates/account.h"
#include "aggregates/child.h"
#include "aggregates/consent.h"
#include "aggregates/delivery.h"
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
                              leave::State, delivery::State, roster_import::State>;

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
    case events::StreamKind::none:
    case events::StreamKind::reading:
    case events::StreamKind::gathering:
    case events::StreamKind::conversation:
    case events::StreamKind::content_report:
    case events::StreamKind::media:
    case events::StreamKind::erasure:
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

struct Facts::Fold {
  /// As the log has it.
  std::uint64_t version = 0;
  /// Together with what was decided on top of it.
  std::uint64_t evolved_version = 0;
  AnyState state;
};

Facts::Facts(events::SchoolId school_id, events::StreamSource& source)
    : school_(school_id), source_(source) {}
Facts::~Facts() = default;

Facts::Fold& Facts::fold_of(const events::Stream& stream) {
  auto& fold = folds_[stream];
  if (fold != nullptr) return *fold;
  fold = std::make_unique<Fold>();
  fold->state = empty_state(stream.kind);
  fold->version = source_.read(stream, [&](const events::RecordedEvent& event) {
    evolve_any(fold->state, event.body,
               {event.recorded_at_us, event.effective_at_us, event.actor, event.stream_version});
  });
  fold->evolved_version = fold->version;
  return *fold;
}

template <class State>
const State& Facts::of(const events::Stream& stream) {
  return std::get<State>(fold_of(stream).state);
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

bool Facts::key_lives(events::KeyId id) { return fold_of(events::key_stream(id)).version == 0; }

void Facts::evolve(const std::vector<events::NewEvent>& events, const Context& context) {
  for (const auto& event : events) {
    auto& fold = fold_of(event.stream);
    const auto effective_at_us =
        event.effective_at_us == 0 ? context.now_us : event.effective_at_us;
    evolve_any(fold.state, event.body,
               {context.now_us, effective_at_us, context.actor, ++fold.evolved_version});
  }
}

std::vector<events::Condition> Facts::conditions() const {
  std::vector<events::Condition> conditions;
  conditions.reserve(folds_.size());
  for (const auto& [stream, fold] : folds_) conditions.push_back({stream, fold->version});
  return conditions;
}

}  // namespace klasboek::aggregates
