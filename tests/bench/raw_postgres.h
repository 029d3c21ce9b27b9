#pragma once
// PostgreSQL as an event store: a cluster of its own in a temporary directory, one table, and a
// PL/pgSQL function that appends to a stream if it is at the version expected. pgbench is its
// client, over a Unix socket. Settings are PostgreSQL's own, so a commit is durable.
#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "events/commit.h"
#include "tests/support/temporary_directory.h"

namespace klasboek::bench {

class RawPostgres {
 public:
  /// Starts it; as root by an unprivileged user, since PostgreSQL refuses root. The bodies are what
  /// is appended by turns, at most kBodiesMax of them. Throws where PostgreSQL 15 isn't installed.
  explicit RawPostgres(const std::vector<events::Bytes>& bodies);
  ~RawPostgres();
  RawPostgres(const RawPostgres&) = delete;
  RawPostgres& operator=(const RawPostgres&) = delete;

  static constexpr std::size_t kBodiesMax = 100;

  /// Appends per second by so many clients, each to streams of its own that come to four events.
  double appends_per_second(std::size_t clients, double seconds);

 private:
  void start();
  [[nodiscard]] std::vector<std::string> client_words(const std::string& program) const;

  tests::TemporaryDirectory directory_;
  std::vector<std::string> scripts_;
  int pid_ = -1;
  int runs_ = 0;
};

}  // namespace klasboek::bench
