#include "aggregates/preferences.h"

#include <catch2/catch.hpp>

#include "tests/support/given.h"

namespace klasboek::tests {
namespace {

using namespace events;

bool wants_mail(Story& story) {
  aggregates::Facts facts(kSchool, story);
  return facts.preferences(kMother.account).mail;
}

TEST_CASE("mail is on until somebody chooses otherwise for himself") {
  Story story = a_school();
  CHECK(wants_mail(story));
  const auto choose = [](bool mail) {
    return made<ChooseChannels>([&](auto& c) {
      c.account = kMother.account;
      c.mail = mail;
    });
  };
  story.by(kMother).when(choose(false)).then(made<ChannelsChosen>([](auto& e) { e.mail = false; }));
  CHECK_FALSE(wants_mail(story));
  story.when(choose(false)).then_accepted();
  story.when(choose(true)).then(made<ChannelsChosen>([](auto& e) { e.mail = true; }));
  CHECK(wants_mail(story));
}

}  // namespace
}  // namespace klasboek::tests
