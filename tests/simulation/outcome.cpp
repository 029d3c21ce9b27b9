#include "tests/simulation/outcome.h"

namespace klasboek::tests {

namespace {

struct Words {
  std::string operator()(const log::Done& done) const {
    return "done at " + std::to_string(done.first_sequence) + ", " + std::to_string(done.count) +
           (done.repeated ? " events, again" : " events");
  }
  std::string operator()(const log::Refused& refused) const {
    return "refused: " + refused.rejection;
  }
  std::string operator()(const log::OtherRequest&) const { return "another request"; }
  std::string operator()(const log::Contended&) const { return "contended"; }
  std::string operator()(const log::Unavailable& outcome) const {
    return "unavailable: " + outcome.reason;
  }
  std::string operator()(const log::UnknownOutcome& outcome) const {
    return "unknown: " + outcome.reason;
  }
  std::string operator()(const log::TooLarge&) const { return "too large"; }
};

}  // namespace

std::string words_of(const log::SubmitOutcome& outcome) { return std::visit(Words{}, outcome); }

}  // namespace klasboek::tests
