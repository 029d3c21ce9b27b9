#include "tests/simulation/request.h"

#include <algorithm>

#include "tests/support/log_fixture.h"
#include "tests/support/view_fixture.h"

namespace klasboek::tests {

namespace {

/// In how many schools families part, per mille.
constexpr unsigned kFamiliesPart = 400;
/// Keys of texts are numbered from here on; below are those of the cast.
constexpr std::uint64_t kFirstKey = 1000;

events::CommandId command_id(events::SchoolId school, std::uint64_t number) {
  return events::command_id_of_request(school, account_number(number), std::to_string(number));
}

}  // namespace

SimulatedRequests::SimulatedRequests(World& world, std::size_t schools) : world_(world) {
  for (std::size_t n = 0; n < schools; ++n) {
    schools_.push_back(school_number(n + 1));
    lives_.push_back(
        {std::make_unique<RandomHistory>(world.dice()()), world.chance(kFamiliesPart)});
  }
}

events::NewCommit SimulatedRequests::founding_of(events::SchoolId school) const {
  const auto story = a_school();
  const auto history = story.history();
  auto commit = small_commit(school, "founding", 0, history.front().recorded_at_us);
  commit.attempt.fill(0xF0);
  commit.actor = history.front().actor;
  commit.conditions.clear();
  commit.events.clear();
  std::map<events::Stream, std::uint64_t> expected;
  for (const auto& event : history) {
    commit.events.push_back(moved_to(school, event));
    expected[commit.events.back().stream] = 0;
  }
  for (const auto& [stream, version] : expected) commit.conditions.push_back({stream, version});
  return commit;
}

SimulatedRequest& SimulatedRequests::ask() { return ask_of(world_.below(schools_.size())); }

SimulatedRequest& SimulatedRequests::ask_by_key_of(const SimulatedRequest& earlier) {
  const auto school = std::ranges::find(schools_, earlier.school) - schools_.begin();
  auto& request = ask_of(static_cast<std::size_t>(school));
  request.id = earlier.id;
  return request;
}

SimulatedRequest& SimulatedRequests::ask_of(std::size_t school) {
  auto& life = lives_[school];
  auto& history = *life.history;
  auto request = std::make_unique<SimulatedRequest>();
  request->number = all_.size() + 1;
  request->school = schools_[school];
  request->command = life.has_families_that_part ? history.ask_of_families(world_.now_us())
                                                 : history.ask(world_.now_us());
  request->actor = history.story().actor();
  request->texts.assign(history.story().texts().begin(), history.story().texts().end());
  request->id = command_id(request->school, request->number);
  const auto body = events::encode_input({request->command, request->actor});
  const auto hash = events::sha256(body);
  request->fingerprint.assign(hash.begin(), hash.end());
  all_.push_back(std::move(request));
  return *all_.back();
}

SimulatedRequest& SimulatedRequests::some() {
  constexpr int kTriesMax = 4;
  auto* request = world_.one_of(all_).get();
  for (int n = 0; n < kTriesMax && request->is_settled(); ++n) request = world_.one_of(all_).get();
  return *request;
}

SimulatedSeal SimulatedRequests::seal(const SimulatedRequest& request) {
  SimulatedSeal seal{request.texts, {}, {}};
  if (seal.texts.empty()) return seal;
  events::MintedKey key;
  key.id = numbered<events::KeyId>(kFirstKey + ++keys_);
  key.school = request.school;
  for (auto& text : seal.texts) text.key = key.id;
  seal.key_ids.push_back(key.id);
  seal.minted.push_back(std::move(key));
  return seal;
}

events::AttemptId SimulatedRequests::draw_attempt(const SimulatedRequest& request,
                                                  const SimulatedSeal& seal) {
  events::AttemptId attempt{};
  for (auto& byte : attempt) byte = static_cast<std::uint8_t>(world_.below(256));
  attempts_[attempt] = {&request, seal};
  return attempt;
}

const SimulatedRequests::Attempt* SimulatedRequests::attempt(const events::AttemptId& id) const {
  const auto found = attempts_.find(id);
  return found == attempts_.end() ? nullptr : &found->second;
}

}  // namespace klasboek::tests
