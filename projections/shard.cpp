#include "projections/shard.h"

namespace klasboek::projections {

std::expected<std::unique_ptr<Shard>, log::LogFault> open_shard(
    std::unique_ptr<log::EventLog> log, const std::filesystem::path& views_directory,
    const Progress& progress, const log::Surroundings& surroundings) {
  auto shard = std::make_unique<Shard>();
  shard->log = std::move(log);
  auto projector = Projector::open(views_directory, shard->log->ledger(), progress, surroundings);
  if (!projector) return std::unexpected(projector.error());
  shard->projector = *std::move(projector);
  shard->log->listen(
      [views = shard->projector.get()](log::Position position) { views->notify(position); });
  // What came in between opening and listening.
  if (const auto tail = shard->ledger().tail()) shard->projector->notify(tail->position);
  return shard;
}

Shard& Shards::of(events::SchoolId school) const {
  return *shards_[log::partition_of(school, static_cast<std::uint32_t>(shards_.size()))];
}

void Shards::close() {
  for (const auto& shard : shards_) shard->log->close();
}

}  // namespace klasboek::projections
