#include "vault/secrets_topic.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "vault/secret_record.h"

namespace klasboek::vault {

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr int kPollMs = 100;
constexpr std::size_t kBatchRowsMax = 1000;
/// Of a topic that is read from its beginning: so many rows go into the database at once.
constexpr int kFlushMs = 1000;
constexpr auto kRetryAfter = milliseconds(200);

OpenError error(OpenFault fault, const KafkaPlace& place, const std::string& text) {
  return {fault, "topic " + place.topic + " at " + place.bootstrap + ": " + text};
}

OpenError store_error(const KafkaPlace& place, VaultFault fault) {
  const std::string text =
      "the vault's own file can't take it in (" + std::string(name_of(fault)) + ")";
  switch (fault) {
    case VaultFault::busy:
      return error(OpenFault::busy, place, text + "; start again");
    case VaultFault::disk_full:
      return error(OpenFault::disk_full, place, text + "; make room and start again");
    case VaultFault::unreachable:
      return error(OpenFault::topic_unreachable, place, text);
    case VaultFault::read_only:
      return error(OpenFault::not_permitted, place, text);
    case VaultFault::damaged:
    case VaultFault::broken:
      break;
  }
  return error(OpenFault::corrupted, place,
               text + "; move the file away and start again: the topic has it all");
}

/// What a bare removal may take away. Anybody who can write to the brokers can send one.
bool may_be_removed(RowKind kind) {
  return kind != RowKind::key && kind != RowKind::destroyed_key && kind != RowKind::installation;
}

std::optional<ByteSpan> payload_of(const rd_kafka_message_t& message) {
  if (message.payload == nullptr) return std::nullopt;
  return ByteSpan(static_cast<const std::uint8_t*>(message.payload), message.len);
}

}  // namespace

/// What a write waits for: the reports of all its records.
struct SecretsTopic::Delivery {
  std::mutex mutex;
  std::condition_variable done;
  std::size_t outstanding = 0;
  bool has_failed = false;
  std::int64_t next_offset = 0;
};

std::expected<std::unique_ptr<SecretsTopic>, OpenError> SecretsTopic::open(SecretStore& store,
                                                                           const Wrapping& wrapping,
                                                                           KafkaPlace place) {
  std::unique_ptr<SecretsTopic> topic(new SecretsTopic(store, wrapping, std::move(place)));
  if (auto connected = topic->connect(); !connected) return std::unexpected(connected.error());
  if (auto replayed = topic->replay(); !replayed) return std::unexpected(replayed.error());
  topic->follower_ =
      std::jthread([raw = topic.get()](const std::stop_token& stop) { raw->follow(stop); });
  return topic;
}

SecretsTopic::SecretsTopic(SecretStore& store, const Wrapping& wrapping, KafkaPlace place)
    : store_(store), wrapping_(wrapping), place_(std::move(place)) {}

SecretsTopic::~SecretsTopic() {
  follower_ = {};
  if (producer_) {
    rd_kafka_flush(producer_.get(), kFlushMs);
    // The reports of what didn't go out come now, so that nobody waits for them.
    rd_kafka_purge(producer_.get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
    rd_kafka_flush(producer_.get(), kFlushMs);
  }
  poller_ = {};
}

std::expected<void, OpenError> SecretsTopic::connect() {
  auto producer = make_producer(place_, &SecretsTopic::on_delivery);
  if (!producer) return std::unexpected(producer.error());
  producer_ = std::move(*producer);
  topic_ = topic_of(place_, producer_.get());
  auto consumer = make_consumer(place_);
  if (!consumer) return std::unexpected(consumer.error());
  consumer_ = std::move(*consumer);
  if (auto checked = make_and_check_topic(place_, producer_.get()); !checked) return checked;
  poller_ = std::jthread([client = producer_.get()](const std::stop_token& stop) {
    while (!stop.stop_requested()) rd_kafka_poll(client, kPollMs);
  });
  return {};
}

// -- The topic from its beginning

std::expected<void, OpenError> SecretsTopic::replay() {
  const auto end = end_of_topic(place_, consumer_.get());
  if (!end) return std::unexpected(end.error());
  const auto followed_until = store_.topic_offset();
  if (!followed_until) return std::unexpected(store_error(place_, followed_until.error()));
  const auto own = store_.with_key_prefix(RowKind::installation, {});
  if (!own) return std::unexpected(store_error(place_, own.error()));
  if (*end < *followed_until) {
    return std::unexpected(error(
        OpenFault::topic_shrunk, place_,
        "ends at " + std::to_string(*end) + " and this node has read until " +
            std::to_string(*followed_until) +
            ": the brokers have lost records, or this is another topic. Nothing was changed; put "
            "the topic back, or name the right one"));
  }

  read_until_ = 0;
  if (auto reading = read_from(place_, consumer_.get(), RD_KAFKA_OFFSET_BEGINNING); !reading) {
    return reading;
  }
  if (auto begun = store_.begin_replay(); !begun) {
    return std::unexpected(store_error(place_, begun.error()));
  }
  if (auto read = read_to_end(*end); !read) {
    store_.abandon_replay();
    return read;
  }
  const auto standing = store_.replayed(RowKind::installation);
  if (!standing) {
    store_.abandon_replay();
    return std::unexpected(store_error(place_, standing.error()));
  }
  if (standing->empty() && !own->empty() && *followed_until == 0) {
    store_.abandon_replay();
    if (auto published = publish_own_rows(); !published) return published;
    return replay();
  }
  return end_replay(*own, *standing);
}

std::expected<void, OpenError> SecretsTopic::read_to_end(std::int64_t end) {
  auto until = Clock::now() + milliseconds(place_.wait_ms_max);
  while (read_until_ < end) {
    const Batch batch = read_batch(kPollMs);
    if (batch.error) return std::unexpected(*batch.error);
    if (auto stored = store_.replay(batch.rows); !stored) {
      return std::unexpected(store_error(place_, stored.error()));
    }
    if (batch.next_offset) {
      read_until_ = *batch.next_offset;
      until = Clock::now() + milliseconds(place_.wait_ms_max);
    } else if (Clock::now() > until) {
      return std::unexpected(error(OpenFault::topic_unreachable, place_,
                                   "no more records came; start again when the brokers are there"));
    }
  }
  return {};
}

std::expected<void, OpenError> SecretsTopic::end_replay(const std::vector<SecretRow>& own,
                                                        const std::vector<SecretRow>& standing) {
  if (!own.empty() && (standing.empty() || standing.front().key != own.front().key)) {
    store_.abandon_replay();
    return std::unexpected(error(OpenFault::other_installation, place_,
                                 "belongs to another installation than this vault; name the right "
                                 "topic, or give this node an empty directory"));
  }
  if (auto ended = store_.end_replay(read_until_); !ended) {
    return std::unexpected(store_error(place_, ended.error()));
  }
  return {};
}

std::expected<void, OpenError> SecretsTopic::publish_own_rows() {
  std::vector<SecretRow> rows;
  const auto add = [&](RowKind kind) -> std::expected<void, OpenError> {
    const auto of_kind = store_.with_key_prefix(kind, {});
    if (!of_kind) return std::unexpected(store_error(place_, of_kind.error()));
    rows.insert(rows.end(), of_kind->begin(), of_kind->end());
    return {};
  };
  for (const RowKind kind : kRowKinds) {
    if (!is_shared(kind) || kind == RowKind::installation) continue;
    if (auto added = add(kind); !added) return added;
  }
  // Last: a topic that has it has all the others too, however this ends.
  if (auto added = add(RowKind::installation); !added) return added;
  const auto until = Clock::now() + milliseconds(place_.wait_ms_max);
  const auto delivery = produce(rows);
  if (!delivery || !delivered(**delivery, until)) {
    return std::unexpected(error(OpenFault::topic_unreachable, place_,
                                 "didn't take this vault's rows in time; start again when the "
                                 "brokers are there"));
  }
  return {};
}

// -- Reading

SecretsTopic::Batch SecretsTopic::read_batch(int wait_ms) {
  Batch batch;
  for (std::size_t i = 0; i < kBatchRowsMax && !batch.is_at_end && !batch.error; ++i) {
    const KafkaMessage message(rd_kafka_consumer_poll(consumer_.get(), i == 0 ? wait_ms : 0));
    if (!message) break;
    take(*message, batch);
  }
  return batch;
}

void SecretsTopic::take(const rd_kafka_message_t& message, Batch& batch) {
  if (message.err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
    // Also where the last records were compacted away: there is nothing before this offset to wait
    // for.
    batch.next_offset = message.offset;
    batch.is_at_end = true;
    return;
  }
  if (message.err == RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET ||
      message.err == RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE) {
    batch.error = error(OpenFault::topic_shrunk, place_,
                        "no longer has the place where this node was reading; put the topic back");
    return;
  }
  // The client tries again by itself; a start has its own deadline.
  if (message.err != RD_KAFKA_RESP_ERR_NO_ERROR) return;

  const ByteSpan key(static_cast<const std::uint8_t*>(message.key), message.key_len);
  auto row = row_of(key, payload_of(message));
  if (!row && row.error() == RecordFault::newer) {
    batch.error = error(OpenFault::newer_schema, place_,
                        "offset " + std::to_string(message.offset) +
                            " holds a secret of a newer klasboek; start the newer one here too");
    return;
  }
  batch.next_offset = message.offset + 1;
  if (row && row->is_removal()) {
    if (may_be_removed(row->kind)) batch.rows.push_back(std::move(*row));
    return;
  }
  if (row && wrapping_.open(*row)) {
    batch.rows.push_back(std::move(*row));
    return;
  }
  if (row && row->kind == RowKind::installation && !wrapping_.is_ours(*row)) {
    batch.error = error(OpenFault::wrong_master_key, place_,
                        "offset " + std::to_string(message.offset) +
                            " was wrapped with another master key than the one given (" +
                            events::to_hex(wrapping_.master_id()) +
                            "); give this node the same "
                            "master key as the others");
    return;
  }
  refused_.fetch_add(1);
  spdlog::warn("topic {}: offset {} isn't a secret of this installation; passed over", place_.topic,
               message.offset);
}

void SecretsTopic::follow(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    const Batch batch = read_batch(kPollMs);
    if (batch.next_offset && !store_batch(batch, stop)) return;
    if (batch.error) {
      spdlog::error("{}", batch.error->explanation);
      state_.store(State::broken);
      const std::lock_guard lock(mutex_);
      changed_.notify_all();
      return;
    }
  }
}

/// False where it can't go on.
bool SecretsTopic::store_batch(const Batch& batch, const std::stop_token& stop) {
  for (;;) {
    const auto stored = batch.rows.empty()
                            ? std::expected<void, VaultFault>{}
                            : store_.write_from_topic(batch.rows, *batch.next_offset);
    std::unique_lock lock(mutex_);
    if (stored) {
      read_until_ = std::max(read_until_, *batch.next_offset);
      state_.store(State::following);
      changed_.notify_all();
      return true;
    }
    const bool may_pass =
        stored.error() == VaultFault::busy || stored.error() == VaultFault::disk_full;
    state_.store(may_pass ? State::waiting : State::broken);
    changed_.notify_all();
    if (!may_pass) {
      spdlog::error("{}", store_error(place_, stored.error()).explanation);
      return false;
    }
    changed_.wait_for(lock, stop, kRetryAfter, [] { return false; });
    if (stop.stop_requested()) return false;
  }
}

// -- Writing

void SecretsTopic::on_delivery(rd_kafka_t* /*producer*/, const rd_kafka_message_t* message,
                               void* /*opaque*/) {
  const std::unique_ptr<std::shared_ptr<Delivery>> delivery(
      static_cast<std::shared_ptr<Delivery>*>(message->_private));
  Delivery& one = **delivery;
  const std::lock_guard lock(one.mutex);
  --one.outstanding;
  if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
    one.next_offset = std::max(one.next_offset, message->offset + 1);
  } else {
    one.has_failed = true;
  }
  one.done.notify_all();
}

bool SecretsTopic::produce_one(const SecretRow& row, const std::shared_ptr<Delivery>& delivery) {
  auto opaque = std::make_unique<std::shared_ptr<Delivery>>(delivery);
  if (!vault::produce(topic_.get(), record_of(row), opaque.get())) return false;
  static_cast<void>(opaque.release());  // on_delivery's now
  return true;
}

std::expected<std::shared_ptr<SecretsTopic::Delivery>, VaultFault> SecretsTopic::produce(
    std::span<const SecretRow> rows) {
  const auto delivery = std::make_shared<Delivery>();
  for (const SecretRow& row : rows) {
    {
      const std::lock_guard lock(delivery->mutex);
      ++delivery->outstanding;
    }
    if (!produce_one(row, delivery)) {
      const std::lock_guard lock(delivery->mutex);
      --delivery->outstanding;
      return std::unexpected(VaultFault::unreachable);
    }
  }
  return delivery;
}

std::expected<void, VaultFault> SecretsTopic::write(std::span<const SecretRow> rows) {
  std::vector<SecretRow> own;
  std::vector<SecretRow> shared;
  for (const SecretRow& row : rows) (is_shared(row.kind) ? shared : own).push_back(row);
  if (!own.empty()) {
    if (auto written = store_.write(own); !written) return written;
  }
  if (shared.empty()) return {};
  if (state() == State::broken) return std::unexpected(VaultFault::broken);

  const auto until = Clock::now() + milliseconds(place_.wait_ms_max);
  const auto delivery = produce(shared);
  if (!delivery) return std::unexpected(delivery.error());
  const auto next_offset = delivered(**delivery, until);
  if (!next_offset) return std::unexpected(VaultFault::unreachable);
  return wait_until_read_back(*next_offset, until);
}

/// After the last of the records; nothing where one of them wasn't confirmed.
std::optional<std::int64_t> SecretsTopic::delivered(Delivery& delivery, Clock::time_point until) {
  std::unique_lock lock(delivery.mutex);
  const bool in_time =
      delivery.done.wait_until(lock, until, [&] { return delivery.outstanding == 0; });
  if (!in_time || delivery.has_failed) return std::nullopt;
  return delivery.next_offset;
}

std::expected<void, VaultFault> SecretsTopic::wait_until_read_back(std::int64_t next_offset,
                                                                   Clock::time_point until) {
  std::unique_lock lock(mutex_);
  const bool in_time = changed_.wait_until(
      lock, until, [&] { return read_until_ >= next_offset || state() == State::broken; });
  if (!in_time) return std::unexpected(VaultFault::unreachable);
  if (read_until_ < next_offset) return std::unexpected(VaultFault::broken);
  return {};
}

}  // namespace klasboek::vault
