#include "tests/bench/school_life.h"

#include <algorithm>
#include <stdexcept>

namespace klasboek::bench {

namespace {

constexpr unsigned kConsentPercent = 50;
constexpr unsigned kAbsencePercent = 33;
constexpr unsigned kNotePercent = 33;
constexpr unsigned kNoPercent = 12;
/// Within the school year that found_district sets.
constexpr std::size_t kDaysAheadMax = 240;

}  // namespace

SchoolLife::SchoolLife(const District& district, std::uint64_t seed)
    : district_(district), dice_(seed), key_base_(dice_()) {
  for (std::size_t s = 0; s < district.schools.size(); ++s) {
    const auto& school = district.schools[s];
    for (std::size_t g = 0; g < school.classes.size(); ++g) classes_.all.push_back({s, g});
    for (std::size_t c = 0; c < school.children.size(); ++c) {
      pupils_.all.push_back({s, c});
      for (std::size_t g = 0; g < school.children[c].guardians.size(); ++g) {
        for (std::size_t p = 0; p < school.purposes.size(); ++p) {
          questions_.all.push_back({s, c, g, p});
        }
      }
    }
  }
  std::ranges::shuffle(classes_.all, dice_);
  std::ranges::shuffle(pupils_.all, dice_);
  std::ranges::shuffle(questions_.all, dice_);
}

std::string SchoolLife::next() {
  const auto roll = dice_() % 100;
  if (roll < kConsentPercent) return answer_consent();
  if (roll < kConsentPercent + kAbsencePercent) return report_absence();
  return publish_post();
}

std::string SchoolLife::answer_consent() {
  const auto& question = questions_.next();
  const auto& school = district_.schools[question.school];
  const auto& child = school.children[question.child];
  // Whoever is asked again has changed his mind. Some begin with no.
  const bool begins_with_no = (question.child + question.purpose * 7) % 100 < kNoPercent;
  const bool says_no = begins_with_no == (questions_.turn % 2 == 0);
  return request(
      "PUT",
      school.path + "/children/" + child.id + "/consents/" + school.purposes[question.purpose],
      child.guardians[question.guardian],
      std::string(R"({"answer":")") + (says_no ? "refused" : "given") +
          R"(","notice_version":1,"language":"nl"})");
}

std::string SchoolLife::report_absence() {
  const auto& pupil = pupils_.next();
  const auto& school = district_.schools[pupil.school];
  const auto& child = school.children[pupil.child];
  if (pupils_.turn > kDaysAheadMax) {
    throw std::runtime_error("every pupil was absent on every day of the year: measure shorter");
  }
  const auto day =
      events::to_text(district_.today.plus(static_cast<std::int32_t>(1 + pupils_.turn)));
  const auto& guardian = child.guardians[pupils_.turn % child.guardians.size()];
  static constexpr std::array kReasons = {"ill", "ill", "ill", "medical_visit", "other"};
  std::string body = R"({"children":[")" + child.id + R"("],"reason":")" +
                     kReasons.at(dice_() % kReasons.size()) + R"(","first_day":")" + day +
                     R"(","last_day":")" + day + "\"";
  if (dice_() % 100 < kNotePercent) body += R"(,"note":")" + prose(60) + "\"";
  return request("POST", school.path + "/absences", guardian, body + "}");
}

std::string SchoolLife::publish_post() {
  const auto& where = classes_.next();
  const auto& school = district_.schools[where.school];
  const auto& group = school.classes[where.group];
  return request("POST", school.path + "/posts", group.teacher,
                 R"({"groups":[")" + group.id + R"("],"title":")" + prose(30) + R"(","text":")" +
                     prose(200 + dice_() % 1000) + "\"}");
}

std::string SchoolLife::request(const char* method, const std::string& path,
                                const std::string& token, const std::string& body) {
  return std::string(method) + " " + path +
         " HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer " + token +
         "\r\nIdempotency-Key: " + std::to_string(key_base_) + "-" + std::to_string(++keys_) +
         "\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\n\r\n" + body;
}

std::string SchoolLife::prose(std::size_t characters) {
  static constexpr std::array kWords = {"morgen", "de",     "klas",    "gaat",   "naar",  "het",
                                        "bos",    "neem",   "laarzen", "mee",    "en",    "een",
                                        "lunch",  "ouders", "zijn",    "welkom", "vanaf", "negen"};
  std::string text;
  while (text.size() < characters) {
    if (!text.empty()) text += ' ';
    text += kWords.at(dice_() % kWords.size());
  }
  return text;
}

}  // namespace klasboek::bench
