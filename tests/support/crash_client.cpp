#include "tests/support/crash_client.h"

#include <stdexcept>

namespace klasboek::tests {

namespace {

using nlohmann::json;

bool is_done(int status) { return status >= 200 && status < 300; }

}  // namespace

void ServerLife::count_answer() {
  if (++answers == moment.after_answers) kill();
}

CrashClient::CrashClient(const CrashSchool& school, CrashPerson person, std::size_t number,
                         std::uint64_t seed)
    : root_(school.root()),
      group_(school.group()),
      purpose_(school.purpose()),
      invited_(school.invited()),
      person_(std::move(person)),
      number_(number),
      dice_(seed) {}

bool CrashClient::live(ServerLife& life, std::size_t new_requests) {
  requests_of_life_ = 0;
  try {
    RawClient client(life.port);
    repeat_last(client, life);
    settle(client, life);
    for (std::size_t i = 0; i < new_requests; ++i) {
      unknown_ = next_request();
      const Asked asked = *unknown_;
      take(asked, send(client, life, asked));
    }
    return true;
  } catch (const std::runtime_error&) {
    return false;
  }
}

CrashClient::Told CrashClient::send(RawClient& client, ServerLife& life, const Asked& asked) {
  const auto bytes = bytes_of(asked, person_.token);
  const auto& moment = life.moment;
  if (moment.client == number_ && moment.request == ++requests_of_life_) {
    client.send(std::string_view(bytes).substr(0, moment.bytes));
    life.kill();
  } else {
    client.send(bytes);
  }
  const auto answer = client.read_answer();
  life.count_answer();
  return {answer.status, answer.body};
}

/// What was acknowledged is there after every start, and is told alike.
void CrashClient::repeat_last(RawClient& client, ServerLife& life) {
  if (acknowledged_.empty()) return;
  const auto& last = acknowledged_.back();
  const auto told = send(client, life, last.asked);
  if (told.status == last.status && told.body == last.body) return;
  faults_.push_back(person_.name + ": " + last.asked.key + " (" + last.asked.method + " " +
                    last.asked.path + ") was answered " + std::to_string(last.status) + " " +
                    last.body + " and, asked again, " + std::to_string(told.status) + " " +
                    told.body);
}

void CrashClient::settle(RawClient& client, ServerLife& life) {
  if (!unknown_) return;
  const Asked asked = *unknown_;
  const auto told = send(client, life, asked);
  take(asked, told);
  if (is_done(told.status)) ++settled_;
  // Once more: there is one outcome.
  repeat_last(client, life);
}

void CrashClient::take(const Asked& asked, const Told& told) {
  if (!is_done(told.status)) {
    // It stays unknown where the server says so, and is asked again in the next life.
    if (told.status != 503) {
      faults_.push_back(person_.name + ": " + asked.key + " (" + asked.method + " " + asked.path +
                        " " + asked.body + ") was answered " + std::to_string(told.status) + " " +
                        told.body);
      unknown_.reset();
    }
    throw std::runtime_error("no 2xx");
  }
  unknown_.reset();
  acknowledged_.push_back({asked, told.status, told.body});
  const auto body = json::parse(told.body, nullptr, false);
  if (asked.path == root_ + "/absences") absence_ = body["items"][0]["id"];
  if (asked.method == "DELETE") absence_.clear();
  if (asked.method == "PUT") consent_given_ = !consent_given_;
}

Asked CrashClient::next_request() {
  auto asked = person_.child.empty() ? of_director() : of_guardian();
  asked.key = person_.name + "-" + std::to_string(++requests_);
  return asked;
}

Asked CrashClient::of_director() {
  constexpr std::uint64_t kRequestsPerInvitation = 3;
  if (dice_() % kRequestsPerInvitation == 0) {
    return {"POST", root_ + "/invitations", "", json{{"account", invited_}}.dump()};
  }
  const json body = {{"groups", {group_}},
                     {"title", "Bericht " + std::to_string(requests_)},
                     {"text", "De juf is er weer."}};
  return {"POST", root_ + "/posts", "", body.dump()};
}

Asked CrashClient::of_guardian() {
  if (dice_() % 2 == 0) {
    const json body = {{"answer", consent_given_ ? "refused" : "given"},
                       {"notice_version", 1},
                       {"language", "nl"}};
    return {"PUT", root_ + "/children/" + person_.child + "/consents/" + purpose_, "", body.dump()};
  }
  if (!absence_.empty()) return {"DELETE", root_ + "/absences/" + absence_, "", ""};
  const auto day = CrashSchool::day(2 + static_cast<int>(dice_() % 50));
  const json body = {{"children", {person_.child}},
                     {"reason", "ill"},
                     {"first_day", day},
                     {"last_day", day},
                     {"note", "Koorts."}};
  return {"POST", root_ + "/absences", "", body.dump()};
}

}  // namespace klasboek::tests
