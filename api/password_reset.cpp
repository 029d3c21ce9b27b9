// A new password for who can't log in: a link by mail, good once.
#include "reactions/password_reset.h"
#include "api/admission.h"
#include "api/password_problem.h"
#include "api/route.h"
#include "reactions/invitation_code.h"

namespace klasboek::api {

namespace {

namespace directory = projections::directory;
using aggregates::Rejection;

constexpr TextLimits kEmailLimits{.min = 3, .max = 254};

/// The answer, and what it costs, are the same whether or not somebody has this address.
Response ask_reset(Call& call) {
  const auto body = read_json(call.request);
  if (!body) return call.problem(body.error());
  JsonReader reader(*body);
  const auto email = reader.text("email", kEmailLimits);
  if (const auto problem = reader.finish()) return call.problem(*problem);
  const auto identity = call.node.vault.logins().identity_of(email).value_or(vault::IdentityId{});
  const auto wait_s = call.reset_throttle.begin(identity, call.request.remote_addr, call.now_us);
  if (wait_s) {
    return call.problem(too_many_requests("Too many links were asked for from here.", *wait_s));
  }
  if (!reactions::ask_for_reset(call.node, identity)) {
    return call.problem(unavailable("A link can't be asked for just now.", 2));
  }
  Response response = ok_json("{}");
  response.status = 202;
  response.add_header("Cache-Control", "no-store");
  return response;
}

struct Asked {
  events::InvitationId reset;
  vault::Membership membership;
};

/// A made-up secret looks like a made-up request.
std::optional<Asked> asked_by(Call& call) {
  const auto code = reactions::parse_invitation_code(call.path["code"]);
  if (!code || !enter(call, code->school)) return std::nullopt;
  if (reactions::reset_code(call.node.vault, code->school, code->invitation) != call.path["code"]) {
    return std::nullopt;
  }
  const auto account = directory::invited_account(*call.views, call.school, code->invitation);
  if (!account) return std::nullopt;
  return Asked{code->invitation, {code->school, *account}};
}

Response reset_password(Call& call) {
  const auto body = read_json(call.request);
  if (!body) return call.problem(body.error());
  JsonReader reader(*body);
  const auto password = reader.text("password", kNewPasswordLimits);
  if (const auto problem = reader.finish()) return call.problem(*problem);
  const auto asked = asked_by(call);
  if (!asked) return call.problem(not_found());
  call.caller.account = asked->membership.account;
  const auto command = command_id_of(call);
  if (!command) return call.problem(command.error());
  auto& logins = call.node.vault.logins();
  const auto prepared = logins.prepare_new_password(*command, asked->membership, password);
  if (!prepared) return call.problem(problem_of_password(prepared.error(), "/password"));
  Change change;
  change.actor = events::Actor{asked->membership.account, events::Role::none, {}};
  change.canonical_body.emplace();  // a password leaves no trace; the vault compares it by itself
  change.build = [&](vault::Sealer&) -> std::expected<events::CommandBody, vault::VaultFault> {
    events::ResetPassword order;
    order.account = asked->membership.account;
    order.reset = asked->reset;
    order.code_digest = reactions::code_digest(call.path["code"]);
    return order;
  };
  change.answer = [&](const std::vector<events::RecordedEvent>& events) {
    const auto identity = logins.set_password_by_reset(*command, asked->membership);
    if (!identity) return call.problem(problem_of_password(identity.error(), "/password"));
    // Whoever had the old password is out, in every school.
    if (!call.node.vault.sessions().deny_all(*identity, call.now_us)) {
      return call.problem(unavailable("Sessions can't be ended just now.", 2));
    }
    return changed(events, [](JsonWriter&) {});
  };
  return carry_out(call, change);
}

Shape asked_shape() {
  return Shape({.status = 202,
                .description = "Taken up; the answer is the same for any address",
                .body = schema::named("ResetAsked", schema::object({}))});
}

}  // namespace

std::vector<Route> password_reset_routes() {
  return {
      {Method::post, "/v1/password-resets", "ask_password_reset",
       "Ask for a link by mail to choose a new password; the answer doesn't tell who has a log-in",
       anybody(), ask_reset,
       asked_shape().takes(schema::named(
           "ResetRequest", schema::body({schema::required(
                               "email", schema::text(kEmailLimits, "jolanda@example.org"))})))},
      {Method::post, "/v1/password-resets/{code}", "reset_password",
       "Choose a new password with the link's code; every session is ended", anybody(),
       reset_password,
       changes()
           .takes(schema::named(
               "ResetPassword",
               schema::body({schema::required(
                   "password", schema::text(kNewPasswordLimits, "met de trein naar zee"))})))
           .keyed()
           .refuses({Rejection::reset_not_found, Rejection::reset_used, Rejection::reset_replaced,
                     Rejection::reset_expired, Rejection::code_wrong})},
  };
}

}  // namespace klasboek::api
