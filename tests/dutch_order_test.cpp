#include "api/dutch_order.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <random>

namespace klasboek::tests {
namespace {

using api::folded;
using api::is_part_of;
using api::order_of;
using api::PersonName;

std::vector<std::string> sorted(std::vector<PersonName> names) {
  // The order they come in must not matter; the seed is fixed, since any order will do.
  std::ranges::shuffle(names, std::mt19937_64(4));
  std::ranges::sort(names, {}, order_of);
  std::vector<std::string> full;
  for (const auto& name : names) full.push_back(name.full());
  return full;
}

TEST_CASE("a Dutch list: without voorvoegsel, by family name, then by given name") {
  CHECK(sorted({{"Anna", "de", "Vries"},
                {"Bo", "", "Visser"},
                {"Cor", "van der", "Aa"},
                {"Dirk", "", "Zwaluw"},
                {"Aad", "van de", "Vries"},
                {"Els", "'t", "Hart"},
                {"Fien", "", "Harten"}}) ==
        std::vector<std::string>{"Cor van der Aa", "Els 't Hart", "Fien Harten", "Bo Visser",
                                 "Aad van de Vries", "Anna de Vries", "Dirk Zwaluw"});
}

TEST_CASE("a voorvoegsel that was typed with the family name isn't part of the key") {
  CHECK(sorted({{"Anna", "", "van der Zwaluw"},
                {"Bo", "", "Appel"},
                {"Cor", "", "'s Gravesande"},
                {"Dan", "", "el Amrani"}}) == std::vector<std::string>{"Dan el Amrani", "Bo Appel",
                                                                       "Cor 's Gravesande",
                                                                       "Anna van der Zwaluw"});
  // Who has no capital at all is sorted by what there is.
  CHECK(std::get<0>(order_of({"", "", "de vries"})) == "de vries");
}

TEST_CASE("accents and case don't count, and never send anybody past the Z") {
  CHECK(sorted({{"a", "", "Özdemir"},
                {"a", "", "Zwaluw"},
                {"a", "", "Oostra"},
                {"a", "", "Ødegård"},
                {"a", "", "Éclair"},
                {"a", "", "Eckhart"},
                {"a", "", "Šimić"},
                {"a", "", "Simons"},
                {"a", "", "Łukasz"},
                {"a", "", "Nguyễn"},
                {"a", "", "Ngo"}}) == std::vector<std::string>{"a Eckhart", "a Éclair", "a Łukasz",
                                                               "a Ngo", "a Nguyễn", "a Ødegård",
                                                               "a Oostra", "a Özdemir", "a Šimić",
                                                               "a Simons", "a Zwaluw"});
}

TEST_CASE("ij is sorted as i and j: after Ii, before Ik, and the ligature with it") {
  CHECK(sorted({{"a", "", "IJzerman"},
                {"a", "", "Ikram"},
                {"a", "", "Iepenburg"},
                {"a", "", "Ypma"},
                {"a", "", "Ĳssel"},
                {"a", "", "Zijlstra"}}) == std::vector<std::string>{"a Iepenburg", "a Ĳssel",
                                                                    "a IJzerman", "a Ikram",
                                                                    "a Ypma", "a Zijlstra"});
}

TEST_CASE("a name is compared as whoever types it on a plain keyboard") {
  const std::vector<std::pair<std::string, std::string>> pairs = {{"Zoë-Noëlle", "zoe noelle"},
                                                                  {"D’Artagnan", "dartagnan"},
                                                                  {"'t Hart", "t hart"},
                                                                  {"Strauß", "strauss"},
                                                                  {"Bjørn Ægir", "bjorn aegir"},
                                                                  {"Demirbahçe", "demirbahce"},
                                                                  {"Iıİ", "iii"},
                                                                  {"Đặng", "dang"},
                                                                  {"Cafe\xCC\x81", "cafe"},
                                                                  {"  J.  Jansen ", "j jansen"},
                                                                  {"Ольга", "Ольга"},
                                                                  {"\xFFx", "\xFFx"},
                                                                  {"", ""}};
  for (const auto& [name, expected] : pairs) {
    CAPTURE(name);
    CHECK(folded(name) == expected);
  }
}

TEST_CASE("a part of a name finds it, several parts in any order, and another name doesn't") {
  const PersonName name{"Zoë-Noëlle", "van der", "Özdemir"};
  for (const char* part : {"zo", "noel", "ozd", "emir", "van der oz", "ozdemir zoe", "ö"}) {
    CAPTURE(part);
    CHECK(is_part_of(folded(part), name));
  }
  for (const char* other : {"zot", "ozdemir anna", "x"}) {
    CAPTURE(other);
    CHECK_FALSE(is_part_of(folded(other), name));
  }
}

}  // namespace
}  // namespace klasboek::tests
