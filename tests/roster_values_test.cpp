#include "api/roster_values.h"

#include <catch2/catch.hpp>
#include <string>

#include "events/event.h"

namespace klasboek::tests {
namespace {

using namespace api::roster;

TEST_CASE("addresses are compared in lower case and without white space around them") {
  CHECK(email_address(" Noor@School.Example ") == "noor@school.example");
  CHECK(email_address("o'neill+klas@mail.school.example") == "o'neill+klas@mail.school.example");
  for (const std::string text : {"", "email", "a@b", "@b.nl", "a@", "a b@c.nl", "a@b..nl", "a@.nl",
                                 "a@@b.nl", "a;b@c.nl", "mailto:a@b.nl", "a@b.nl,c@d.nl"}) {
    INFO(text);
    CHECK_FALSE(email_address(text).has_value());
  }
  CHECK_FALSE(email_address(std::string(254, 'a') + "@b.nl").has_value());
}

TEST_CASE("telephone numbers lose what people put between the digits") {
  CHECK(phone_number("06-12 34 56 78") == "0612345678");
  CHECK(phone_number("+31 (0)20.1234567") == "+310201234567");
  CHECK_FALSE(phone_number("geheim").has_value());
  CHECK_FALSE(phone_number("12345").has_value());
  CHECK_FALSE(phone_number("1234567890123456").has_value());
  CHECK_FALSE(phone_number("06+12345678").has_value());
}

TEST_CASE("days may carry a time or a zone, of which only the day counts") {
  CHECK(roster_day("2019-03-14") == events::parse_day("2019-03-14"));
  CHECK(roster_day("2019-03-14+01:00").has_value());
  CHECK(roster_day("2019-03-14T00:00:00Z").has_value());
  CHECK_FALSE(roster_day("2019-02-29").has_value());
  CHECK_FALSE(roster_day("14-03-2019").has_value());
  CHECK_FALSE(roster_day("").has_value());
}

TEST_CASE("a school year is two years that follow each other") {
  CHECK(school_year(" 2026-2027 ") == "2026-2027");
  CHECK_FALSE(school_year("2026-2025").has_value());
  CHECK_FALSE(school_year("20x6-2027").has_value());
}

TEST_CASE("relations and authority are understood in Dutch and English") {
  CHECK(relation_of("Moeder") == Relation::mother);
  CHECK(relation_of("step-parent") == Relation::step_parent);
  CHECK(relation_of("step parent") == Relation::step_parent);
  CHECK(relation_of("") == Relation::unknown);
  CHECK(relation_of("oma") == Relation::contact);
  CHECK_FALSE(relation_of("buurman Kees").has_value());
  CHECK(authority_of("JA") == Authority::with);
  CHECK(authority_of("no") == Authority::without);
  CHECK(authority_of("") == Authority::unknown);
  CHECK_FALSE(authority_of("misschien").has_value());
}

TEST_CASE("a full name is taken apart the Dutch way") {
  CHECK(split_name("Jan de Vries") == PersonName{"Jan", "de", "Vries"});
  CHECK(split_name("Anna Maria van der Berg") == PersonName{"Anna Maria", "van der", "Berg"});
  CHECK(split_name("van der Berg, Jan") == PersonName{"Jan", "van der", "Berg"});
  CHECK(split_name("'t Hooft") == PersonName{"", "'t", "Hooft"});
  CHECK(split_name("Jansen") == PersonName{"", "", "Jansen"});
  CHECK(split_name("Amal Yilmaz Demir") == PersonName{"Amal", "", "Yilmaz Demir"});
  CHECK(split_name("Jan van") == PersonName{"Jan", "", "van"});
  CHECK(split_name("  ") == PersonName{});
}

TEST_CASE("two spellings may be one person, two given names are two people") {
  const auto same = [](const std::string& a, const std::string& b) {
    return may_be_one_person(split_name(a), split_name(b)) &&
           may_be_one_person(split_name(b), split_name(a));
  };
  CHECK(same("Jan de Vries", "JAN DE VRIES"));
  CHECK(same("J. de Vries", "Jan de Vries"));
  CHECK(same("Jan de Vries", "Jan Vries"));
  CHECK(same("Zoë Şahin", "Zoe Sahin"));
  CHECK(same("Vries", "Jan Vries"));
  CHECK_FALSE(same("Jan de Vries", "Johanna de Vries"));
  CHECK_FALSE(same("Jan de Vries", "Jan Bakker"));
  CHECK_FALSE(same("Piet de Vries", "J. de Vries"));
  CHECK(may_be_one_person({"J.M.", "", "Bakker"}, {"Jan Maria", "", "Bakker"}));
  CHECK(may_be_one_person({"Jan", "", "Bakker"}, {"Jan Maria", "", "Bakker"}));
}

TEST_CASE("what is never taken in is known by its names in files") {
  for (const std::string name : {"bsn", "etniciteit", "land", "land_vader", "gewicht",
                                 "gewicht_nieuw", "onderwijsnummer", "nationaliteit"}) {
    INFO(name);
    CHECK(is_never_taken_in(name));
  }
  CHECK_FALSE(is_never_taken_in("achternaam"));
}

}  // namespace
}  // namespace klasboek::tests
