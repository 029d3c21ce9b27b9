#pragma once
// Where folds come from: streams of one school at one moment of the log.
#include <cstdint>
#include <functional>

#include "events/commit.h"
#include "events/stream.h"

namespace klasboek::events {

/// Reads streams of one school from one snapshot of the log. One thread at a time.
class StreamSource {
 public:
  virtual ~StreamSource() = default;
  StreamSource() = default;
  StreamSource(const StreamSource&) = delete;
  StreamSource& operator=(const StreamSource&) = delete;

  using Visit = std::function<void(const RecordedEvent&)>;

  /// Gives the stream's events to `visit`, oldest first, and returns its version (0: no such
  /// stream).
  virtual std::uint64_t read(const Stream& stream, const Visit& visit) = 0;

  /// As read, but gives only the events after version `after`. Where the stream is shorter than
  /// that, gives none and returns its version all the same.
  virtual std::uint64_t read_after(const Stream& stream, std::uint64_t after, const Visit& visit) {
    return read(stream, [&](const RecordedEvent& event) {
      if (event.stream_version > after) visit(event);
    });
  }
};

}  // namespace klasboek::events
