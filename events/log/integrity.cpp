#include "events/log/integrity.h"

#include <algorithm>
#include <deque>
#include <future>
#include <thread>

#include "events/log/ledger_rows.h"

namespace klasboek::log {

namespace {

/// Positions that are looked at in one go: enough to be worth a thread, and few enough that what
/// they came to takes a moment's memory.
constexpr Position kPositionsPerStretch = 256;

/// What a commit comes to by itself; where it stands among those of its school is for later.
struct HashedCommit {
  Position position = 0;
  events::SchoolId school;
  std::uint64_t first_sequence = 0;
  /// As they are kept.
  std::vector<events::Hash> leaves;
  /// Indices of those that the events don't come to.
  std::vector<std::uint32_t> wrong;
};

struct Stretch {
  std::vector<HashedCommit> commits;
  Position last = 0;
  events::Hash last_record_hash{};
};

HashedCommit hash_again(const StoredCommit& commit, const events::Hash& record_hash) {
  HashedCommit hashed{
      commit.position, commit.frame.school, commit.first_sequence, commit.leaf_hashes, {}};
  const auto versions = rows::stream_versions(commit.frame);
  for (std::uint32_t i = 0; i < versions.size(); ++i) {
    const auto leaf = rows::encode_leaf(commit.frame, i, commit.first_sequence + i,
                                        commit.recorded_at_us, versions[i], record_hash);
    const auto hash = leaf_hash({reinterpret_cast<const std::uint8_t*>(leaf.data()), leaf.size()});
    if (hash != commit.leaf_hashes[i]) hashed.wrong.push_back(i);
  }
  return hashed;
}

Stretch hash_stretch(const Ledger& ledger, Position from) {
  Stretch stretch;
  ledger.read_log(from, [&](const StoredCommit& commit) {
    if (commit.position >= from + kPositionsPerStretch) return false;
    stretch.last = commit.position;
    stretch.last_record_hash = events::sha256(commit.frame_bytes.bytes());
    stretch.commits.push_back(hash_again(commit, stretch.last_record_hash));
    return true;
  });
  return stretch;
}

/// Stretches are hashed side by side, and come together here in the order of the log.
class Check {
 public:
  explicit Check(const Ledger& ledger) : ledger_(ledger) {}

  IntegrityReport all(const std::function<void(std::uint64_t, std::uint64_t)>& progress) {
    if (const auto tail = ledger_.tail()) hash_up_to(*tail, progress);
    for (const auto& school : ledger_.schools()) {
      if (ledger_.school_head(school).tree != trees_[school]) {
        fault("the tree of " + events::to_text(school) + " isn't what its events make");
      }
      trees_.erase(school);
    }
    for (const auto& [school, tree] : trees_) {
      fault(events::to_text(school) + " has events and no tree");
    }
    return std::move(report_);
  }

 private:
  void hash_up_to(const Tail& tail,
                  const std::function<void(std::uint64_t, std::uint64_t)>& progress) {
    const auto stretches = tail.position / kPositionsPerStretch + 1;
    const auto side_by_side = std::max(1U, std::thread::hardware_concurrency()) + 1;
    std::deque<std::future<Stretch>> coming;
    Position begun = 0;
    for (Position done = 0; done < stretches; ++done) {
      for (; begun < stretches && coming.size() < side_by_side; ++begun) {
        coming.push_back(std::async(std::launch::async, hash_stretch, std::cref(ledger_),
                                    begun * kPositionsPerStretch));
      }
      const auto stretch = coming.front().get();
      coming.pop_front();
      if (stretch.commits.empty()) continue;
      look_at(stretch, tail);
      if (progress) progress(stretch.last, tail.position);
    }
  }

  void look_at(const Stretch& stretch, const Tail& tail) {
    for (const auto& commit : stretch.commits) look_at(commit);
    if (stretch.last == tail.position && stretch.last_record_hash != tail.record_hash) {
      fault("position " + std::to_string(stretch.last) + ": the tail names another record");
    }
  }

  void look_at(const HashedCommit& commit) {
    ++report_.commits;
    report_.events += commit.leaves.size();
    auto& tree = trees_[commit.school];
    if (tree.size() != commit.first_sequence) {
      return fault(at(commit) + "the school's events before it are " + std::to_string(tree.size()));
    }
    for (const auto index : commit.wrong) {
      fault(at(commit) + "event " + std::to_string(index) + " isn't the one that was hashed");
    }
    // The tree of what is kept: one fault is told once.
    for (const auto& leaf : commit.leaves) tree.append(leaf);
  }

  void fault(std::string what) {
    if (report_.faults.size() < kIntegrityFaultsMax) report_.faults.push_back(std::move(what));
  }

  static std::string at(const HashedCommit& commit) {
    return "position " + std::to_string(commit.position) + " (sequence " +
           std::to_string(commit.first_sequence) + " of " + events::to_text(commit.school) + "): ";
  }

  const Ledger& ledger_;
  IntegrityReport report_;
  std::unordered_map<events::SchoolId, CompactRange> trees_;
};

}  // namespace

IntegrityReport check_integrity(const Ledger& ledger,
                                const std::function<void(std::uint64_t, std::uint64_t)>& progress) {
  return Check(ledger).all(progress);
}

}  // namespace klasboek::log
