// An invitation on paper, for who has no address or doesn't read mail.
#include <catch2/catch.hpp>

#include "tests/support/api_school.h"

namespace klasboek::tests {
namespace {

class Invited {
 public:
  Invited() {
    account = ApiSchool::done(school.post(
        "office", "/accounts",
        {{"name", {{"given", "<b>Pim"}, {"family", "& Co"}}}, {"email", "pim@example.org"}}))["id"];
    invitation = ApiSchool::done(school.post("office", "/invitations", {{"account", account}}));
  }
  ApiAnswer letter() {
    return school.get("office", "/invitations/" + invitation["id"].get<std::string>() + "/letter");
  }

  ApiSchool school;
  std::string account;
  json invitation;
};

TEST_CASE("a letter has the link and its last day, and escapes what people wrote") {
  Invited person;
  const auto letter = person.letter();
  CHECK(letter.status == 200);
  CHECK(letter.response.content_type == "text/html; charset=utf-8");
  CHECK(letter.response.body.contains("&lt;b&gt;Pim &amp; Co"));
  CHECK_FALSE(letter.response.body.contains("<b>"));
  CHECK(letter.response.body.contains(person.invitation["url"].get<std::string>()));
  CHECK(letter.response.body.contains("2026-11-04"));
}

TEST_CASE("there is no letter of an invitation that was used, replaced or is too old") {
  Invited used;
  ApiSchool::done(used.school.send("POST",
                                   "/v1/invitations/" + used.invitation["code"].get<std::string>(),
                                   "", json{{"password", "een zin als wachtwoord"}}.dump()));
  CHECK(used.letter().code() == "invitation_used");

  Invited replaced;
  ApiSchool::done(replaced.school.post("office", "/invitations", {{"account", replaced.account}}));
  CHECK(replaced.letter().code() == "invitation_replaced");

  Invited old;
  old.school.on("2026-12-05 10:00");
  CHECK(old.letter().code() == "invitation_expired");
}

}  // namespace
}  // namespace klasboek::tests
