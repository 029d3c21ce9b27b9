// Shields: a child of which nothing may reach one of its guardians.
#include "api/roster_words.h"
#include "api/route.h"

namespace klasboek::api {

namespace {

using aggregates::Rejection;

constexpr TextLimits kReasonLimits{.min = 1, .max = 2'000, .lines = true};

/// Raises or lifts with the reason, which is the school's to read and stays with the child's texts.
template <class Order>
Response with_reason(Call& call) {
  const auto child = call.path_id<events::ChildId>("child");
  const auto guardian = call.path_id<events::AccountId>("guardian");
  if (!child || !guardian) return call.problem(not_found());
  const auto body = read_json(call.request);
  if (!body) return call.problem(body.error());
  JsonReader reader(*body);
  const auto reason = reader.text("reason", kReasonLimits);
  if (const auto problem = reader.finish()) return call.problem(*problem);
  Order order;
  order.child = *child;
  order.against = *guardian;
  return carry_out_with_text(call, order, &Order::reason,
                             {events::SubjectKind::child, child->value}, reason,
                             events::child_stream(*child));
}

Shape with_reason_shape(std::vector<Rejection> rejections) {
  return changes()
      .takes(schema::named("ShieldReason",
                           schema::body({schema::required(
                               "reason", schema::text(kReasonLimits, "Een uitspraak."))})))
      .versioned()
      .refuses({Rejection::child_not_found, Rejection::own_child_is_decided_by_another})
      .refuses(std::move(rejections));
}

}  // namespace

std::vector<Route> shield_routes() {
  return {
      {Method::post, "/v1/schools/{school}/children/{child}/guardians/{guardian}/shield",
       "raise_shield",
       "Shield a child from one of its guardians: nothing of it reaches that one any more",
       administration(), with_reason<events::RaiseShield>,
       with_reason_shape({Rejection::guardian_not_linked, Rejection::shield_already_raised})},
      {Method::post, "/v1/schools/{school}/children/{child}/guardians/{guardian}/shield-lifting",
       "lift_shield", "Lift a shield, with the reason", administration(),
       with_reason<events::LiftShield>, with_reason_shape({Rejection::shield_not_raised})},
  };
}

}  // namespace klasboek::api
