#include "aggregates/school.h"

#include <catch2/catch.hpp>

#include "tests/support/given.h"

namespace klasboek::tests {
namespace {

using namespace events;
using aggregates::Rejection;

FoundSchool found(std::string_view name, std::string_view zone) {
  return made<FoundSchool>([&](auto& c) {
    c.school = kSchool;
    c.name = name;
    c.time_zone = zone;
  });
}

SetSchoolDays days(std::vector<SchoolDay> days) {
  return made<SetSchoolDays>([&](auto& c) { c.days = std::move(days); });
}

Period period(std::string_view first, std::string_view last) {
  return made<Period>([&](auto& p) {
    p.name = "vrij";
    p.first_day = day(first);
    p.last_day = day(last);
  });
}

SetSchoolYear year(std::string_view first, std::string_view last,
                   std::vector<Period> periods = {}) {
  return made<SetSchoolYear>([&](auto& c) {
    c.first_day = day(first);
    c.last_day = day(last);
    c.periods = std::move(periods);
  });
}

NoticeText text(std::string_view language, std::string_view title = "Titel",
                std::string_view body = "Tekst") {
  return made<NoticeText>([&](auto& t) {
    t.language = language;
    t.title = title;
    t.text = body;
  });
}

AddPurpose add_purpose(std::uint64_t n, std::string_view code, std::vector<NoticeText> texts) {
  return made<AddPurpose>([&](auto& c) {
    c.purpose = numbered<PurposeId>(n);
    c.code = code;
    c.texts = std::move(texts);
  });
}

PublishNotice publish(PurposeId purpose, std::vector<NoticeText> texts, bool asks_again = false) {
  return made<PublishNotice>([&](auto& c) {
    c.purpose = purpose;
    c.texts = std::move(texts);
    c.asks_again = asks_again;
  });
}

TEST_CASE("a school is founded once, with a name and a zone that exists") {
  Story story;
  story.by(kOperator).on("2026-08-01 09:00");
  story.when(found("", "Europe/Amsterdam")).then_rejected(Rejection::name_empty);
  story.when(found("De Berk", "Europe/Nergens")).then_rejected(Rejection::time_zone_unknown);
  story.when(found("De Berk", "")).then_rejected(Rejection::time_zone_unknown);
  story.when(found("De Berk", "Europe/Amsterdam")).then(made<SchoolFounded>([](auto& e) {
    e.school = kSchool;
    e.name = "De Berk";
    e.time_zone = "Europe/Amsterdam";
  }));
  story.when(found("De Berk", "Europe/Amsterdam")).then_rejected(Rejection::school_exists);
}

TEST_CASE("only the operator founds a school, and nothing else happens before") {
  Story story;
  story.on("2026-08-01 09:00").by(kDirector);
  story.when(found("De Berk", "Europe/Amsterdam")).then_rejected(Rejection::role_not_sufficient);
  story.by(kOperator).when(RenameSchool{}).then_rejected(Rejection::school_not_found);
}

TEST_CASE("a school gets another name") {
  Story story = a_school();
  story.by(kDirector);
  const auto rename = [](std::string_view name) {
    return made<RenameSchool>([&](auto& c) { c.name = name; });
  };
  story.when(rename("")).then_rejected(Rejection::name_empty);
  story.when(rename("De Berk")).then_rejected(Rejection::nothing_to_change);
  story.when(rename("De Beuk")).then(made<SchoolRenamed>([](auto& e) { e.name = "De Beuk"; }));
  story.when(rename("De Beuk")).then_rejected(Rejection::nothing_to_change);
}

TEST_CASE("each school day is one weekday, starting before it ends") {
  Story story = a_school();
  story.by(kDirector);
  const std::vector<std::vector<SchoolDay>> wrong = {
      {},
      {{0, 510, 900}},
      {{8, 510, 900}},
      {{1, 510, 510}},
      {{1, 900, 510}},
      {{1, 510, 1441}},
      {{1, 510, 900}, {1, 510, 900}},
  };
  for (const auto& some : wrong) {
    story.when(days(some)).then_rejected(Rejection::school_days_invalid);
  }
  story.when(days({{2, 480, 840}, {7, 0, 1440}})).then(made<SchoolDaysSet>([](auto& e) {
    e.days = {{2, 480, 840}, {7, 0, 1440}};
  }));
}

TEST_CASE("a school year holds its free periods in order and apart") {
  Story story = a_school();
  story.by(kDirector);
  const auto wrong = {
      year("2027-08-23", "2027-08-23"),
      year("2027-08-23", "2027-08-22"),
      year("2027-08-23", "2028-10-01"),
      year("2027-08-23", "2028-07-07", {period("2027-08-22", "2027-08-25")}),
      year("2027-08-23", "2028-07-07", {period("2028-07-01", "2028-07-08")}),
      year("2027-08-23", "2028-07-07", {period("2027-10-25", "2027-10-16")}),
      year("2027-08-23", "2028-07-07",
           {period("2027-12-25", "2028-01-09"), period("2027-10-16", "2027-10-24")}),
      year("2027-08-23", "2028-07-07",
           {period("2027-10-16", "2027-10-24"), period("2027-10-24", "2027-10-30")}),
  };
  for (const auto& some : wrong) {
    story.when(some).then_rejected(Rejection::school_year_invalid);
  }
  const std::vector<Period> periods = {period("2027-08-23", "2027-08-23"),
                                       period("2027-10-16", "2027-10-24"),
                                       period("2027-10-25", "2028-07-07")};
  story.when(year("2027-08-23", "2028-07-07", periods)).then(made<SchoolYearSet>([&](auto& e) {
    e.first_day = day("2027-08-23");
    e.last_day = day("2028-07-07");
    e.periods = periods;
  }));
}

TEST_CASE("school years don't overlap, and a year that is set again replaces itself") {
  Story story = a_school();
  story.by(kDirector);
  story.when(year("2027-07-09", "2028-07-07")).then_rejected(Rejection::school_year_invalid);
  story.when(year("2025-08-18", "2026-08-24")).then_rejected(Rejection::school_year_invalid);
  story.when(year("2026-08-31", "2027-07-16")).then_accepted();
  story.when(year("2027-07-09", "2028-07-07")).then_rejected(Rejection::school_year_invalid);
  story.when(year("2027-07-17", "2028-07-07")).then_accepted();
}

TEST_CASE("the posting window opens before it closes") {
  Story story = a_school();
  story.by(kDeputy);
  const auto window = [](std::uint16_t opens, std::uint16_t closes) {
    return made<SetPostingWindow>([&](auto& c) {
      c.opens_minute = opens;
      c.closes_minute = closes;
    });
  };
  story.when(window(1020, 480)).then_rejected(Rejection::posting_window_invalid);
  story.when(window(480, 480)).then_rejected(Rejection::posting_window_invalid);
  story.when(window(480, 1441)).then_rejected(Rejection::posting_window_invalid);
  story.when(window(420, 1140)).then(made<PostingWindowSet>([](auto& e) {
    e.opens_minute = 420;
    e.closes_minute = 1140;
  }));
}

TEST_CASE("the school says what silence of the other guardian is worth") {
  Story story = a_school();
  story.by(kDirector);
  story
      .when(made<SetConsentPolicy>([](auto& c) {
        c.one_household = SilencePolicy::all_must_answer;
        c.two_households = SilencePolicy::one_yes_counts;
      }))
      .then(made<ConsentPolicySet>([](auto& e) {
        e.one_household = SilencePolicy::all_must_answer;
        e.two_households = SilencePolicy::one_yes_counts;
      }));
}

TEST_CASE("the director asks one-time codes of the staff, and a deputy doesn't") {
  Story story = a_school();
  const auto staff_codes = [](bool required) {
    return made<SetStaffCodes>([&](auto& c) { c.required = required; });
  };
  const auto set = [](bool required) {
    return made<StaffCodesSet>([&](auto& e) { e.required = required; });
  };
  story.by(kDeputy).when(staff_codes(true)).then_rejected(Rejection::role_not_sufficient);
  story.by(kDirector);
  story.when(staff_codes(false)).then_rejected(Rejection::nothing_to_change);
  story.when(staff_codes(true)).then(set(true));
  story.when(staff_codes(true)).then_rejected(Rejection::nothing_to_change);
  story.when(staff_codes(false)).then(set(false));
}

TEST_CASE("a purpose comes with the first version of its notice") {
  Story story = a_school();
  story.by(kDirector);
  story.when(add_purpose(2, "website", {text("nl"), text("en")}))
      .then(made<PurposeAdded>([](auto& e) {
              e.purpose = numbered<PurposeId>(2);
              e.code = "website";
            }),
            made<NoticePublished>([](auto& e) {
              e.purpose = numbered<PurposeId>(2);
              e.version = 1;
              e.texts = {text("nl"), text("en")};
            }));
  story.when(add_purpose(2, "social_media", {text("nl")})).then_rejected(Rejection::purpose_exists);
  story.when(add_purpose(3, "website", {text("nl")})).then_rejected(Rejection::purpose_exists);
}

TEST_CASE("the code of a purpose is short, lower case, and letters") {
  Story story = a_school();
  story.by(kDirector);
  for (const std::string code : {"", "a", "Website", "web site", "site2", "café",
                                 "abcdefghijabcdefghijabcdefghijabcdefghijk"}) {
    story.when(add_purpose(2, code, {text("nl")})).then_rejected(Rejection::purpose_code_invalid);
  }
  story.when(add_purpose(2, "ab", {text("nl")})).then_accepted();
  story.when(add_purpose(3, "abcdefghijabcdefghijabcdefghijabcdefghij", {text("nl")}))
      .then_accepted();
}

TEST_CASE("a notice is there in Dutch, and in English where somebody wrote it") {
  Story story = a_school();
  story.by(kDirector);
  const std::vector<std::vector<NoticeText>> incomplete = {
      {},
      {text("en")},
      {text("nl", "")},
      {text("nl", "Titel", "")},
      {text("nl"), text("en", "Title", "")},
      {text("nl"), text("nl")},
      {text("nl"), text("en"), text("en")},
  };
  for (const auto& texts : incomplete) {
    story.when(publish(kPhotos, texts)).then_rejected(Rejection::notice_text_missing);
    story.when(add_purpose(2, "website", texts)).then_rejected(Rejection::notice_text_missing);
  }
  story.when(publish(kPhotos, {text("nl"), text("fy")}))
      .then_rejected(Rejection::notice_language_unknown);
}

TEST_CASE("a new notice raises the version, and may ask again") {
  Story story = a_school();
  story.by(kDirector);
  story.when(publish(numbered<PurposeId>(9), {text("nl")}))
      .then_rejected(Rejection::purpose_not_found);
  const auto published = [](std::uint32_t version, bool asks_again) {
    return made<NoticePublished>([&](auto& e) {
      e.purpose = kPhotos;
      e.version = version;
      e.texts = {text("nl")};
      e.asks_again = asks_again;
    });
  };
  story.when(publish(kPhotos, {text("nl")}, true)).then(published(2, true));
  story.when(publish(kPhotos, {text("nl")})).then(published(3, false));

  aggregates::Facts facts(kSchool, story);
  const auto& purpose = facts.school().purposes.at(kPhotos);
  CHECK(purpose.notice.version == 3);
  CHECK(purpose.asked_from_version == 2);
  CHECK(purpose.code == "closed_portal");
}

}  // namespace
}  // namespace klasboek::tests
