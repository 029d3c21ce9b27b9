#include "tests/support/api_school.h"

#include <catch2/catch.hpp>

#include "api/http_target.h"
#include "reactions/invitation_code.h"
#include "tests/support/given.h"
#include "tests/support/recorded_answers.h"
#include "tests/support/vault_place.h"

namespace klasboek::tests {

namespace {

constexpr std::uint64_t kSeed = 20261005;

json person(const std::string& name) {
  return {{"name", {{"given", name}, {"family", "Voorbeeld"}}},
          {"email", name + "@example.org"},
          {"phones", {"06-" + name}}};
}

template <class AnId>
AnId id_of(const std::string& text) {
  const auto id = events::parse_id<AnId>(text);
  REQUIRE(id.has_value());
  return *id;
}

bool has(const HeaderFields& fields, std::string_view name) {
  return std::ranges::any_of(fields, [&](const auto& field) { return field.first == name; });
}

}  // namespace

std::string ApiAnswer::code() const {
  return body.is_object() ? body.value("code", std::string()) : std::string();
}

std::string ApiAnswer::header(std::string_view name) const {
  for (const auto& [key, value] : response.headers) {
    if (key == name) return value;
  }
  return {};
}

void ApiSchool::open() {
  reactions::InstallationPlace place;
  place.data_directory = directory_ / "school";
  place.master_key_file = directory_ / "master.key";
  auto opened = reactions::Installation::open(
      place, [this] { return now_us_.load(); }, seeded_random(kSeed + openings_++));
  REQUIRE(opened.has_value());
  installation_ = *std::move(opened);
  application_ =
      std::make_unique<api::Application>(installation_->node(), api::ApplicationOptions{});
}

void ApiSchool::reopen(
    const std::function<void(const std::filesystem::path& directory)>& meanwhile) {
  application_.reset();
  installation_.reset();
  if (meanwhile) meanwhile(directory_ / "school");
  open();
}

ApiSchool::ApiSchool() : now_us_(moment("2026-10-05 10:00")) {
  open();
  found("school", "director");
  set_calendar();
  make_classes();
  make_families();
  found("their_school", "stranger");
  const auto made = send("POST", "/v1/schools/" + id("their_school") + "/groups", "stranger",
                         json{{"name", "Groep 8"}, {"kind", "class_group"}}.dump());
  name("their_class", done(made)["id"]);
}

void ApiSchool::order(events::SchoolId school, const events::Actor& actor,
                      const events::CommandBody& body) {
  reactions::Order order;
  order.school = school;
  order.actor = actor;
  order.command = vault::draw<16>(installation_->node().random);
  order.build = [&](vault::Sealer&) -> std::expected<events::CommandBody, vault::VaultFault> {
    return body;
  };
  REQUIRE(std::holds_alternative<log::Done>(reactions::carry_out(installation_->node(), order)));
}

void ApiSchool::found(const std::string& school_name, const std::string& director_name) {
  const auto school = installation_->node().new_id<events::SchoolId>();
  const auto director = installation_->node().new_id<events::AccountId>();
  ids_[school_name] = events::to_text(school);
  ids_[director_name] = events::to_text(director);
  order(school, kOperator, made<events::FoundSchool>([&](auto& c) {
          c.school = school;
          c.name = school_name;
          c.time_zone = "Europe/Amsterdam";
        }));
  reactions::Order open;
  open.school = school;
  open.actor = kOperator;
  open.command = vault::draw<16>(installation_->node().random);
  open.build = [&](vault::Sealer& sealer) -> std::expected<events::CommandBody, vault::VaultFault> {
    const events::SubjectRef subject{events::SubjectKind::account, director.value};
    return made<events::OpenAccount>([&](auto& c) {
      c.account = director;
      c.name = *sealer.seal(subject, events::RetentionClass::identity_attendance,
                            R"({"given":"Dirkje","prefix":"","family":"Directeur"})");
      c.contact = *sealer.seal(subject, events::RetentionClass::identity_attendance,
                               R"({"email":")" + director_name + R"(@example.org","phones":[]})");
    });
  };
  REQUIRE(std::holds_alternative<log::Done>(reactions::carry_out(installation_->node(), open)));
  order(school, kOperator, made<events::GiveRole>([&](auto& c) {
          c.account = director;
          c.role = events::Role::director;
          c.first_day = day("2025-08-01");
          c.open_ended = true;
        }));
  let_in(director_name, school, director);
}

void ApiSchool::let_in(const std::string& name, events::SchoolId school,
                       events::AccountId account) {
  accept(school, account);
  const auto identity = installation_->node().vault.logins().identity_of(name + "@example.org");
  REQUIRE(identity.has_value());
  identities_[name] = *identity;
  own(name, school, account);
}

void ApiSchool::own(const std::string& person, events::SchoolId school, events::AccountId account) {
  auto& logins = installation_->node().vault.logins();
  REQUIRE(logins.join(identities_.at(person), {school, account}).has_value());
}

void ApiSchool::join(const std::string& person, const std::string& school,
                     const std::string& account) {
  const auto school_id = id_of<events::SchoolId>(id(school));
  const auto account_id = id_of<events::AccountId>(id(account));
  accept(school_id, account_id);
  own(person, school_id, account_id);
}

void ApiSchool::open_theirs(const std::string& account) {
  name(account, done(send("POST", "/v1/schools/" + id("their_school") + "/accounts", "stranger",
                          person(account).dump()))["id"]);
}

/// As an invitation does, without the time that a password takes.
void ApiSchool::accept(events::SchoolId school, events::AccountId account) {
  const auto& node = installation_->node();
  const auto invitation = node.new_id<events::InvitationId>();
  const auto digest =
      reactions::code_digest(reactions::invitation_code(node.vault, school, invitation));
  order(school, kOperator, made<events::Invite>([&](auto& c) {
          c.account = account;
          c.invitation = invitation;
          c.code_digest = digest;
          c.expires_at_us = now_us_ + 1;
        }));
  order(school, {account, events::Role::none, {}}, made<events::AcceptInvitation>([&](auto& c) {
          c.account = account;
          c.invitation = invitation;
          c.code_digest = digest;
        }));
}

void ApiSchool::set_calendar() {
  json days = json::array();
  for (int weekday = 1; weekday <= 5; ++weekday) {
    days.push_back({{"weekday", weekday}, {"starts_minute", 510}, {"ends_minute", 900}});
  }
  done(put("director", "/school-days", {{"days", days}}));
  done(put("director", "/school-years",
           {{"first_day", "2026-08-24"},
            {"last_day", "2027-07-09"},
            {"periods",
             {{{"name", "Herfstvakantie"},
               {"first_day", "2026-10-17"},
               {"last_day", "2026-10-25"},
               {"kind", "holiday"}}}}}));
  done(put("director", "/posting-window", {{"opens_minute", 0}, {"closes_minute", 1440}}));
  const json texts = {{{"language", "nl"}, {"title", "Foto's"}, {"text", "Mag dit?"}}};
  name("purpose",
       done(post("director", "/consent-purposes", {{"code", "photos"}, {"texts", texts}}))["id"]);
}

void ApiSchool::admit(const std::string& person_name) {
  name(person_name, done(post("director", "/accounts", person(person_name)))["id"]);
  let_in(person_name, id_of<events::SchoolId>(id("school")),
         id_of<events::AccountId>(id(person_name)));
}

void ApiSchool::make_classes() {
  for (const auto& [group, teacher] :
       {std::pair("class", "teacher"), std::pair("other_class", "other_teacher")}) {
    name(group, done(post("director", "/groups",
                          {{"name", std::string("De ") + group}, {"kind", "class_group"}}))["id"]);
    admit(teacher);
    done(post("director", "/accounts/" + id(teacher) + "/roles",
              {{"role", "teacher"}, {"first_day", "2026-08-24"}}));
    done(post("director", "/groups/" + id(group) + "/assignments",
              {{"account", id(teacher)}, {"first_day", "2026-08-24"}}));
  }
  admit("office");
  done(post("director", "/accounts/" + id("office") + "/roles",
            {{"role", "office"}, {"first_day", "2026-08-24"}}));
}

void ApiSchool::make_families() {
  for (const auto& [child, group, born] :
       {std::tuple("child", "class", "2020-03-01"),
        std::tuple("other_child", "other_class", "2016-05-01")}) {
    name(child, done(post("director", "/children",
                          {{"name", {{"given", child}, {"family", "Leerling"}}},
                           {"birth_day", born},
                           {"group", id(group)},
                           {"first_day", "2026-08-24"}}))["id"]);
  }
  int household = 0;
  for (const auto& [guardian, child, authority] :
       {std::tuple("mother", "child", "with"), std::tuple("father", "child", "with"),
        std::tuple("stepfather", "child", "without"),
        std::tuple("other_mother", "other_child", "with")}) {
    admit(guardian);
    ++household;
    done(post("director", "/children/" + id(child) + "/guardians",
              {{"account", id(guardian)},
               {"relation", "guardian"},
               {"authority", authority},
               {"household", household},
               {"contact_order", household}}));
  }
}

ApiAnswer ApiSchool::send(const std::string& method, const std::string& target,
                          const std::string& who, const std::string& body, HeaderFields fields) {
  if (!has(fields, "Idempotency-Key")) {
    fields.emplace_back("Idempotency-Key", "key-" + std::to_string(++keys_));
  }
  if (!body.empty() && !has(fields, "Content-Type")) {
    fields.emplace_back("Content-Type", "application/json");
  }
  return send_bare(method, target, who, body, std::move(fields));
}

ApiAnswer ApiSchool::send_bare(const std::string& method, const std::string& target,
                               const std::string& who, const std::string& body,
                               HeaderFields fields) {
  if (!who.empty()) fields.emplace_back("Authorization", "Bearer " + token_of(who));
  api::Request request;
  request.method = *api::method_from(method);
  request.body = body;
  request.request_id = "request";
  for (auto& [key, value] : fields) request.headers.add(key, value);
  ApiAnswer answer;
  if (auto parsed = api::parse_target(target)) {
    request.path = parsed->path;
    request.segments = std::move(parsed->segments);
    request.query = std::move(parsed->query);
    answer.response = recorded(*application_, request);
  } else {
    // The door answers this before anybody looks at the path.
    answer.response = api::to_response(parsed.error(), request.request_id);
  }
  answer.status = answer.response.status;
  answer.body = json::parse(answer.response.body, nullptr, false);
  return answer;
}

std::string ApiSchool::token_of(const std::string& who,
                                std::optional<std::int64_t> issued_at_us) const {
  const auto& node = installation_->node();
  return node.vault.sessions().issue(identities_.at(who), issued_at_us.value_or(now_us_.load()),
                                     node.random);
}

void ApiSchool::on(std::string_view local) { now_us_ = moment(local); }

ApiAnswer ApiSchool::get(const std::string& who, const std::string& path,
                         const HeaderFields& fields) {
  return send("GET", root() + path, who, "", fields);
}
ApiAnswer ApiSchool::post(const std::string& who, const std::string& path, const json& body) {
  return send("POST", root() + path, who, body.dump());
}
ApiAnswer ApiSchool::put(const std::string& who, const std::string& path, const json& body,
                         const HeaderFields& fields) {
  return send("PUT", root() + path, who, body.dump(), fields);
}
ApiAnswer ApiSchool::patch(const std::string& who, const std::string& path, const json& body,
                           const HeaderFields& fields) {
  return send("PATCH", root() + path, who, body.dump(), fields);
}
ApiAnswer ApiSchool::remove(const std::string& who, const std::string& path,
                            const HeaderFields& fields) {
  return send("DELETE", root() + path, who, "", fields);
}

json ApiSchool::done(const ApiAnswer& answer) {
  INFO(answer.response.body);
  REQUIRE(answer.status >= 200);
  REQUIRE(answer.status < 300);
  return answer.body;
}

std::string ApiSchool::id(const std::string& name) const { return ids_.at(name); }

}  // namespace klasboek::tests
