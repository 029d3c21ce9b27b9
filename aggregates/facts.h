#pragma once
// The folds a decision is based on, each remembered with the version it was read at: these become
// the conditions of the commit, so that a decision on facts that moved is void.
#include <map>
#include <memory>
#include <vector>

#include "aggregates/decision.h"
#include "aggregates/fold_cache.h"
#include "events/stream_source.h"

namespace klasboek::aggregates {

namespace school {
struct State;
}
namespace group {
struct State;
}
namespace child {
struct State;
}
namespace account {
struct State;
}
namespace preferences {
struct State;
}
namespace post {
struct State;
}
namespace consent {
struct State;
}
namespace absence {
struct State;
}
namespace leave {
struct State;
}
namespace delivery {
struct State;
}
namespace roster_import {
struct State;
}
namespace erasure {
struct State;
}

/// Folds streams of one school on demand, once each, from one snapshot. One thread, one decision.
class Facts {
 public:
  /// REQUIRES: source outlives this, and the cache too where there is one.
  Facts(events::SchoolId school_id, events::StreamSource& source, FoldCache* cache = nullptr);
  ~Facts();
  Facts(const Facts&) = delete;
  Facts& operator=(const Facts&) = delete;

  const school::State& school();
  const group::State& group(events::GroupId id);
  const child::State& child(events::ChildId id);
  const account::State& account(events::AccountId id);
  const preferences::State& preferences(events::AccountId id);
  const post::State& post(events::PostId id);
  const consent::State& consent(events::ChildId id);
  const absence::State& absence(events::ChildId id);
  const leave::State& leave(events::ChildId id);
  const delivery::State& delivery(events::AccountId id);
  const roster_import::State& roster_import(events::RosterImportId id);
  const erasure::State& erasure();
  /// Of a stream in the log, 0 where there is none; reading it makes it a condition.
  std::uint64_t version_of(const events::Stream& stream);
  /// True while nobody erased the key; reading it makes its stream a condition.
  bool key_lives(events::KeyId id);

  /// Carries events that were just decided into the folds, so that a next step of the same commit
  /// sees them. The conditions stay those of the log.
  void evolve(const std::vector<events::NewEvent>& events, const Context& context);

  /// Every stream that was read, at the version it had in the log.
  [[nodiscard]] std::vector<events::Condition> conditions() const;

 private:
  /// As the log has it, and with what was decided on top of it, where something was.
  struct Read {
    std::shared_ptr<const Fold> logged;
    std::unique_ptr<Fold> evolved;
  };
  Read& read(const events::Stream& stream);
  std::shared_ptr<const Fold> load(const events::Stream& stream);
  template <class State>
  const State& of(const events::Stream& stream);

  events::SchoolId school_;
  events::StreamSource& source_;
  FoldCache* cache_;
  std::map<events::Stream, Read> reads_;
};

}  // namespace klasboek::aggregates
