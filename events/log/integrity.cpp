#include "events/log/integrity.h"

#include "events/log/ledger_rows.h"

namespace klasboek::log {

namespace {

class Check {
 public:
  explicit Check(const Ledger& ledger) : ledger_(ledger) {}

  IntegrityReport all(const std::function<void(std::uint64_t, std::uint64_t)>& progress) {
    const auto tail = ledger_.tail();
    ledger_.read_log(0, [&](const StoredCommit& commit) {
      look_at(commit);
      if (tail && commit.position == tail->position && record_hash_ != tail->record_hash) {
        fault("position " + std::to_string(commit.position) + ": the tail names another record");
      }
      if (progress && tail) progress(commit.position, tail->position);
      return true;
    });
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
  void look_at(const StoredCommit& commit) {
    ++report_.commits;
    report_.events += commit.frame.events.size();
    auto& tree = trees_[commit.frame.school];
    if (tree.size() != commit.first_sequence) {
      return fault(at(commit) + "the school's events before it are " + std::to_string(tree.size()));
    }
    record_hash_ = events::sha256(commit.frame_bytes.bytes());
    const auto versions = rows::stream_versions(commit.frame);
    for (std::uint32_t i = 0; i < versions.size(); ++i) {
      const auto leaf = rows::encode_leaf(commit.frame, i, commit.first_sequence + i,
                                          commit.recorded_at_us, versions[i], record_hash_);
      const auto hash =
          leaf_hash({reinterpret_cast<const std::uint8_t*>(leaf.data()), leaf.size()});
      if (hash != commit.leaf_hashes[i]) {
        fault(at(commit) + "event " + std::to_string(i) + " isn't the one that was hashed");
      }
      // The tree of what is kept: one fault is told once.
      tree.append(commit.leaf_hashes[i]);
    }
  }

  void fault(std::string what) {
    if (report_.faults.size() < kIntegrityFaultsMax) report_.faults.push_back(std::move(what));
  }

  static std::string at(const StoredCommit& commit) {
    return "position " + std::to_string(commit.position) + " (sequence " +
           std::to_string(commit.first_sequence) + " of " + events::to_text(commit.frame.school) +
           "): ";
  }

  const Ledger& ledger_;
  IntegrityReport report_;
  events::Hash record_hash_{};
  std::unordered_map<events::SchoolId, CompactRange> trees_;
};

}  // namespace

IntegrityReport check_integrity(const Ledger& ledger,
                                const std::function<void(std::uint64_t, std::uint64_t)>& progress) {
  return Check(ledger).all(progress);
}

}  // namespace klasboek::log
