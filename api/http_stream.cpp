#include "api/http_stream.h"

#include <exception>
#include <utility>

#include "api/http_engine.h"

namespace klasboek::api {
namespace {

class BufferSink final : public Sink {
 public:
  explicit BufferSink(std::string& buffer) : buffer_(buffer) {}
  void write(std::string_view bytes) override { buffer_ += bytes; }
  bool is_full() const override { return buffer_.size() >= kStreamBufferBytes; }

 private:
  std::string& buffer_;
};

}  // namespace

HttpStream::HttpStream(StreamBody body, StreamAllowance::Share share, bool is_chunked,
                       DoorContext& door, StreamBells::Sleeper sleeper, std::string request_id,
                       Time now)
    : body_(std::move(body)),
      share_(std::move(share)),
      is_chunked_(is_chunked),
      door_(door),
      sleeper_(sleeper),
      request_id_(std::move(request_id)),
      heartbeat_at_(now + body_.heartbeat) {
  if (!body_.bell.empty()) door_.bells->join(body_.bell);
}

HttpStream::~HttpStream() {
  if (body_.bell.empty()) return;
  door_.bells->wake(body_.bell, sleeper_);
  door_.bells->leave(body_.bell);
}

StreamStep HttpStream::ask(std::string& written) {
  BufferSink sink(written);
  try {
    return body_.next(sink);
  } catch (const std::exception& fault) {
    door_.note_fault(request_id_, fault.what());
  } catch (...) {
    door_.note_fault(request_id_, "a stream threw something that is no exception");
  }
  return StreamStep::broken;
}

HttpStream::Outcome HttpStream::advance(std::string& out, Time now) {
  if (!body_.bell.empty()) rings_seen_ = door_.bells->rings(body_.bell);
  std::string written;
  const StreamStep step = ask(written);
  if (step == StreamStep::broken) return Outcome::broken;
  if (step == StreamStep::wait && written.empty() && now >= heartbeat_at_) {
    written = body_.heartbeat_text;
    heartbeat_at_ = now + body_.heartbeat;
  }
  if (!written.empty()) heartbeat_at_ = now + body_.heartbeat;
  bytes_written_ += written.size();
  // A promised length is kept exactly, or the next answer would begin inside this one.
  const std::uint64_t promised = body_.length_bytes.value_or(bytes_written_);
  if (bytes_written_ > promised) return Outcome::broken;
  if (step == StreamStep::end && bytes_written_ < promised) return Outcome::broken;
  if (is_chunked_) {
    append_chunk(out, written);
  } else {
    out += written;
  }
  if (step == StreamStep::end) {
    append_end(out);
    return Outcome::ended;
  }
  return step == StreamStep::more ? Outcome::more : Outcome::sleepy;
}

void HttpStream::append_end(std::string& out) const {
  if (is_chunked_) out += kLastChunk;
}

bool HttpStream::sleep() {
  return body_.bell.empty() || door_.bells->sleep(body_.bell, rings_seen_, sleeper_);
}

void HttpStream::wake() {
  if (!body_.bell.empty()) door_.bells->wake(body_.bell, sleeper_);
}

}  // namespace klasboek::api
