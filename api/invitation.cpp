// Invitations: how a person whom the school knows comes in.
#include "aggregates/account.h"
#include "aggregates/calendar.h"
#include "api/admission.h"
#include "api/letter.h"
#include "api/password_problem.h"
#include "api/person_text.h"
#include "api/roster_words.h"
#include "api/route.h"
#include "reactions/invitation_code.h"

namespace klasboek::api {

namespace {

namespace directory = projections::directory;
using aggregates::Rejection;
using schema::required;
using schema::seldom;

constexpr std::string_view kCodeOfExample =
    "01h455vb4pex5vsknk084sn02q.01h455vb4pex5vsknk084sn02r.01h455vb4pex5vsknk084sn02s";

constexpr std::int64_t kInvitationTermUs = 30LL * 24 * 3600 * 1'000'000;
constexpr std::size_t kLetterCharactersMax = 20'000;

Response invite(Call& call) {
  const auto body = read_json(call.request);
  if (!body) return call.problem(body.error());
  JsonReader reader(*body);
  const auto account = reader.parsed("account", parse_account, "the id of an account");
  if (const auto problem = reader.finish()) return call.problem(*problem);
  const auto command = command_id_of(call);
  const auto invitation = made_id<events::InvitationId>(*command);
  Change change;
  change.build = [&](vault::Sealer&) -> std::expected<events::CommandBody, vault::VaultFault> {
    events::Invite order;
    order.account = *account;
    order.invitation = invitation;
    order.code_digest = reactions::code_digest(
        reactions::invitation_code(call.node.vault, call.school, invitation));
    order.expires_at_us = call.now_us + kInvitationTermUs;
    return order;
  };
  change.answer = [&](const std::vector<events::RecordedEvent>& events) {
    const auto& invited = std::get<events::AccountInvited>(events.at(0).body);
    const auto code = reactions::invitation_code(call.node.vault, call.school, invited.invitation);
    return changed(
        events,
        [&](JsonWriter& json) {
          json.text("id", events::to_text(invited.invitation))
              .text("code", code)
              .text("url", call.public_url + "/invitations/" + code)
              .instant("expires_at", invited.expires_at_us);
        },
        "/v1/invitations/" + code);
  };
  return carry_out(call, change);
}

/// The invited account, where school and invitation are there; the secret is checked by decide.
struct Invited {
  events::InvitationId invitation;
  directory::AccountRow account;
};

std::optional<Invited> invited_by(Call& call) {
  const auto code = reactions::parse_invitation_code(call.path["code"]);
  if (!code || !enter(call, code->school)) return std::nullopt;
  // A made-up secret looks like a made-up invitation.
  if (reactions::invitation_code(call.node.vault, code->school, code->invitation) !=
      call.path["code"]) {
    return std::nullopt;
  }
  const auto account = directory::invited_account(*call.views, call.school, code->invitation);
  auto row = account ? directory::account(*call.views, call.school, *account) : std::nullopt;
  if (!row) return std::nullopt;
  return Invited{code->invitation, *std::move(row)};
}

Response see_invitation(Call& call) {
  const auto invited = invited_by(call);
  if (!invited) return call.problem(not_found());
  std::string text;
  JsonWriter(text)
      .begin_object()
      .text("school_name", call.school_row.name)
      .text("name", person_name_of(call.open_text(invited->account.name)).full())
      .boolean("accepted", invited->account.admitted)
      .end_object();
  auto response = ok_json(std::move(text));
  response.add_header("Cache-Control", "private, no-store");
  return response;
}

Problem account_without_email() {
  return {409,
          "account_without_email",
          "No e-mail address",
          "The school knows no e-mail address for this account.",
          "Ask the school to add it, and accept the invitation then.",
          {},
          std::nullopt,
          {}};
}

Problem problem_of_acceptance(vault::LoginFault fault) {
  if (fault == vault::LoginFault::wrong_password) {
    return invalid_body({{"/password", "wrong_password",
                          "This e-mail address has a password already: give that one."}});
  }
  if (fault == vault::LoginFault::not_an_email) return account_without_email();
  return problem_of_password(fault, "/password");
}

/// Prepares the password, or checks it where the person has one in another school; then the
/// one-time code, where he has that too. Whoever guesses is held up as whoever logs in. Whether a
/// code was given.
std::expected<bool, Problem> check_newcomer(const Call& call, const events::CommandId& command,
                                            const std::string& email,
                                            const vault::Membership& membership,
                                            const std::string& password,
                                            const std::optional<std::string>& code) {
  auto& logins = call.node.vault.logins();
  const auto& address = call.request.remote_addr;
  const auto asked = logins.identity_of(email).value_or(vault::IdentityId{});
  if (const auto wait_s = call.throttle.begin(asked, address, call.now_us)) {
    return std::unexpected(
        too_many_requests("Too many log-ins failed from here just now.", *wait_s));
  }
  const auto prepared = logins.prepare_password(command, email, membership, password);
  if (!prepared) {
    if (prepared.error() != vault::LoginFault::wrong_password) {
      call.throttle.withdrawn(asked, address);
    }
    return std::unexpected(problem_of_acceptance(prepared.error()));
  }
  auto with_code = use_code(call, *prepared, code);
  if (with_code) {
    call.throttle.succeeded(asked, address, call.now_us);
    return with_code;
  }
  if (!code || with_code.error().status != 401) call.throttle.withdrawn(asked, address);
  return with_code;
}

Response accept_invitation(Call& call) {
  const auto body = read_json(call.request);
  if (!body) return call.problem(body.error());
  JsonReader reader(*body);
  const auto password = reader.text("password", kNewPasswordLimits);
  const auto code = reader.optional_text("one_time_code", kOneTimeCodeLimits);
  if (const auto problem = reader.finish()) return call.problem(*problem);
  const auto invited = invited_by(call);
  if (!invited) return call.problem(not_found());
  call.caller.account = invited->account.id;
  const auto command = command_id_of(call);
  if (!command) return call.problem(command.error());
  const vault::Membership membership{call.school, invited->account.id};
  const auto email = contact_card_of(call.open_text(invited->account.contact)).email;
  const auto with_code = check_newcomer(call, *command, email, membership, password, code);
  if (!with_code) return call.problem(with_code.error());
  Change change;
  change.canonical_body.emplace();  // a password leaves no trace; the vault compares it by itself
  change.build = [&](vault::Sealer&) -> std::expected<events::CommandBody, vault::VaultFault> {
    events::AcceptInvitation order;
    order.account = invited->account.id;
    order.invitation = invited->invitation;
    order.code_digest = reactions::code_digest(call.path["code"]);
    return order;
  };
  change.answer = [&](const std::vector<events::RecordedEvent>& events) {
    const auto identity = call.node.vault.logins().set_password_by_invitation(*command, membership);
    if (!identity) return call.problem(problem_of_acceptance(identity.error()));
    const auto token = begin_session(call, *identity, *with_code);
    if (!token) return call.problem(token.error());
    return changed(events, [&](JsonWriter& json) { json.text("token", *token); });
  };
  return carry_out(call, change);
}

/// Why the newest invitation of an account can't be sent any more; nullopt where it can.
std::optional<aggregates::Rejection> refuse_letter(const aggregates::account::State& account,
                                                   events::InvitationId invitation,
                                                   std::int64_t now_us) {
  const auto found = account.invitations.find(invitation);
  if (found == account.invitations.end()) return aggregates::Rejection::invitation_not_found;
  if (account.admitted) return aggregates::Rejection::invitation_used;
  if (account.newest_invitation != invitation) return aggregates::Rejection::invitation_replaced;
  if (found->second.expires_at_us <= now_us) return aggregates::Rejection::invitation_expired;
  return std::nullopt;
}

/// For a printer: the same way in as the mail has, for who has no address or doesn't read mail.
Response print_letter(Call& call) {
  const auto invitation = call.path_id<events::InvitationId>("invitation");
  const auto id =
      invitation ? directory::invited_account(*call.views, call.school, *invitation) : std::nullopt;
  const auto row = id ? directory::account(*call.views, call.school, *id) : std::nullopt;
  if (!row) return call.problem(not_found());
  const auto streams = call.shard->ledger().snapshot(call.school);
  aggregates::Facts facts(call.school, *streams, &call.node.folds);
  const auto& account = facts.account(*id);
  if (const auto refused = refuse_letter(account, *invitation, call.now_us)) {
    return call.problem(problem_of(aggregates::row_of(*refused).name));
  }
  InvitationLetter letter;
  letter.school_name = call.school_row.name;
  letter.name = person_name_of(call.open_text(row->name)).full();
  letter.url = call.public_url + "/invitations/" +
               reactions::invitation_code(call.node.vault, call.school, *invitation);
  letter.last_day = aggregates::local_time(call.school_row.time_zone,
                                           account.invitations.at(*invitation).expires_at_us)
                        .day;
  Response response = ok_json(to_html(letter));
  response.content_type = "text/html; charset=utf-8";
  response.add_header("Cache-Control", "private, no-store");
  return response;
}

schema::Schema invited_shape() {
  return schema::named(
      "Invitation",
      position_and(
          {required("id", schema::id<events::InvitationId>()),
           required("code", schema::opaque(200, kCodeOfExample)),
           required("url", schema::opaque(500, "https://school.example.org/invitations/…")),
           required("expires_at", schema::instant())}));
}

schema::Schema invitation_shape() {
  return schema::named(
      "InvitationSeen",
      schema::object({required("school_name", schema::words(200, "De Linde")),
                      required("name", schema::words(kFullNameCharactersMax, "Jolanda Voorbeeld")),
                      required("accepted", schema::boolean(false))}));
}

Shape letter_shape() {
  return Shape({.status = 200,
                .description = "A page that prints on one sheet",
                .body = schema::opaque(kLetterCharactersMax, "<!DOCTYPE html>…"),
                .content_type = "text/html; charset=utf-8"});
}

}  // namespace

std::vector<Route> invitation_routes() {
  return {
      {Method::post, "/v1/schools/{school}/invitations", "invite",
       "Invite the person of an account; the answer has the code for a letter",
       members({{events::Role::office}, {events::Role::director}, {events::Role::deputy}}), invite,
       makes(invited_shape())
           .takes(
               schema::named("InvitationRequest",
                             schema::body({required("account", schema::id<events::AccountId>())})))
           .refuses({Rejection::account_not_found, Rejection::account_closed,
                     Rejection::account_blocked, Rejection::account_already_admitted,
                     Rejection::invitation_used, Rejection::invitation_expiry_invalid,
                     Rejection::code_wrong})},
      {Method::get, "/v1/schools/{school}/invitations/{invitation}/letter", "print_letter",
       "An invitation as a letter to print (HTML), in Dutch and English",
       members({{events::Role::office}, {events::Role::director}, {events::Role::deputy}}),
       print_letter,
       letter_shape().refuses({Rejection::invitation_not_found, Rejection::invitation_used,
                               Rejection::invitation_replaced, Rejection::invitation_expired})},
      {Method::get, "/v1/invitations/{code}", "see_invitation", "What an invitation is for",
       anybody(), see_invitation, gives(invitation_shape())},
      {Method::post, "/v1/invitations/{code}", "accept_invitation",
       "Accept an invitation with a password and, where one is set up, a one-time code", anybody(),
       accept_invitation,
       gives(schema::named("InvitationAccepted",
                           position_and({required("token", schema::opaque(500, "…"))})))
           .takes(schema::named(
               "NewPassword",
               schema::body(
                   {required("password", schema::text(kNewPasswordLimits, "fietsen in de regen")),
                    seldom("one_time_code", schema::text(kOneTimeCodeLimits, "123456"))})))
           .keyed()
           .refuses({Rejection::account_not_found, Rejection::account_closed,
                     Rejection::account_blocked, Rejection::account_already_admitted,
                     Rejection::invitation_not_found, Rejection::invitation_used,
                     Rejection::invitation_replaced, Rejection::invitation_expired,
                     Rejection::code_wrong})
           .fails_with({account_without_email(), code_missing(), code_wrong()})},
  };
}

}  // namespace klasboek::api
