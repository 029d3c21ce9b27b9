#pragma once
// What somebody asks of a school, and goes on asking until the outcome is known; and what was
// heard.
#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include "events/command.h"
#include "events/commit.h"
#include "events/key_sink.h"
#include "events/log/submit.h"
#include "reactions/prepare.h"
#include "tests/simulation/world.h"
#include "tests/support/random_history.h"

namespace klasboek::tests {

/// One Idempotency-Key with one body.
struct SimulatedRequest {
  std::uint64_t number = 0;
  events::SchoolId school;
  events::Actor actor;
  events::CommandBody command;
  events::CommandId id{};
  /// As sealed the first time; each try seals them anew.
  std::vector<events::Sealed> texts;
  /// Stands in the commit, to tell another body from this one.
  events::Bytes fingerprint;
  /// What its asker heard, in that order; nothing that leaves the outcome open.
  std::vector<log::SubmitOutcome> answers;

  [[nodiscard]] bool is_settled() const { return !answers.empty(); }
};

/// The texts of one try, sealed under a key of its own.
struct SimulatedSeal {
  std::vector<events::Sealed> texts;
  std::vector<events::KeyId> key_ids;
  std::vector<events::MintedKey> minted;

  [[nodiscard]] reactions::SealedTexts view() const { return {texts, key_ids, minted}; }
};

/// All that was asked, and under which attempts.
class SimulatedRequests {
 public:
  SimulatedRequests(World& world, std::size_t schools);

  [[nodiscard]] const std::vector<events::SchoolId>& schools() const { return schools_; }
  /// All that a school begins with, as one commit.
  [[nodiscard]] events::NewCommit founding_of(events::SchoolId school) const;
  /// Somebody asks for something.
  SimulatedRequest& ask();
  /// Somebody asks something else of the same school, by the key of that request.
  SimulatedRequest& ask_by_key_of(const SimulatedRequest& earlier);
  /// Some request, more often one that has no outcome yet. REQUIRES: there is one.
  SimulatedRequest& some();
  [[nodiscard]] const std::vector<std::unique_ptr<SimulatedRequest>>& all() const { return all_; }
  /// Seals the texts of a request for one try.
  SimulatedSeal seal(const SimulatedRequest& request);
  /// A new attempt of a try with these texts.
  events::AttemptId draw_attempt(const SimulatedRequest& request, const SimulatedSeal& seal);

  struct Attempt {
    const SimulatedRequest* request = nullptr;
    SimulatedSeal seal;
  };
  /// nullptr where nobody made it.
  [[nodiscard]] const Attempt* attempt(const events::AttemptId& id) const;

 private:
  struct School {
    std::unique_ptr<RandomHistory> history;
    /// Families part and come together again there; else anything may be asked.
    bool has_families_that_part = false;
  };

  SimulatedRequest& ask_of(std::size_t school);

  World& world_;
  std::vector<events::SchoolId> schools_;
  /// In the same order.
  std::vector<School> lives_;
  std::vector<std::unique_ptr<SimulatedRequest>> all_;
  std::map<events::AttemptId, Attempt> attempts_;
  std::uint64_t keys_ = 0;
};

}  // namespace klasboek::tests
