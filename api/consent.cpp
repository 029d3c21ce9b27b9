// Consent: purposes and notices, answers, and the view per child.
#include "api/admission.h"
#include "api/child_facts.h"
#include "api/moment.h"
#include "api/page.h"
#include "api/roster_words.h"
#include "api/route.h"
#include "api/wire_names.h"
#include "projections/consent_view.h"

namespace klasboek::api {

namespace {

namespace consent_view = projections::consent_view;
namespace directory = projections::directory;
using aggregates::Rejection;
using events::Role;
using schema::optional;
using schema::required;

constexpr TextLimits kCodeLimits{.min = 2, .max = 40};
constexpr TextLimits kLanguageLimits{.min = 2, .max = 2};
constexpr TextLimits kTitleLimits{.min = 1, .max = 200};
constexpr TextLimits kTextLimits{.min = 1, .max = 20'000, .lines = true};
constexpr IntegerLimits kNoticeVersions{.min = 1, .max = 1'000'000};
constexpr ListLimits kLanguagesMax{.min = 1, .max = 10};

std::vector<events::NoticeText> read_texts(JsonReader& reader) {
  std::vector<events::NoticeText> texts;
  reader.objects("texts", kLanguagesMax, [&](JsonReader& each) {
    events::NoticeText text;
    text.language = each.text("language", kLanguageLimits);
    text.title = each.text("title", kTitleLimits);
    text.text = each.text("text", kTextLimits);
    texts.push_back(std::move(text));
  });
  return texts;
}

void write_texts(JsonWriter& json, const std::vector<events::NoticeText>& texts) {
  json.begin_array("texts");
  for (const auto& text : texts) {
    json.begin_object()
        .text("language", text.language)
        .text("title", text.title)
        .text("text", text.text)
        .end_object();
  }
  json.end_array();
}

Response see_purposes(Call& call) {
  return whole_list(call, call.school_row.version, [&](JsonWriter& json) {
    for (const auto& purpose : directory::purposes(*call.views, call.school)) {
      json.begin_object()
          .text("id", events::to_text(purpose.id))
          .text("code", purpose.code)
          .integer("notice_version", purpose.notice_version);
      write_texts(json, purpose.texts);
      json.end_object();
    }
  });
}

Response add_purpose(Call& call) {
  const auto body = read_json(call.request);
  if (!body) return call.problem(body.error());
  JsonReader reader(*body);
  const auto code = reader.text("code", kCodeLimits);
  const auto texts = read_texts(reader);
  if (const auto problem = reader.finish()) return call.problem(*problem);
  const auto id = made_id<events::PurposeId>(*command_id_of(call));
  Change change;
  change.build = [&](vault::Sealer&) -> std::expected<events::CommandBody, vault::VaultFault> {
    events::AddPurpose order;
    order.purpose = id;
    order.code = code;
    order.texts = texts;
    return order;
  };
  change.answer = [&](const std::vector<events::RecordedEvent>& events) {
    return changed(
        events, [&](JsonWriter& json) { json.text("id", events::to_text(id)); },
        "/v1/schools/" + events::to_text(call.school) + "/consent-purposes/" + events::to_text(id));
  };
  return carry_out(call, change);
}

Response publish_notice(Call& call) {
  const auto purpose = call.path_id<events::PurposeId>("purpose");
  if (!purpose) return call.problem(not_found());
  const auto body = read_json(call.request);
  if (!body) return call.problem(body.error());
  JsonReader reader(*body);
  const auto texts = read_texts(reader);
  const auto asks_again = reader.optional_boolean("asks_again").value_or(false);
  if (const auto problem = reader.finish()) return call.problem(*problem);
  Change change;
  change.read_from = events::school_stream(call.school);
  change.build = [&](vault::Sealer&) -> std::expected<events::CommandBody, vault::VaultFault> {
    events::PublishNotice order;
    order.purpose = *purpose;
    order.texts = texts;
    order.asks_again = asks_again;
    return order;
  };
  change.answer = [&](const std::vector<events::RecordedEvent>& events) {
    return changed(events, [&](JsonWriter& json) {
      json.text("id", events::to_text(*purpose));
      json.integer("notice_version", std::get<events::NoticePublished>(events.at(0).body).version);
    });
  };
  return carry_out(call, change);
}

/// An answer as it comes in, in the portal or by staff's hand.
struct AnswerBody {
  events::ConsentAnswer answer = events::ConsentAnswer::refused;
  std::uint32_t notice_version = 0;
  std::string language;
  events::AccountId answered_by;
  events::AnswerRoute route = events::AnswerRoute::portal;
  std::int64_t given_at_us = 0;
};

Response give_answer(Call& call, const AnswerBody& answer) {
  const auto child = call.path_id<events::ChildId>("child");
  const auto purpose = call.path_id<events::PurposeId>("purpose");
  if (!child || !purpose) return call.problem(not_found());
  const auto row = directory::child(*call.views, call.school, *child);
  if (!row) return call.problem(not_found());
  const auto birth_day = birth_day_of(call, *row);
  Change change;
  change.actor = events::Actor{call.caller.account, call.caller.role, {}};
  if (answer.answered_by != call.caller.account) change.actor->on_behalf_of = answer.answered_by;
  change.build = [&](vault::Sealer&) -> std::expected<events::CommandBody, vault::VaultFault> {
    events::AnswerConsent order;
    order.child = *child;
    order.purpose = *purpose;
    order.answer = answer.answer;
    order.notice_version = answer.notice_version;
    order.language = answer.language;
    order.answered_by = answer.answered_by;
    order.route = answer.route;
    order.given_at_us = answer.given_at_us;
    order.sixteen_or_older = birth_day && is_sixteen_on(*birth_day, call.today);
    return order;
  };
  change.answer = [&](const std::vector<events::RecordedEvent>& events) {
    return changed(events, [&](JsonWriter& json) {
      json.text("child", events::to_text(*child)).text("purpose", events::to_text(*purpose));
      // What was asked is said by the event: refusing what was given is a withdrawal.
      json.text("event", events.empty() ? "none" : events::name_of(events.at(0).body));
    });
  };
  return carry_out(call, change);
}

Response answer_consent(Call& call) {
  const auto body = read_json(call.request);
  if (!body) return call.problem(body.error());
  JsonReader reader(*body);
  AnswerBody answer;
  answer.answer = reader.one_of<events::ConsentAnswer>("answer", kConsentAnswers);
  answer.notice_version =
      static_cast<std::uint32_t>(reader.integer("notice_version", kNoticeVersions));
  answer.language = reader.text("language", kLanguageLimits);
  answer.answered_by = call.caller.account;
  if (const auto problem = reader.finish()) return call.problem(*problem);
  return give_answer(call, answer);
}

Response record_answer(Call& call) {
  const auto body = read_json(call.request);
  if (!body) return call.problem(body.error());
  JsonReader reader(*body);
  AnswerBody answer;
  answer.answer = reader.one_of<events::ConsentAnswer>("answer", kConsentAnswers);
  answer.notice_version =
      static_cast<std::uint32_t>(reader.integer("notice_version", kNoticeVersions));
  answer.language = reader.text("language", kLanguageLimits);
  const auto guardian =
      reader.parsed("answered_by", parse_account, "the id of a guardian's account");
  if (guardian) answer.answered_by = *guardian;
  answer.route = reader.one_of<events::AnswerRoute>("route", kRecordedRoutes);
  answer.given_at_us = reader.instant_us("given_at");
  if (const auto problem = reader.finish()) return call.problem(*problem);
  return give_answer(call, answer);
}

/// A guardian sees his own answer and the outcome, never what another answered.
bool may_see_answer(const Call& call, const consent_view::Answer& answer) {
  return call.caller.role != Role::guardian || answer.answered_by == call.caller.account;
}

void write_answer(JsonWriter& json, const consent_view::Answer& answer) {
  json.begin_object()
      .text("answered_by", events::to_text(answer.answered_by))
      .text("answer", name_in(kConsentVoices, answer.voice))
      .integer("notice_version", answer.notice_version)
      .text("language", answer.language)
      .text("route", name_in(kAnswerRoutes, answer.route))
      .text("recorded_by", events::to_text(answer.recorded_by.account))
      .instant("given_at", answer.given_at_us)
      .instant("recorded_at", answer.recorded_at_us)
      .integer("position", static_cast<std::int64_t>(answer.sequence))
      .end_object();
}

Response see_consents(Call& call) {
  const auto child = call.path_id<events::ChildId>("child");
  if (!child) return call.problem(not_found());
  const auto at = moment_of(call);
  if (!at) return call.problem(at.error());
  std::string text;
  JsonWriter json(text);
  json.begin_object().text("child", events::to_text(*child));
  const auto& as_of = *at;
  if (as_of) json.integer("at", static_cast<std::int64_t>(*as_of));
  json.begin_array("items");
  for (const auto& row : consent_view::consents(*call.views, call.school, *child, *at)) {
    json.begin_object()
        .text("purpose", events::to_text(row.purpose))
        .text("code", row.purpose_code)
        .integer("notice_version", row.notice_version)
        .text("status", events::name_of(row.outcome));
    json.begin_array("answers");
    for (const auto& answer : row.answers) {
      if (may_see_answer(call, answer)) write_answer(json, answer);
    }
    json.end_array().end_object();
  }
  json.end_array().null("next").end_object();
  return tagged(call, consent_view::stream_version(*call.views, call.school, *child),
                std::move(text));
}

Response see_history(Call& call) {
  const auto child = call.path_id<events::ChildId>("child");
  const auto purpose = call.path_id<events::PurposeId>("purpose");
  if (!child || !purpose) return call.problem(not_found());
  const auto limit = page_limit(call.request.query);
  if (!limit) return call.problem(limit.error());
  const auto scope = "consents/" + events::to_text(*child) + "/" + events::to_text(*purpose);
  const auto after = sequence_cursor(call, scope);
  if (!after) return call.problem(after.error());
  const auto page =
      consent_view::history(*call.views, call.school, *child, *purpose, *after, *limit);
  return sequence_page(call, scope, page.next, [&](JsonWriter& json) {
    for (const auto& answer : page.answers) {
      if (may_see_answer(call, answer)) write_answer(json, answer);
    }
  });
}

Response see_overview(Call& call) {
  const auto group_text = call.request.query.find("group");
  const auto purpose_text = call.request.query.find("purpose");
  const auto group = group_text ? events::parse_id<events::GroupId>(*group_text) : std::nullopt;
  const auto purpose =
      purpose_text ? events::parse_id<events::PurposeId>(*purpose_text) : std::nullopt;
  if (!group) return call.problem(invalid_parameter("group", "It is the id of a group."));
  if (!purpose) return call.problem(invalid_parameter("purpose", "It is the id of a purpose."));
  if (call.caller.role == Role::teacher && !works_with(call, call.caller.account, *group)) {
    return call.problem(not_found());
  }
  return whole_list(call, 0, [&](JsonWriter& json) {
    for (const auto& row :
         consent_view::overview(*call.views, call.school, *group, *purpose, call.today)) {
      json.begin_object()
          .text("child", events::to_text(row.child))
          .text("status", events::name_of(row.outcome))
          .end_object();
    }
  });
}

constexpr std::string_view kChildConsents = "/v1/schools/{school}/children/{child}/consents";

Access readers() {
  return members({{Role::guardian, Reach::own_child},
                  {Role::teacher, Reach::own_class},
                  {Role::office},
                  {Role::director},
                  {Role::deputy},
                  {Role::auditor, Reach::granted}});
}

schema::Member texts_member(schema::Schema (*whole)(const std::vector<schema::Member>&)) {
  return required(
      "texts",
      schema::list(kLanguagesMax,
                   whole({required("language", schema::text(kLanguageLimits, "nl")),
                          required("title", schema::text(kTitleLimits, "Foto's")),
                          required("text", schema::text(kTextLimits, "Foto's op de website."))})));
}

schema::Schema purpose_shape() {
  return schema::named(
      "Purpose", schema::object({required("id", schema::id<events::PurposeId>()),
                                 required("code", schema::text(kCodeLimits, "photos")),
                                 required("notice_version", schema::integer(kNoticeVersions, 1)),
                                 texts_member(schema::object)}));
}

std::vector<schema::Member> answer_members() {
  return {required("answer", schema::one_of_table(kConsentAnswers)),
          required("notice_version", schema::integer(kNoticeVersions, 1)),
          required("language", schema::text(kLanguageLimits, "nl"))};
}

schema::Schema recorded_body() {
  auto members = answer_members();
  members.push_back(required("answered_by", schema::id<events::AccountId>()));
  members.push_back(required("route", schema::one_of_table(kRecordedRoutes)));
  members.push_back(required("given_at", schema::instant()));
  return schema::named("RecordedAnswer", schema::body(members));
}

schema::Schema answered_shape() {
  return schema::named(
      "ConsentAnswered",
      position_and({required("child", schema::id<events::ChildId>()),
                    required("purpose", schema::id<events::PurposeId>()),
                    required("event", schema::one_of({"ConsentGiven", "ConsentRefused",
                                                      "ConsentWithdrawn", "none"}))}));
}

schema::Schema answer_shape() {
  return schema::named(
      "ConsentAnswerSeen",
      schema::object({required("answered_by", schema::id<events::AccountId>()),
                      required("answer", schema::one_of_table(kConsentVoices)),
                      required("notice_version", schema::integer(kNoticeVersions, 1)),
                      required("language", schema::text(kLanguageLimits, "nl")),
                      required("route", schema::one_of_table(kAnswerRoutes)),
                      required("recorded_by", schema::id<events::AccountId>()),
                      required("given_at", schema::instant()),
                      required("recorded_at", schema::instant()),
                      required("position", schema::position())}));
}

schema::Schema outcome_name() {
  std::vector<std::string_view> names;
  for (int n = 0; n <= static_cast<int>(events::ConsentOutcome::lapsed); ++n) {
    names.push_back(events::name_of(static_cast<events::ConsentOutcome>(n)));
  }
  return schema::one_of(names);
}

schema::Schema consents_shape() {
  const auto purpose =
      schema::object({required("purpose", schema::id<events::PurposeId>()),
                      required("code", schema::text(kCodeLimits, "photos")),
                      required("notice_version", schema::integer(kNoticeVersions, 1)),
                      required("status", outcome_name()),
                      required("answers", schema::list({.min = 0, .max = 100}, answer_shape()))});
  return schema::named("ChildsConsents", page_of(schema::named("ConsentOfPurpose", purpose),
                                                 {required("child", schema::id<events::ChildId>()),
                                                  schema::seldom("at", schema::position())}));
}

schema::Schema overview_shape() {
  return schema::named("ConsentOfChild",
                       schema::object({required("child", schema::id<events::ChildId>()),
                                       required("status", outcome_name())}));
}

std::vector<QueryParameter> overview_query() {
  return {{"group", schema::id<events::GroupId>(), "Whose children", true},
          {"purpose", schema::id<events::PurposeId>(), "For what", true}};
}

std::vector<Rejection> refusals() {
  return {Rejection::not_own_account,
          Rejection::pupil_decides_from_sixteen,
          Rejection::consent_route_invalid,
          Rejection::consent_given_in_future,
          Rejection::notice_version_not_current,
          Rejection::notice_language_unknown,
          Rejection::consent_later_answer_known,
          Rejection::consent_answer_unchanged,
          Rejection::child_not_found,
          Rejection::purpose_not_found,
          Rejection::child_left,
          Rejection::guardian_has_no_authority,
          Rejection::guardian_not_linked,
          Rejection::not_own_child,
          Rejection::own_child_is_decided_by_another};
}

}  // namespace

std::vector<Route> consent_routes() {
  return {
      {Method::get, "/v1/schools/{school}/consent-purposes", "see_purposes",
       "What the school asks consent for, with the notices",
       members(
           {{Role::guardian}, {Role::teacher}, {Role::office}, {Role::director}, {Role::deputy}}),
       see_purposes, gives(page_of(purpose_shape())).versioned()},
      {Method::post, "/v1/schools/{school}/consent-purposes", "add_purpose",
       "Ask consent for a purpose", members({{Role::director}, {Role::deputy}}), add_purpose,
       makes(position_and_id<events::PurposeId>())
           .takes(schema::named("NewPurpose",
                                schema::body({required("code", schema::text(kCodeLimits, "photos")),
                                              texts_member(schema::body)})))
           .refuses({Rejection::purpose_exists, Rejection::purpose_code_invalid,
                     Rejection::notice_text_missing, Rejection::notice_language_unknown})},
      {Method::post, "/v1/schools/{school}/consent-purposes/{purpose}/versions", "publish_notice",
       "A new version of a purpose's notice", members({{Role::director}, {Role::deputy}}),
       publish_notice,
       gives(schema::named(
                 "NoticePublished",
                 position_and({required("id", schema::id<events::PurposeId>()),
                               required("notice_version", schema::integer(kNoticeVersions, 2))})))
           .takes(schema::named("NewNotice",
                                schema::body({texts_member(schema::body),
                                              optional("asks_again", schema::boolean(false))})))
           .versioned()
           .refuses({Rejection::purpose_not_found, Rejection::notice_text_missing,
                     Rejection::notice_language_unknown})},
      {Method::get, kChildConsents, "see_consents",
       "What may be done with this child's images and facts, now or at a moment of the past",
       readers(), see_consents, gives(consents_shape()).asks({at_query()}).versioned()},
      {Method::put, "/v1/schools/{school}/children/{child}/consents/{purpose}", "answer_consent",
       "Give, refuse or withdraw consent",
       members({{Role::guardian, Reach::own_child_with_authority}}), answer_consent,
       gives(answered_shape())
           .takes(schema::named("ConsentAnswer", schema::body(answer_members())))
           .refuses(refusals())},
      {Method::post, "/v1/schools/{school}/children/{child}/consents/{purpose}/recorded-answers",
       "record_answer", "Record a spoken or paper answer",
       members({{Role::office}, {Role::director}, {Role::deputy}}), record_answer,
       gives(answered_shape()).takes(recorded_body()).refuses(refusals())},
      {Method::get, "/v1/schools/{school}/children/{child}/consents/{purpose}/history",
       "see_consent_history", "Every answer to one purpose, newest first",
       members({{Role::guardian, Reach::own_child},
                {Role::office},
                {Role::director},
                {Role::deputy},
                {Role::auditor, Reach::granted}}),
       see_history, gives(page_of(answer_shape())).asks(page_query()).versioned()},
      {Method::get, "/v1/schools/{school}/consents", "see_consent_overview",
       "What consent comes to for each child of a group",
       members(
           {{Role::teacher, Reach::own_class}, {Role::office}, {Role::director}, {Role::deputy}}),
       see_overview, gives(page_of(overview_shape())).asks(overview_query()).versioned()},
  };
}

}  // namespace klasboek::api
