#include "api/admission.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "aggregates/calendar.h"

namespace klasboek::api {

namespace {

namespace directory = projections::directory;

constexpr std::string_view kBearer = "Bearer ";
constexpr std::string_view kCookieName = "__Host-klasboek=";
constexpr std::chrono::milliseconds kMinPositionWaitMax{5'000};

constexpr std::array kRolesByName = {
    events::Role::director,     events::Role::deputy,  events::Role::office,
    events::Role::care,         events::Role::teacher, events::Role::board,
    events::Role::class_parent, events::Role::auditor, events::Role::reporter};

/// Who reads or changes what is others'.
constexpr std::array kStaffRoles = {
    events::Role::director, events::Role::deputy, events::Role::office,  events::Role::care,
    events::Role::teacher,  events::Role::board,  events::Role::auditor, events::Role::reporter};

std::optional<std::string_view> token_of(const Request& request) {
  if (const auto header = request.headers.find("Authorization")) {
    if (!header->starts_with(kBearer)) return std::nullopt;
    return header->substr(kBearer.size());
  }
  const auto cookies = request.headers.find("Cookie");
  if (!cookies) return std::nullopt;
  const auto at = cookies->find(kCookieName);
  if (at == std::string_view::npos) return std::nullopt;
  auto value = cookies->substr(at + kCookieName.size());
  return value.substr(0, value.find(';'));
}

Problem forbidden(std::string_view code, std::string detail, std::string remedy) {
  return {
      403, std::string(code), "Not allowed", std::move(detail), std::move(remedy), {}, std::nullopt,
      {}};
}

bool path_has(const Call& call, std::string_view name) {
  return std::ranges::any_of(call.path.all(),
                             [&](const PathParameter& p) { return p.name == name; });
}

bool in_own_class(const Call& call, events::AccountId account) {
  if (path_has(call, "group")) {
    const auto group = call.path_id<events::GroupId>("group");
    return group && works_with(call, account, *group);
  }
  if (path_has(call, "child")) {
    const auto id = call.path_id<events::ChildId>("child");
    const auto child = id ? directory::child(*call.views, call.school, *id) : std::nullopt;
    const auto group = child ? child->class_on(call.today) : std::nullopt;
    return group && works_with(call, account, *group);
  }
  return true;  // the handler keeps to the caller's own classes
}

bool is_own_child(const Call& call, events::AccountId account, bool authority_asked) {
  if (!path_has(call, "child")) return true;  // the handler keeps to the caller's own children
  const auto id = call.path_id<events::ChildId>("child");
  const auto child = id ? directory::child(*call.views, call.school, *id) : std::nullopt;
  const auto* link = child ? child->guardian(account) : nullptr;
  if (link == nullptr) return false;
  return !authority_asked || link->authority == events::Authority::with;
}

/// The child that an auditor asks about; zero where it is about no one child.
events::ChildId child_asked(const Call& call, Reach reach) {
  if (reach == Reach::granted) {
    if (!path_has(call, "child")) return {};
    return call.path_id<events::ChildId>("child").value_or(events::ChildId{});
  }
  const auto subject = call.request.query.find("subject");
  const auto child = subject ? events::parse_id<events::ChildId>(*subject) : std::nullopt;
  return child.value_or(events::ChildId{});
}

}  // namespace

Problem not_logged_in(std::string detail) {
  return {401,
          "not_logged_in",
          "Log in first",
          std::move(detail),
          "POST e-mail and password to /v1/sessions and send the token as Authorization: Bearer",
          {},
          std::nullopt,
          {}};
}

bool works_with(const Call& call, events::AccountId account, events::GroupId group) {
  const auto row = directory::group(*call.views, call.school, group);
  if (!row) return false;
  return std::ranges::any_of(row->staff, [&](const directory::Assignment& assignment) {
    return assignment.account == account && assignment.term.holds_on(call.today);
  });
}

std::expected<vault::Session, Problem> session_of(const Call& call) {
  const auto token = token_of(call.request);
  if (!token) return std::unexpected(not_logged_in("There is no session token in the request."));
  const auto session = call.node.vault.sessions().read(*token, call.now_us);
  if (session) return *session;
  switch (session.error()) {
    case vault::SessionFault::not_a_token:
      return std::unexpected(not_logged_in("The session token isn't one of this installation."));
    case vault::SessionFault::expired:
      return std::unexpected(not_logged_in("The session is too old."));
    case vault::SessionFault::denied:
      return std::unexpected(not_logged_in("The session was ended."));
  }
  std::abort();
}

Problem code_missing() {
  return {401,
          "one_time_code_missing",
          "Not logged in",
          "This log-in has a one-time code beside the password.",
          "Send the code that your authenticator shows as one_time_code.",
          {},
          std::nullopt,
          {}};
}

Problem code_wrong() {
  return {401,
          "one_time_code_wrong",
          "Not logged in",
          "This one-time code isn't right, or was used already.",
          "Send the code that your authenticator shows as one_time_code.",
          {},
          std::nullopt,
          {}};
}

Problem code_required() {
  return forbidden("one_time_code_required", "This school's staff log in with a one-time code.",
                   "Set one up with POST /v1/me/totp, then log in with it.");
}

std::expected<bool, Problem> use_code(const Call& call, vault::IdentityId identity,
                                      const std::optional<std::string>& code) {
  const auto verdict =
      call.node.vault.one_time_codes().use(identity, code.value_or(std::string()), call.now_us);
  if (!verdict) return std::unexpected(unavailable("Log-ins can't be checked just now.", 2));
  if (*verdict == vault::CodeVerdict::not_set) return false;
  if (*verdict == vault::CodeVerdict::right) return true;
  return std::unexpected(code ? code_wrong() : code_missing());
}

std::expected<std::string, Problem> begin_session(const Call& call, vault::IdentityId identity,
                                                  bool with_code) {
  auto& sessions = call.node.vault.sessions();
  auto token = sessions.issue(identity, call.now_us, call.node.random, with_code);
  const auto session = sessions.read(token, call.now_us);
  const auto label = call.request.headers.find("User-Agent").value_or(std::string_view());
  if (!session || !sessions.remember(*session, label)) {
    return std::unexpected(unavailable("A session can't be begun just now.", 2));
  }
  return token;
}

std::expected<void, Problem> enter(Call& call, events::SchoolId school) {
  call.school = school;
  call.shard = &call.node.shards.of(school);
  call.views = std::make_unique<projections::ViewSnapshot>(call.shard->projector->store());
  auto row = directory::school(*call.views, school);
  if (!row) return std::unexpected(not_found());
  call.school_row = *std::move(row);
  call.today = aggregates::local_time(call.school_row.time_zone, call.now_us).day;
  return {};
}

std::expected<void, Problem> enter_school(Call& call) {
  const auto school = call.path_id<events::SchoolId>("school");
  if (!school) return std::unexpected(not_found());
  const auto& shard = call.node.shards.of(*school);
  if (const auto text = call.request.query.find("min_position")) {
    std::uint64_t sequence = 0;
    const auto parsed = std::from_chars(text->data(), text->data() + text->size(), sequence);
    if (parsed.ec != std::errc{} || parsed.ptr != text->data() + text->size()) {
      return std::unexpected(
          invalid_parameter("min_position", "It is a position that an answer gave: a number."));
    }
    const auto commit = shard.ledger().commit_of_sequence(*school, sequence);
    if (!commit) {
      return std::unexpected(
          invalid_parameter("min_position", "It is beyond the end of this school's log."));
    }
    if (!shard.projector->wait_for(commit->position, kMinPositionWaitMax)) {
      return std::unexpected(unavailable("This node hasn't got that far yet.", 1));
    }
  }
  return enter(call, *school);
}

bool holds_role(const Call& call, const directory::AccountRow& account, events::Role role) {
  if (role == events::Role::guardian) return !account.children.empty();
  return account.holds_role(role, call.today);
}

std::vector<events::Role> roles_of(const Call& call, const directory::AccountRow& account) {
  std::vector<events::Role> roles;
  for (const auto role : kRolesByName) {
    if (holds_role(call, account, role)) roles.push_back(role);
  }
  if (holds_role(call, account, events::Role::guardian)) roles.push_back(events::Role::guardian);
  return roles;
}

bool reaches(const Call& call, const directory::AccountRow& account, Reach reach) {
  switch (reach) {
    case Reach::whole_school:
      return true;
    case Reach::own_child:
      return is_own_child(call, account.id, false);
    case Reach::own_child_with_authority:
      return is_own_child(call, account.id, true);
    case Reach::own_class:
      return in_own_class(call, account.id);
    case Reach::own_account:
      return !path_has(call, "account") || call.path_id<events::AccountId>("account") == account.id;
    case Reach::granted:
    case Reach::granted_subject:
      return account.audit_grant(child_asked(call, reach), call.today) != nullptr;
  }
  std::abort();
}

bool lacks_code(const Call& call, const directory::AccountRow& account) {
  if (!call.school_row.staff_codes || call.caller.session.with_code) return false;
  return std::ranges::any_of(
      kStaffRoles, [&](events::Role role) { return account.holds_role(role, call.today); });
}

bool enter_membership(Call& call, const vault::Membership& membership) {
  if (!enter(call, membership.school)) return false;
  auto row = directory::account(*call.views, call.school, membership.account);
  if (!row || !row->admitted || !row->is_active(call.today, call.now_us)) return false;
  if (call.caller.session.issued_at_us < row->sessions_not_before_us) return false;
  call.caller.account = row->id;
  call.caller.row = *std::move(row);
  return true;
}

std::expected<void, Problem> record_audit_read(const Call& call, std::string_view operation) {
  reactions::Order order;
  order.school = call.school;
  order.actor = {call.caller.account, events::Role::auditor, {}};
  // Each read is one of its own, also where the request repeats another.
  order.command = vault::draw<16>(call.node.random);
  order.build = [&](vault::Sealer&) -> std::expected<events::CommandBody, vault::VaultFault> {
    events::RecordAuditRead record;
    record.account = call.caller.account;
    record.operation = operation;
    record.of_child = call.caller.read_of;
    return record;
  };
  const auto outcome = reactions::carry_out(call.node, order);
  if (std::holds_alternative<log::Done>(outcome)) return {};
  // The grant ended between the look at the views and the record: it looks like what isn't there.
  if (std::holds_alternative<log::Refused>(outcome)) return std::unexpected(not_found());
  return std::unexpected(unavailable("That you read this can't be written down just now.", 2));
}

std::expected<void, Problem> admit(Call& call, const Access& access) {
  const auto memberships = call.node.vault.logins().memberships_of(call.caller.session.identity);
  if (!memberships) return std::unexpected(unavailable("Log-ins can't be read just now.", 2));
  const auto member = std::ranges::find(*memberships, call.school, &vault::Membership::school);
  // Whether a school exists isn't told to strangers.
  if (member == memberships->end()) return std::unexpected(not_found());
  auto row = directory::account(*call.views, call.school, member->account);
  if (!row || !row->admitted) return std::unexpected(not_found());
  if (!row->is_active(call.today, call.now_us)) {
    return std::unexpected(forbidden("account_not_active", "This account is blocked or closed.",
                                     "Ask the school's direction."));
  }
  if (call.caller.session.issued_at_us < row->sessions_not_before_us) {
    return std::unexpected(not_logged_in("The session was ended."));
  }
  if (lacks_code(call, *row)) return std::unexpected(code_required());
  bool held = false;
  for (const auto& grant : access.grants()) {
    if (!holds_role(call, *row, grant.role)) continue;
    held = true;
    if (!reaches(call, *row, grant.reach)) continue;
    call.caller.account = row->id;
    call.caller.role = grant.role;
    call.caller.row = *std::move(row);
    if (grant.reach == Reach::granted || grant.reach == Reach::granted_subject) {
      call.caller.read_of = child_asked(call, grant.reach);
      call.caller.reads_text =
          call.caller.row.audit_grant(call.caller.read_of, call.today)->readable_text;
    }
    return {};
  }
  // With the role but not the reach: what isn't one's own looks like what isn't there.
  if (held) return std::unexpected(not_found());
  return std::unexpected(
      forbidden("role_not_held", "None of your roles in this school may do this.",
                "Ask somebody who may, or the school's direction for the role."));
}

}  // namespace klasboek::api
