#include "tests/support/random_records.h"

#include <array>
#include <random>
#include <string>

#include "events/log/control_record.h"
#include "events/log/ledger.h"
#include "tests/support/log_fixture.h"
#include "tests/support/log_rules.h"

namespace klasboek::tests {

std::vector<events::Bytes> random_records(std::uint32_t seed, std::int64_t now_us) {
  constexpr int kRecords = 250;
  std::mt19937 random(seed);
  const auto below = [&](std::uint32_t n) { return static_cast<int>(random() % n); };
  std::array<std::uint64_t, 3> versions{};
  std::vector<events::Bytes> records;
  for (int n = 0; n < kRecords; ++n) {
    const auto which = static_cast<std::size_t>(below(versions.size()));
    auto commit = small_commit(school_number(which + 1), std::to_string(below(kRecords)),
                               versions[which], now_us + below(100) - 50);
    switch (below(8)) {
      case 0:
        commit.conditions[0].expected_version += 1;
        break;
      case 1:
        commit.decided_at_us += 2 * log::kClockSkewUsMax;
        break;
      case 2:
        commit = settling(commit, "leave_not_pending");
        break;
      case 3:
        records.push_back(log::encode_control_record(
            log::FormatAnnouncement{static_cast<std::uint16_t>(below(3))}));
        continue;
      case 4: {
        auto noise = events::encode_frame(commit);
        noise[static_cast<std::size_t>(below(static_cast<std::uint32_t>(noise.size())))] ^= 0x11;
        records.push_back(std::move(noise));
        continue;
      }
      default:
        ++versions[which];
    }
    records.push_back(events::encode_frame(commit));
  }
  return records;
}

}  // namespace klasboek::tests
