#include <stdexcept>

#include "events/log/integrity.h"
#include "tests/bench/history.h"
#include "tests/bench/measures.h"
#include "tests/bench/run.h"

namespace klasboek::bench {

namespace {

/// What has to be hashed of a ledger, one after the other: each record, the bytes of each of its
/// events, the leaf and one node of the tree.
class HashedBytes {
 public:
  explicit HashedBytes(const log::Ledger& ledger) {
    ledger.read_log(0, [&](const log::StoredCommit& commit) {
      add(commit.frame_bytes.bytes());
      for (const auto& event : commit.frame.events) {
        add(event.bytes);
        bytes_.resize(bytes_.size() + kLeafBytes);
        ends_.push_back(bytes_.size());
        bytes_.resize(bytes_.size() + kNodeBytes);
        ends_.push_back(bytes_.size());
      }
      return true;
    });
  }

  /// In seconds.
  [[nodiscard]] double hash_all() const {
    const auto start = Clock::now();
    std::size_t begin = 0;
    std::uint8_t mixed = 0;
    for (const auto end : ends_) {
      mixed ^= events::sha256({bytes_.data() + begin, end - begin})[0];
      begin = end;
    }
    const double took_s = seconds_since(start);
    // So that nobody may leave the hashing out.
    return took_s + (mixed == 0 ? 1e-12 : 0);
  }

 private:
  /// With the byte before that says what it is (docs/log-format.md).
  static constexpr std::size_t kLeafBytes = 1 + 146;
  static constexpr std::size_t kNodeBytes = 1 + 2 * log::kHashSizeBytes;

  void add(std::span<const std::uint8_t> bytes) {
    bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
    ends_.push_back(bytes_.size());
  }

  events::Bytes bytes_;
  std::vector<std::size_t> ends_;
};

}  // namespace

void measure_integrity(const Effort& effort, const Say& say, Report& report) {
  const History history(effort, [&](const std::string& what) { say("P12: " + what); });
  const HashedBytes bytes(history.ledger());
  Line line{"P12", "hashes made again", "ev/s", {}, {}, {}};
  const auto events = static_cast<double>(history.events());
  for (int round = 1; round <= effort.rounds; ++round) {
    say("P12: round " + std::to_string(round));
    line.raw.push_back(events / bytes.hash_all());
    const auto start = Clock::now();
    const auto found = log::check_integrity(history.ledger());
    line.ours.push_back(events / seconds_since(start));
    if (!found.faults.empty()) throw std::runtime_error(found.faults.front());
    if (found.events != history.events()) throw std::runtime_error("events weren't looked at");
  }
  constexpr double kShareMin = 0.65;
  line.goal = {Goal::Kind::ratio_at_least, kShareMin};
  report.lines.push_back(std::move(line));
}

}  // namespace klasboek::bench
