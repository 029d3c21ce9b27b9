#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <stdexcept>

#include "tests/bench/measures.h"

namespace klasboek::bench {

namespace {

constexpr std::size_t kPageBytes = 4096;

/// A file that grows by a page at a time, as a log does.
class SyncedPages {
 public:
  SyncedPages()
      : file_(::open((directory_ / "pages").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)) {
    if (file_ < 0) fail();
    page_.fill('x');
  }
  ~SyncedPages() { ::close(file_); }
  SyncedPages(const SyncedPages&) = delete;
  SyncedPages& operator=(const SyncedPages&) = delete;

  void write_and_sync() {
    const auto at = static_cast<off_t>(pages_++ * kPageBytes);
    if (::pwrite(file_, page_.data(), page_.size(), at) != static_cast<ssize_t>(page_.size()) ||
        ::fdatasync(file_) != 0) {
      fail();
    }
  }

 private:
  [[noreturn]] static void fail() {
    throw std::runtime_error(std::string("writing a page: ") + std::strerror(errno));
  }

  tests::TemporaryDirectory directory_;
  int file_;
  std::size_t pages_ = 0;
  std::array<char, kPageBytes> page_{};
};

}  // namespace

void measure_waits(const Effort& effort, const Say& say, Report& report) {
  say("P3: founding schools");
  const Product product;
  const auto district = found_district(product.node(), effort.district, effort.seed);
  SchoolLife life(district, effort.seed);
  SyncedPages pages;
  const Until calls{.calls = effort.single_calls};
  const Until time{.time = std::chrono::duration<double>(effort.seconds)};
  run_commands(product, 1, calls, life);
  std::vector<Run> raw;
  std::vector<Run> one;
  std::vector<Run> many;
  for (int round = 1; round <= effort.rounds; ++round) {
    say("P3: round " + std::to_string(round));
    raw.push_back(run_closed_loop(1, calls, [&](std::size_t) { pages.write_and_sync(); }));
    one.push_back(run_commands(product, 1, calls, life));
    many.push_back(run_commands(product, kManyClients, time, life));
  }
  const auto first = report.lines.size();
  add_waits(raw, one, "P3", "command, 1 client,", report);
  report.lines[first].goal = {Goal::Kind::ratio_at_most, 1.5};
  add_waits({}, many, "P3", "command, 64 clients,", report);
  constexpr double kSlowestMaxMs = 8;
  report.lines.back().goal = {Goal::Kind::ours_at_most, kSlowestMaxMs};
}

}  // namespace klasboek::bench
