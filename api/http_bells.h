// StreamBells: how streams that have nothing to say hear that there is something now.
//
// A stream names a bell (a school, say). Whoever makes news for it (the projector, once its views
// have a commit) rings that bell; the streams that wait for it are then asked for more. A ring
// that comes between a stream's look and its going to sleep isn't lost: the bell counts.
//
// Thread safety: all functions, from any thread; ring() never waits for a stream or a client.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace klasboek::api {

class StreamBells {
 public:
  // Marks a stream that sleeps; opaque to all but the door.
  using Sleeper = std::uint64_t;

  void ring(std::string_view bell);

  // The door's part. `wake` is called, without locks held, when take_rung() has something new.
  void on_rung(std::function<void()> wake);
  std::vector<Sleeper> take_rung();

  // A stream joins when it starts and leaves when it ends; its bell is kept for that long.
  void join(const std::string& bell);
  void leave(const std::string& bell);
  // How often the bell rang; to be read before looking whether there is news.
  std::uint64_t rings(const std::string& bell) const;
  // Goes to sleep, unless the bell rang since `rings_seen` (false). REQUIRES: joined.
  bool sleep(const std::string& bell, std::uint64_t rings_seen, Sleeper sleeper);
  // Takes a sleeper out, if it is still there.
  void wake(const std::string& bell, Sleeper sleeper);

 private:
  struct Bell {
    std::uint64_t rings = 0;
    std::uint64_t members = 0;
    std::vector<Sleeper> sleepers;
  };

  mutable std::mutex mutex_;
  std::map<std::string, Bell, std::less<>> bells_;
  std::vector<Sleeper> rung_;
  std::function<void()> wake_;
};

}  // namespace klasboek::api
