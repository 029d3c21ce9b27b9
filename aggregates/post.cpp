#include "aggregates/post.h"

#include <algorithm>

#include "aggregates/calendar.h"
#include "aggregates/fold.h"
#include "aggregates/group.h"

namespace klasboek::aggregates::post {

namespace {

std::vector<events::GroupId> each_once(const std::vector<events::GroupId>& groups) {
  std::vector<events::GroupId> once;
  for (const auto& group : groups) {
    if (std::ranges::find(once, group) == once.end()) once.push_back(group);
  }
  return once;
}

std::optional<Rejection> refuse_audience(std::span<const group::State* const> audience,
                                         events::Day today) {
  const auto founded = [](const group::State* group) { return group->founded; };
  const auto open = [&](const group::State* group) { return group::is_open(*group, today); };
  if (!std::ranges::all_of(audience, founded)) return Rejection::group_not_found;
  if (!std::ranges::all_of(audience, open)) return Rejection::group_closed;
  return std::nullopt;
}

bool is_head(events::Role role) {
  return role == events::Role::director || role == events::Role::deputy;
}

/// There, and still to be seen.
std::optional<Rejection> refuse_unless_standing(const State& state) {
  if (!state.published) return Rejection::post_not_found;
  if (state.retracted) return Rejection::post_retracted;
  return std::nullopt;
}

}  // namespace

void evolve(State& state, const events::PostEvent& event, const Happened& happened) {
  std::visit(Overloaded{
                 [&](const events::PostPublished& e) {
                   state.published = true;
                   state.author = happened.actor.account;
                   state.groups = e.groups;
                   state.release_at_us = e.release_at_us;
                   if (!e.open_ended) state.last_day = e.last_day;
                 },
                 [](const events::PostEdited&) {},
                 [&](const events::PostRetracted&) { state.retracted = true; },
             },
             event);
}

Decision decide(const events::PublishPost& command, const State& state, const school::State& school,
                std::span<const group::State* const> audience, const Context& context) {
  const auto now_us = context.now_us;
  if (const auto refused = refuse_audience(audience, today(school, now_us))) {
    return std::unexpected(*refused);
  }
  if (state.published) return std::unexpected(Rejection::post_exists);
  if (command.groups.empty()) return std::unexpected(Rejection::post_without_audience);
  if (!context.has_text(command.title) || !context.has_text(command.text)) {
    return std::unexpected(Rejection::post_text_missing);
  }
  if (command.release_at_us != 0 && command.release_at_us < now_us) {
    return std::unexpected(Rejection::post_release_in_past);
  }
  const bool emergency = context.has_text(command.emergency_reason);
  if (emergency && !is_head(context.actor.role)) {
    return std::unexpected(Rejection::emergency_needs_director);
  }
  const auto chosen_us = command.release_at_us == 0 ? now_us : command.release_at_us;
  const auto release_at_us =
      emergency ? std::optional(chosen_us) : next_posting_moment(school, chosen_us);
  if (!release_at_us) return std::unexpected(Rejection::school_year_not_set);
  if (!command.open_ended && command.last_day < local_time(school.time_zone, *release_at_us).day) {
    return std::unexpected(Rejection::post_ends_before_release);
  }
  events::PostPublished event;
  event.post = command.post;
  event.groups = each_once(command.groups);
  event.title = context.text(command.title);
  event.text = context.text(command.text);
  event.release_at_us = *release_at_us;
  if (!command.open_ended) event.last_day = command.last_day;
  event.open_ended = command.open_ended;
  event.must_confirm = command.must_confirm;
  event.held_by_window = *release_at_us != chosen_us;
  event.emergency_reason = context.text(command.emergency_reason);
  return on_stream(events::post_stream(command.post), std::move(event));
}

Decision decide(const events::EditPost& command, const State& state, const Context& context) {
  if (const auto refused = refuse_unless_standing(state)) return std::unexpected(*refused);
  if (!context.has_text(command.title) && !context.has_text(command.text)) {
    return std::unexpected(Rejection::nothing_to_change);
  }
  events::PostEdited event;
  event.title = context.text(command.title);
  event.text = context.text(command.text);
  return on_stream(events::post_stream(command.post), std::move(event));
}

Decision decide(const events::RetractPost& command, const State& state, const Context& context) {
  if (const auto refused = refuse_unless_standing(state)) return std::unexpected(*refused);
  events::PostRetracted event;
  event.reason = context.text(command.reason);
  return on_stream(events::post_stream(command.post), std::move(event));
}

}  // namespace klasboek::aggregates::post
