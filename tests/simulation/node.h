#pragma once
// One node of a simulation: the program's own log, views and decisions, on a simulated disk, driven
// step by step by one thread. It has no threads, and may die between any two steps.
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "aggregates/fold_cache.h"
#include "events/log/embedded_log.h"
#include "events/log/kafka_log.h"
#include "projections/projector.h"
#include "tests/simulation/disk.h"
#include "tests/simulation/partition.h"
#include "tests/simulation/request.h"
#include "tests/support/temporary_directory.h"

namespace klasboek::tests {

/// Where keys of all nodes become durable, some of the time.
class SimulatedKeys final : public events::KeySink {
 public:
  explicit SimulatedKeys(World& world) : world_(world) {}
  std::expected<void, events::KeySinkFault> make_durable(
      std::span<const events::MintedKey> keys) override;
  [[nodiscard]] bool has(events::KeyId id) const { return durable_.contains(id); }

 private:
  World& world_;
  std::set<events::KeyId> durable_;
};

/// What a node is about: the world, and what all nodes share.
struct SimulatedSite {
  World& world;
  SimulatedRequests& requests;
  SimulatedKeys& keys;
  /// nullptr: the node has the embedded log.
  SimulatedPartition* partition = nullptr;
};

class SimulatedNode {
 public:
  /// Somebody's request has an outcome on this node. Whether he hears of it is the world's to say.
  using Finished = std::function<void(SimulatedRequest&, const log::SubmitOutcome&)>;

  SimulatedNode(const SimulatedSite& site, unsigned number, Finished finished);
  ~SimulatedNode();
  SimulatedNode(const SimulatedNode&) = delete;
  SimulatedNode& operator=(const SimulatedNode&) = delete;

  [[nodiscard]] bool is_up() const { return log_ != nullptr; }
  [[nodiscard]] unsigned number() const { return number_; }
  [[nodiscard]] const log::Ledger& ledger() const { return log_->ledger(); }
  [[nodiscard]] log::EventLog& log() { return *log_; }
  [[nodiscard]] projections::Projector& projector() { return *projector_; }
  /// Starts the program, unless the power goes while it starts. REQUIRES: it isn't up.
  void start();
  /// The power goes: what wasn't synced may be lost, and nobody who waits is answered.
  void crash();
  /// The program ends, and the machine stays up. REQUIRES: it is up.
  void close();
  /// Its clock is off by this much from now on.
  void set_clock(std::int64_t off_us) { off_us_ = off_us; }

  /// A request arrives. REQUIRES: it is up.
  void take(SimulatedRequest& request);
  /// One step of what there is to do. REQUIRES: it is up.
  void step();
  /// Whether somebody waits for the outcome of this request.
  [[nodiscard]] bool tries(const SimulatedRequest& request) const;
  /// Whether its views have all that there is. REQUIRES: it is up.
  [[nodiscard]] bool is_caught_up() const;
  /// Whether nobody waits for an answer.
  [[nodiscard]] bool is_idle() const;

 private:
  struct Try;

  [[nodiscard]] std::int64_t now_us() const { return site_.world.now_us() + off_us_; }
  void note(const std::string& what) const;
  std::expected<void, log::LogFault> open();
  std::expected<void, log::LogFault> open_log();
  [[nodiscard]] log::Surroundings surroundings();
  void end();
  void step_log();
  void step_try(std::size_t at);
  /// Lets one try go on; its outcome, once there is one.
  std::optional<log::SubmitOutcome> advance(Try& one);
  std::optional<log::SubmitOutcome> decide(Try& one);
  std::optional<log::SubmitOutcome> show(Try& one);
  void check_committed(const SimulatedRequest& request) const;
  void check_shown(const Try& one) const;

  SimulatedSite site_;
  unsigned number_;
  Finished finished_;
  std::int64_t off_us_ = 0;
  TemporaryDirectory directory_;
  SimulatedDisk disk_;
  std::unique_ptr<aggregates::FoldCache> folds_;
  std::unique_ptr<SimulatedSender> sender_;
  std::unique_ptr<log::EventLog> log_;
  log::EmbeddedLog* embedded_ = nullptr;
  log::KafkaLog* kafka_ = nullptr;
  std::unique_ptr<projections::Projector> projector_;
  std::vector<std::unique_ptr<Try>> tries_;
};

/// The identity of every simulated log.
log::LogIdentity simulated_identity(bool is_partition);

}  // namespace klasboek::tests
