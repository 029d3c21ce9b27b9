#pragma once
// A shard: one partition of the log with its ledger and its views. A node runs one (embedded) or
// several (Kafka); a school lives in exactly one.
#include <expected>
#include <filesystem>
#include <memory>
#include <vector>

#include "events/log/event_log.h"
#include "projections/projector.h"

namespace klasboek::projections {

struct Shard {
  std::unique_ptr<log::EventLog> log;
  std::unique_ptr<Projector> projector;

  [[nodiscard]] const log::Ledger& ledger() const { return log->ledger(); }
  [[nodiscard]] ViewSnapshot views() const { return ViewSnapshot(projector->store()); }
};

/// Opens the views of a log and lets them follow it.
std::expected<std::unique_ptr<Shard>, log::LogFault> open_shard(
    std::unique_ptr<log::EventLog> log, const std::filesystem::path& views_directory,
    const Progress& progress = {}, const log::Surroundings& surroundings = {});

/// All shards of a node, by partition.
class Shards {
 public:
  /// REQUIRES: shards[n] has partition n of as many partitions as there are shards.
  explicit Shards(std::vector<std::unique_ptr<Shard>> shards) : shards_(std::move(shards)) {}
  [[nodiscard]] Shard& of(events::SchoolId school) const;
  [[nodiscard]] const std::vector<std::unique_ptr<Shard>>& all() const { return shards_; }
  /// Stops taking commits in all of them, and finishes those that wait.
  void close();

 private:
  std::vector<std::unique_ptr<Shard>> shards_;
};

}  // namespace klasboek::projections
