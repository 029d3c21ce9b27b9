// Logging in and out, and who am I.
#include <algorithm>

#include "api/admission.h"
#include "api/page.h"
#include "api/password_problem.h"
#include "api/person_text.h"
#include "api/route.h"

namespace klasboek::api {

namespace {

namespace directory = projections::directory;
using schema::optional;
using schema::required;
using schema::seldom;

constexpr TextLimits kEmailLimits{.min = 3, .max = 254};
constexpr TextLimits kPasswordLimits{.min = 1, .max = 1024};

Problem login_failed() {
  return {401,
          "login_failed",
          "Not logged in",
          "E-mail address and password don't belong together.",
          "Check both; whoever has no password yet gets an invitation from the school.",
          {},
          std::nullopt,
          {}};
}

Problem problem_of_login(vault::LoginFault fault) {
  switch (fault) {
    case vault::LoginFault::overloaded:
      return too_many_requests("Many people are logging in just now.", 2);
    case vault::LoginFault::unavailable:
      return unavailable("Log-ins can't be checked just now.", 2);
    case vault::LoginFault::not_an_email:
    case vault::LoginFault::password_too_short:
    case vault::LoginFault::password_too_long:
    case vault::LoginFault::password_not_text:
    case vault::LoginFault::password_leaked:
    case vault::LoginFault::wrong_password:
    case vault::LoginFault::not_prepared:
    case vault::LoginFault::prepared_otherwise:
      return login_failed();
  }
  std::abort();
}

Response log_in(Call& call) {
  const auto body = read_json(call.request);
  if (!body) return call.problem(body.error());
  JsonReader reader(*body);
  const auto email = reader.text("email", kEmailLimits);
  const auto password = reader.text("password", kPasswordLimits);
  const auto code = reader.optional_text("one_time_code", kOneTimeCodeLimits);
  if (const auto problem = reader.finish()) return call.problem(*problem);
  auto& logins = call.node.vault.logins();
  const auto& address = call.request.remote_addr;
  // What is no address is nobody's, and is counted alike.
  const auto asked = logins.identity_of(email).value_or(vault::IdentityId{});
  if (const auto wait_s = call.throttle.begin(asked, address, call.now_us)) {
    return call.problem(too_many_requests("Too many log-ins failed from here just now.", *wait_s));
  }
  const auto identity = logins.check_password(email, password);
  if (!identity) {
    if (identity.error() != vault::LoginFault::wrong_password) {
      call.throttle.withdrawn(asked, address);
    }
    return call.problem(problem_of_login(identity.error()));
  }
  const auto with_code = use_code(call, *identity, code);
  if (!with_code) {
    // Who sent none yet has guessed nothing; a wrong one counts as a wrong password does.
    if (!code || with_code.error().status != 401) call.throttle.withdrawn(asked, address);
    return call.problem(with_code.error());
  }
  call.throttle.succeeded(asked, address, call.now_us);
  const auto token = begin_session(call, *identity, *with_code);
  if (!token) return call.problem(token.error());
  std::string text;
  JsonWriter(text)
      .begin_object()
      .text("token", *token)
      .instant("expires_at", call.now_us + vault::kSessionLifetimeUs)
      .end_object();
  auto response = ok_json(std::move(text));
  response.status = 201;
  response.add_header("Location", "/v1/sessions/current");
  response.add_header("Cache-Control", "private, no-store");
  return response;
}

Response log_out(Call& call) {
  if (!call.node.vault.sessions().deny(call.caller.session)) {
    return call.problem(unavailable("The session can't be ended just now.", 2));
  }
  return no_content();
}

void write_child(JsonWriter& json, const Call& call, events::ChildId id) {
  const auto child = directory::child(*call.views, call.school, id);
  if (!child) return;
  const auto* link = child->guardian(call.caller.account);
  json.begin_object().text("id", events::to_text(id));
  json.text("name", person_name_of(call.open_text(child->name)).full());
  if (const auto group = child->class_on(call.today)) json.text("group", events::to_text(*group));
  json.boolean("authority", link != nullptr && link->authority == events::Authority::with);
  json.end_object();
}

void write_membership(JsonWriter& json, Call& call, const vault::Membership& membership) {
  if (!enter_membership(call, membership)) return;
  const auto* account = &call.caller.row;
  json.begin_object()
      .text("school", events::to_text(membership.school))
      .text("school_name", call.school_row.name)
      .text("account", events::to_text(membership.account))
      .text("name", person_name_of(call.open_text(account->name)).full());
  if (lacks_code(call, *account)) json.boolean("code_required", true);
  json.begin_array("roles");
  for (const auto role : roles_of(call, *account)) json.text(name_of(role));
  json.end_array().begin_array("children");
  for (const auto child : account->children) write_child(json, call, child);
  json.end_array().begin_array("groups");
  for (const auto group : account->groups) json.text(events::to_text(group));
  json.end_array().end_object();
}

Response who_am_i(Call& call) {
  const auto memberships = call.node.vault.logins().memberships_of(call.caller.session.identity);
  if (!memberships) return call.problem(unavailable("Log-ins can't be read just now.", 2));
  std::string text;
  JsonWriter json(text);
  json.begin_object().begin_array("schools");
  for (const auto& membership : *memberships) write_membership(json, call, membership);
  json.end_array().end_object();
  auto response = ok_json(std::move(text));
  response.add_header("Cache-Control", "private, no-store");
  return response;
}

/// Every session in the caller's list but the one that asks.
std::optional<Problem> end_others(const Call& call) {
  auto& sessions = call.node.vault.sessions();
  const auto list = sessions.remembered(call.caller.session.identity, call.now_us);
  const bool ended =
      list && std::ranges::all_of(*list, [&](const auto& one) {
        return one.session.id == call.caller.session.id || sessions.deny(one.session).has_value();
      });
  if (ended) return std::nullopt;
  return unavailable("Your other sessions can't be ended just now.", 2);
}

/// Whoever holds a session and guesses is held up as whoever logs in.
Response change_password(Call& call) {
  const auto body = read_json(call.request);
  if (!body) return call.problem(body.error());
  JsonReader reader(*body);
  const auto old_password = reader.text("old_password", kPasswordLimits);
  const auto new_password = reader.text("new_password", kNewPasswordLimits);
  if (const auto problem = reader.finish()) return call.problem(*problem);
  const auto& session = call.caller.session;
  const auto& address = call.request.remote_addr;
  if (const auto wait_s = call.throttle.begin(session.identity, address, call.now_us)) {
    return call.problem(too_many_requests("Too many log-ins failed from here just now.", *wait_s));
  }
  const auto changed =
      call.node.vault.logins().change_password(session.identity, old_password, new_password);
  if (!changed) {
    if (changed.error() != vault::LoginFault::wrong_password) {
      call.throttle.withdrawn(session.identity, address);
    }
    const bool is_old = changed.error() == vault::LoginFault::wrong_password;
    return call.problem(
        problem_of_password(changed.error(), is_old ? "/old_password" : "/new_password"));
  }
  call.throttle.succeeded(session.identity, address, call.now_us);
  if (const auto problem = end_others(call)) return call.problem(*problem);
  return no_content();
}

Response see_sessions(Call& call) {
  const auto& current = call.caller.session;
  const auto list = call.node.vault.sessions().remembered(current.identity, call.now_us);
  if (!list) return call.problem(unavailable("Sessions can't be read just now.", 2));
  return whole_list(call, 0, [&](JsonWriter& json) {
    for (const auto& one : *list) {
      json.begin_object()
          .text("id", events::to_text(one.session.id))
          .text("label", one.label)
          .instant("issued_at", one.session.issued_at_us)
          .instant("expires_at", one.session.issued_at_us + vault::kSessionLifetimeUs)
          .boolean("current", one.session.id == current.id)
          .end_object();
    }
  });
}

/// Another one's session looks like none.
Response end_session(Call& call) {
  auto& sessions = call.node.vault.sessions();
  const auto id = call.path_id<vault::SessionId>("session");
  const auto list = sessions.remembered(call.caller.session.identity, call.now_us);
  if (!list) return call.problem(unavailable("Sessions can't be read just now.", 2));
  const auto found =
      std::ranges::find_if(*list, [&](const auto& one) { return id && one.session.id == *id; });
  if (found == list->end()) return call.problem(not_found());
  if (!sessions.deny(found->session)) {
    return call.problem(unavailable("The session can't be ended just now.", 2));
  }
  return no_content();
}

constexpr ListLimits kSchoolsMax{.min = 0, .max = 1'000};

schema::Schema credentials() {
  return schema::named(
      "Credentials",
      schema::body({required("email", schema::text(kEmailLimits, "jolanda@example.org")),
                    required("password", schema::text(kPasswordLimits, "fietsen in de regen")),
                    seldom("one_time_code", schema::text(kOneTimeCodeLimits, "123456"))}));
}

schema::Schema session_shape() {
  return schema::named("Session", schema::object({required("token", schema::opaque(500, "…")),
                                                  required("expires_at", schema::instant())}));
}

schema::Schema myself() {
  const auto child = schema::object({
      required("id", schema::id<events::ChildId>()),
      required("name", schema::words(kFullNameCharactersMax, "Sam Voorbeeld")),
      optional("group", schema::id<events::GroupId>()),
      required("authority", schema::boolean()),
  });
  const auto membership = schema::object({
      required("school", schema::id<events::SchoolId>()),
      required("school_name", schema::words(200, "De Linde")),
      required("account", schema::id<events::AccountId>()),
      required("name", schema::words(kFullNameCharactersMax, "Jolanda Voorbeeld")),
      seldom("code_required", schema::boolean()),
      required("roles", role_names()),
      required("children", schema::list(kSchoolsMax, schema::named("MyChild", child))),
      required("groups", schema::list(kSchoolsMax, schema::id<events::GroupId>())),
  });
  return schema::named(
      "Myself",
      schema::object({required(
          "schools", schema::list(kSchoolsMax, schema::named("Membership", membership)))}));
}

schema::Schema session_seen() {
  return schema::named(
      "SessionSeen",
      schema::object({required("id", schema::id<vault::SessionId>()),
                      required("label", schema::opaque(vault::kSessionLabelBytesMax, "Firefox")),
                      required("issued_at", schema::instant()),
                      required("expires_at", schema::instant()),
                      required("current", schema::boolean())}));
}

schema::Schema password_change() {
  return schema::named(
      "PasswordChange",
      schema::body(
          {required("old_password", schema::text(kPasswordLimits, "fietsen in de regen")),
           required("new_password", schema::text(kNewPasswordLimits, "met de trein naar zee"))}));
}

}  // namespace

std::vector<Route> session_routes() {
  return {
      {Method::get, "/v1/me/sessions", "see_sessions", "Where I am logged in", logged_in(),
       see_sessions, gives(page_of(session_seen())).versioned()},
      {Method::delete_, "/v1/me/sessions/{session}", "end_session", "End one of my sessions",
       logged_in(), end_session, ends()},
      {Method::put, "/v1/me/password", "change_password",
       "Choose another password; every other session is ended", logged_in(), change_password,
       ends().takes(password_change())},
      {Method::post, "/v1/sessions", "log_in",
       "Log in with e-mail address, password and, where one is set up, a one-time code", anybody(),
       log_in,
       makes(session_shape())
           .takes(credentials())
           .fails_with({login_failed(), code_missing(), code_wrong()})},
      {Method::delete_, "/v1/sessions/current", "log_out", "Log out: end this session", logged_in(),
       log_out, ends()},
      {Method::get, "/v1/me", "who_am_i", "Who am I: schools, roles, children and groups",
       logged_in(), who_am_i, gives(myself())},
  };
}

}  // namespace klasboek::api
