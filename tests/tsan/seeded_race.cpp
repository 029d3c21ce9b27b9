// A program with a data race between a thread of librdkafka, in a callback of ours, and our own.
// ctest runs it under ThreadSanitizer and wants the race to be reported: were it not, the silence
// of all other tests would mean nothing.

#include <librdkafka/rdkafka.h>

#include <array>
#include <atomic>
#include <cstdio>

namespace {

int unguarded = 0;
// Relaxed: says that the callback has been, and orders nothing.
std::atomic<bool> was_called = false;

void on_log(const rd_kafka_t* /*client*/, int /*level*/, const char* /*facility*/,
            const char* /*text*/) {
  ++unguarded;
  was_called.store(true, std::memory_order_relaxed);
}

}  // namespace

int main() {
  rd_kafka_conf_t* settings = rd_kafka_conf_new();
  std::array<char, 256> reason{};
  // Nobody listens on port 1, so that is logged at once.
  if (rd_kafka_conf_set(settings, "bootstrap.servers", "127.0.0.1:1", reason.data(),
                        reason.size()) != RD_KAFKA_CONF_OK) {
    std::puts(reason.data());
    return 1;
  }
  rd_kafka_conf_set_log_cb(settings, on_log);
  rd_kafka_t* client = rd_kafka_new(RD_KAFKA_PRODUCER, settings, reason.data(), reason.size());
  if (client == nullptr) {
    std::puts(reason.data());
    return 1;
  }
  while (!was_called.load(std::memory_order_relaxed)) {
  }
  ++unguarded;
  std::printf("counted %d without a guard\n", unguarded);
  rd_kafka_destroy(client);
  return 0;
}
