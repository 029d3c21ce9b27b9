#include "tools/logging.h"

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <string_view>

#include "api/json_writer.h"

namespace klasboek::tools {

namespace {

/// What a message adds to the line's object.
class Members final : public spdlog::custom_flag_formatter {
 public:
  void format(const spdlog::details::log_msg& message, const std::tm&,
              spdlog::memory_buf_t& line) override {
    const std::string_view text(message.payload.data(), message.payload.size());
    if (text.starts_with('"')) {
      line.append(text.data(), text.data() + text.size());
      return;
    }
    std::string object;
    api::JsonWriter(object).begin_object().text("message", text).end_object();
    // Without the braces: the object is the line's.
    line.append(object.data() + 1, object.data() + object.size() - 1);
  }

  [[nodiscard]] std::unique_ptr<custom_flag_formatter> clone() const override {
    return std::make_unique<Members>();
  }
};

}  // namespace

std::unique_ptr<spdlog::formatter> json_lines() {
  auto formatter = std::make_unique<spdlog::pattern_formatter>(spdlog::pattern_time_type::utc);
  formatter->add_flag<Members>('*').set_pattern(
      R"({"at":"%Y-%m-%dT%H:%M:%S.%fZ","level":"%l",%*})");
  return formatter;
}

void start_logging(const std::string& level) {
  auto logger = spdlog::stderr_logger_mt("klasboek");
  logger->set_formatter(json_lines());
  spdlog::set_default_logger(logger);
  spdlog::set_level(spdlog::level::from_str(level));
}

}  // namespace klasboek::tools
