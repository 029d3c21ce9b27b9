// Consent: purposes and notices, answers, and the view per child.
#include "api/admission.h"
#include "api/child_facts.h"
#include "api/moment.h"
#include "api/page.h"
#include "api/route.h"
#include "api/wire_names.h"
#include "projections/consent_view.h"

namespace klasboek::api {

namespace {

namespace consent_view = projections::consent_view;
namespace directory = projections::directory;
using events::Role;

constexpr TextLimits kCodeLimits{.min = 2, .max = 40};
constexpr TextLimits kLanguageLimits{.min = 2, .max = 2};
constexpr TextLimits kTitleLimits{.min = 1, .max = 200};
constexpr TextLimits kTextLimits{.min = 1, .max = 20'000, .lines = true};
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
      static_cast<std::uint32_t>(reader.integer("notice_version", {.min = 1, .max = 1'000'000}));
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
      static_cast<std::uint32_t>(reader.integer("notice_version", {.min = 1, .max = 1'000'000}));
  answer.language = reader.text("language", kLanguageLimits);
  const auto guardian = reader.parsed(
      "answered_by",
      [](std::string_view text) { return events::parse_id<events::AccountId>(text); },
      "the id of a guardian's account");
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
constexpr std::string_view kVersionShape =
    R"({"type":"object","required":["texts"],"additionalProperties":false,"properties":{"texts":{"type":"array","minItems":1,"items":{"type":"object","required":["language","title","text"],"additionalProperties":false,"properties":{"language":{"type":"string"},"title":{"type":"string"},"text":{"type":"string"}}}},"asks_again":{"type":"boolean"}}})";
constexpr std::string_view kListShape =
    R"({"type":"object","required":["items","next"],"properties":{"items":{"type":"array","items":{"type":"object"}},"next":{"type":["string","null"]}}})";
constexpr std::string_view kAnsweredShape =
    R"({"type":"object","required":["child","purpose","event"],"properties":{"position":{"type":"integer"},"child":{"type":"string"},"purpose":{"type":"string"},"event":{"type":"string"}}})";

Access readers() {
  return members({{Role::guardian, Reach::own_child},
                  {Role::teacher, Reach::own_class},
                  {Role::office},
                  {Role::director},
                  {Role::deputy}});
}

}  // namespace

std::vector<Route> consent_routes() {
  return {
      {Method::get,
       "/v1/schools/{school}/consent-purposes",
       "see_purposes",
       "What the school asks consent for, with the notices",
       members(
           {{Role::guardian}, {Role::teacher}, {Role::office}, {Role::director}, {Role::deputy}}),
       see_purposes,
       {"", kListShape}},
      {Method::post,
       "/v1/schools/{school}/consent-purposes",
       "add_purpose",
       "Ask consent for a purpose",
       members({{Role::director}, {Role::deputy}}),
       add_purpose,
       {R"({"type":"object","required":["code","texts"],"additionalProperties":false,"properties":{"code":{"type":"string"},"texts":{"type":"array","items":{"type":"object"}}}})",
        R"({"type":"object","required":["id"],"properties":{"position":{"type":"integer"},"id":{"type":"string"}}})"}},
      {Method::post,
       "/v1/schools/{school}/consent-purposes/{purpose}/versions",
       "publish_notice",
       "A new version of a purpose's notice",
       members({{Role::director}, {Role::deputy}}),
       publish_notice,
       {kVersionShape,
        R"({"type":"object","required":["id","notice_version"],"properties":{"position":{"type":"integer"},"id":{"type":"string"},"notice_version":{"type":"integer"}}})"}},
      {Method::get,
       kChildConsents,
       "see_consents",
       "What may be done with this child's images and facts, now or at a moment of the past",
       readers(),
       see_consents,
       {"", kListShape}},
      {Method::put,
       "/v1/schools/{school}/children/{child}/consents/{purpose}",
       "answer_consent",
       "Give, refuse or withdraw consent",
       members({{Role::guardian, Reach::own_child_with_authority}}),
       answer_consent,
       {R"({"type":"object","required":["answer","notice_version","language"],"additionalProperties":false,"properties":{"answer":{"enum":["given","refused"]},"notice_version":{"type":"integer","minimum":1},"language":{"type":"string"}}})",
        kAnsweredShape}},
      {Method::post,
       "/v1/schools/{school}/children/{child}/consents/{purpose}/recorded-answers",
       "record_answer",
       "Record a spoken or paper answer",
       members({{Role::office}, {Role::director}, {Role::deputy}}),
       record_answer,
       {R"({"type":"object","required":["answer","notice_version","language","answered_by","route","given_at"],"additionalProperties":false,"properties":{"answer":{"enum":["given","refused"]},"notice_version":{"type":"integer","minimum":1},"language":{"type":"string"},"answered_by":{"type":"string"},"route":{"enum":["spoken","paper"]},"given_at":{"type":"string","format":"date-time"}}})",
        kAnsweredShape}},
      {Method::get,
       "/v1/schools/{school}/children/{child}/consents/{purpose}/history",
       "see_consent_history",
       "Every answer to one purpose, newest first",
       members(
           {{Role::guardian, Reach::own_child}, {Role::office}, {Role::director}, {Role::deputy}}),
       see_history,
       {"", kListShape}},
      {Method::get,
       "/v1/schools/{school}/consents",
       "see_consent_overview",
       "What consent comes to for each child of a group",
       members(
           {{Role::teacher, Reach::own_class}, {Role::office}, {Role::director}, {Role::deputy}}),
       see_overview,
       {"", kListShape}},
  };
}

}  // namespace klasboek::api
