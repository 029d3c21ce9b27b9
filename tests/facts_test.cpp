#include "aggregates/facts.h"

#include <catch2/catch.hpp>

#include "aggregates/account.h"
#include "aggregates/child.h"
#include "aggregates/group.h"
#include "aggregates/school.h"
#include "tests/support/given.h"

namespace klasboek::tests {
namespace {

using namespace events;
using aggregates::Context;
using aggregates::Facts;
using aggregates::FoldCache;
using aggregates::Rejection;

/// Counts how often each stream is read, and how many events that gave.
class CountedSource : public StreamSource {
 public:
  explicit CountedSource(StreamSource& source) : source_(source) {}
  std::uint64_t read(const Stream& stream, const Visit& visit) override {
    return read_after(stream, 0, visit);
  }
  std::uint64_t read_after(const Stream& stream, std::uint64_t after, const Visit& visit) override {
    ++reads[stream];
    return source_.read_after(stream, after, [&](const RecordedEvent& event) {
      ++events;
      visit(event);
    });
  }
  std::map<Stream, int> reads;
  int events = 0;

 private:
  StreamSource& source_;
};

TEST_CASE("what was read is a condition, at the version it had, also where there is nothing") {
  Story story = a_school();
  Facts facts(kSchool, story);
  CHECK(facts.conditions().empty());
  facts.school();
  facts.child(kChild);
  facts.child(numbered<ChildId>(9));
  const std::vector<Condition> expected = {
      {school_stream(kSchool), 6},
      {child_stream(kChild), 5},
      {child_stream(numbered<ChildId>(9)), 0},
  };
  CHECK(facts.conditions() == expected);
}

TEST_CASE("a stream is read once for one decision") {
  Story story = a_school();
  CountedSource source(story);
  Facts facts(kSchool, source);
  const auto* first = &facts.child(kChild);
  facts.school();
  CHECK(&facts.child(kChild) == first);
  CHECK(source.reads[child_stream(kChild)] == 1);
  CHECK(source.reads.size() == 2);
}

TEST_CASE("what was just decided is seen, and the conditions stay those of the log") {
  Story story = a_school();
  Facts facts(kSchool, story);
  const Context context{kSchool, story.now_us(), kOffice, {}};
  const auto group = numbered<GroupId>(9);
  facts.school();
  facts.evolve({{group_stream(group), GroupFounded{}},
                {school_stream(kSchool), made<SchoolRenamed>([](auto& e) { e.name = "De Beuk"; })}},
               context);
  CHECK(facts.group(group).founded);
  CHECK(facts.school().name == "De Beuk");
  const std::vector<Condition> expected = {{school_stream(kSchool), 6}, {group_stream(group), 0}};
  CHECK(facts.conditions() == expected);
}

TEST_CASE("what an earlier decision folded isn't read again, only what came after it") {
  Story story = a_school();
  CountedSource source(story);
  FoldCache cache;
  CHECK(Facts(kSchool, source, &cache).child(kChild).guardians.size() == 3);
  CHECK(source.events == 5);
  CHECK(Facts(kSchool, source, &cache).child(kChild).guardians.size() == 3);
  CHECK(source.events == 5);
  story.given(child_stream(kChild),
              made<GuardianUnlinked>([](auto& e) { e.guardian = kFather.account; }));
  Facts facts(kSchool, source, &cache);
  CHECK(facts.child(kChild).guardians.size() == 2);
  CHECK(source.events == 6);
  CHECK(facts.conditions() == std::vector<Condition>{{child_stream(kChild), 6}});
}

TEST_CASE("a fold of a later snapshot is no fact of an earlier one") {
  Story earlier = a_school();
  Story later(earlier);
  later.given(child_stream(kChild),
              made<GuardianUnlinked>([](auto& e) { e.guardian = kFather.account; }));
  FoldCache cache;
  CHECK(Facts(kSchool, later, &cache).child(kChild).guardians.size() == 2);
  Facts facts(kSchool, earlier, &cache);
  CHECK(facts.child(kChild).guardians.size() == 3);
  CHECK(facts.conditions() == std::vector<Condition>{{child_stream(kChild), 5}});
  // And the later one stays the one that is kept.
  CountedSource source(later);
  CHECK(Facts(kSchool, source, &cache).child(kChild).guardians.size() == 2);
  CHECK(source.events == 0);
}

TEST_CASE("what one decision carried into its folds is no fact of the next") {
  Story story = a_school();
  FoldCache cache;
  Facts first(kSchool, story, &cache);
  first.school();
  first.evolve({{school_stream(kSchool), made<SchoolRenamed>([](auto& e) { e.name = "De Beuk"; })}},
               {kSchool, story.now_us(), kOffice, {}});
  CHECK(first.school().name == "De Beuk");
  Facts next(kSchool, story, &cache);
  CHECK(next.school().name == "De Berk");
}

TEST_CASE("a cache that is full lets go of what was used longest ago") {
  Story story = a_school();
  CountedSource source(story);
  FoldCache cache(2);
  const auto events_read_for = [&](ChildId child) {
    const int before = source.events;
    Facts(kSchool, source, &cache).child(child);
    return source.events - before;
  };
  CHECK(events_read_for(kChild) == 5);
  CHECK(events_read_for(kOtherChild) == 3);
  CHECK(events_read_for(kChild) == 0);
  Facts(kSchool, source, &cache).school();
  CHECK(events_read_for(kChild) == 0);
  CHECK(events_read_for(kOtherChild) == 3);
}

TEST_CASE("schools share a cache and nothing in it") {
  Story story = a_school();
  Story elsewhere;
  FoldCache cache;
  CHECK(Facts(kSchool, story, &cache).child(kChild).enrolled);
  CHECK_FALSE(Facts(numbered<SchoolId>(2), elsewhere, &cache).child(kChild).enrolled);
}

TEST_CASE("a key lives until it is retired, and asking is a condition") {
  Story story = a_school();
  {
    Facts facts(kSchool, story);
    CHECK(facts.key_lives(kKey));
    CHECK(facts.conditions() == std::vector<Condition>{{key_stream(kKey), 0}});
  }
  story.given(key_stream(kKey), made<KeyRetired>([](auto& e) { e.key = kKey; }));
  Facts facts(kSchool, story);
  CHECK_FALSE(facts.key_lives(kKey));
}

TEST_CASE("nothing is sealed under a key that was retired meanwhile") {
  Story story = a_school();
  story.by(kOffice);
  const auto rename = made<RenameGroup>([&](auto& c) {
    c.group = kClass;
    c.name = story.text();
  });
  story.when(rename).then_accepted();
  CHECK(std::ranges::count(story.conditions(), Condition{key_stream(kKey), 0}) == 1);
  story.given(key_stream(kKey), made<KeyRetired>([](auto& e) { e.key = kKey; }));
  story.when(rename).then_rejected(Rejection::key_retired);
}

TEST_CASE("an event on a stream of another kind changes nothing") {
  Story story = a_school();
  story.given(group_stream(kClass), ChildLeft{});
  Facts facts(kSchool, story);
  CHECK(facts.group(kClass).founded);
  CHECK(facts.conditions() == std::vector<Condition>{{group_stream(kClass), 3}});
}

TEST_CASE("a text is there where its slot holds one") {
  std::vector<Sealed> texts(2);
  texts[0].ciphertext = {1};
  const Context context{kSchool, 0, kOffice, texts};
  CHECK(*context.text(1) == texts[0]);
  for (const std::uint16_t slot : {0, 2, 3, 65535}) {
    CHECK_FALSE(context.has_text(slot));
    CHECK(context.text(slot) == nullptr);
  }
}

}  // namespace
}  // namespace klasboek::tests
