// One-time codes: a person sets one up for himself, a school asks it of its staff.
#include "api/admission.h"
#include "api/roster_words.h"
#include "api/route.h"

namespace klasboek::api {

namespace {

using aggregates::Rejection;
using schema::required;

Problem unreachable() { return unavailable("One-time codes can't be kept just now.", 2); }

Problem own_code_required() {
  return {403,
          "one_time_code_required",
          "Not allowed",
          "This log-in has a one-time code, and this session was begun without it.",
          "Log in with the code first.",
          {},
          std::nullopt,
          {}};
}

Problem own_code_first() {
  return {409,
          "own_code_first",
          "Begin with yourself",
          "You are logged in without a one-time code.",
          "Set one up with POST /v1/me/totp and log in with it, then ask it of all.",
          {},
          std::nullopt,
          {}};
}

/// A stolen session is no way to take the code away or to put another in its place.
std::optional<Problem> refuse_without_code(const Call& call) {
  const auto is_set = call.node.vault.one_time_codes().is_set(call.caller.session.identity);
  if (!is_set) return unreachable();
  if (!*is_set || call.caller.session.with_code) return std::nullopt;
  return own_code_required();
}

/// The secret is told this once; it counts when a code of it was shown.
Response propose(Call& call) {
  if (const auto problem = refuse_without_code(call)) return call.problem(*problem);
  const auto secret = call.node.vault.one_time_codes().propose(call.caller.session.identity);
  if (!secret) return call.problem(unreachable());
  std::string text;
  JsonWriter(text)
      .begin_object()
      .text("secret", *secret)
      .text("uri", "otpauth://totp/klasboek?issuer=klasboek&secret=" + *secret)
      .end_object();
  auto response = ok_json(std::move(text));
  response.add_header("Cache-Control", "private, no-store");
  return response;
}

Response confirm(Call& call) {
  const auto body = read_json(call.request);
  if (!body) return call.problem(body.error());
  JsonReader reader(*body);
  const auto code = reader.text("code", kOneTimeCodeLimits);
  if (const auto problem = reader.finish()) return call.problem(*problem);
  if (const auto problem = refuse_without_code(call)) return call.problem(*problem);
  const auto& identity = call.caller.session.identity;
  const auto& address = call.request.remote_addr;
  if (const auto wait_s = call.throttle.begin(identity, address, call.now_us)) {
    return call.problem(too_many_requests("Too many codes were wrong.", *wait_s));
  }
  const auto verdict = call.node.vault.one_time_codes().confirm(identity, code, call.now_us);
  if (!verdict || *verdict != vault::CodeVerdict::wrong) call.throttle.withdrawn(identity, address);
  if (!verdict) return call.problem(unreachable());
  if (*verdict == vault::CodeVerdict::right) return no_content();
  return call.problem(
      invalid_body({{"/code", "wrong_code",
                     *verdict == vault::CodeVerdict::not_set
                         ? "There is no secret to confirm: ask for one with POST /v1/me/totp."
                         : "It isn't the code that belongs to the secret now."}}));
}

Response take_away(Call& call) {
  if (const auto problem = refuse_without_code(call)) return call.problem(*problem);
  if (!call.node.vault.one_time_codes().remove(call.caller.session.identity)) {
    return call.problem(unreachable());
  }
  return no_content();
}

Response set_staff_codes(Call& call) {
  const auto body = read_json(call.request);
  if (!body) return call.problem(body.error());
  JsonReader reader(*body);
  events::SetStaffCodes order;
  order.required = reader.boolean("required");
  if (const auto problem = reader.finish()) return call.problem(*problem);
  // Whoever asks it of all mustn't lock himself out by it.
  if (order.required && !call.caller.session.with_code) {
    return call.problem(own_code_first());
  }
  return carry_out_plain(call, order, events::school_stream(call.school));
}

schema::Schema secret_shape() {
  return schema::named(
      "OneTimeCodeSecret",
      schema::object(
          {required("secret", schema::visible_ascii(100, "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")),
           required("uri", schema::visible_ascii(
                               300, "otpauth://totp/klasboek?issuer=klasboek&secret=JBSWY3DP"))}));
}

schema::Schema code_body() {
  return schema::named(
      "OneTimeCode", schema::body({required("code", schema::text(kOneTimeCodeLimits, "123456"))}));
}

}  // namespace

std::vector<Route> one_time_code_routes() {
  return {
      {Method::post, "/v1/me/totp", "propose_one_time_code",
       "A new secret for one-time codes; it counts once it is confirmed", logged_in(), propose,
       gives(secret_shape()).fails_with({own_code_required()})},
      {Method::put, "/v1/me/totp", "confirm_one_time_code",
       "Show a code of the new secret: from now on I log in with one", logged_in(), confirm,
       ends().takes(code_body()).fails_with({own_code_required()})},
      {Method::delete_, "/v1/me/totp", "remove_one_time_code",
       "Log in without one-time codes again", logged_in(), take_away,
       ends().fails_with({own_code_required()})},
      {Method::put, "/v1/schools/{school}/staff-codes", "set_staff_codes",
       "Whether the school's staff have to log in with a one-time code",
       members({{events::Role::director}}), set_staff_codes,
       changes()
           .takes(
               schema::named("StaffCodes", schema::body({required("required", schema::boolean())})))
           .versioned()
           .refuses({Rejection::nothing_to_change})
           .fails_with({own_code_first()})},
  };
}

}  // namespace klasboek::api
