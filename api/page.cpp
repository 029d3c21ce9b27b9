#include "api/page.h"

#include <charconv>

namespace klasboek::api {

std::expected<std::optional<std::uint64_t>, Problem> sequence_cursor(const Call& call,
                                                                     std::string_view scope) {
  const auto text = call.request.query.find("cursor");
  if (!text) return std::nullopt;
  const auto payload = call.cursors.open(scope, *text);
  if (!payload) return std::unexpected(payload.error());
  std::uint64_t sequence = 0;
  const char* end = payload->data() + payload->size();
  const auto parsed = std::from_chars(payload->data(), end, sequence);
  if (parsed.ec != std::errc{} || parsed.ptr != end) {
    return std::unexpected(invalid_parameter("cursor", "It isn't one of this list."));
  }
  return sequence;
}

Response sequence_page(const Call& call, std::string_view scope, std::optional<std::uint64_t> next,
                       const std::function<void(JsonWriter&)>& write) {
  std::string text;
  JsonWriter json(text);
  json.begin_object().begin_array("items");
  write(json);
  json.end_array();
  std::string cursor;
  if (next) {
    cursor = call.cursors.seal(scope, std::to_string(*next));
    json.text("next", cursor);
  } else {
    json.null("next");
  }
  json.end_object();
  auto response = tagged(call, 0, std::move(text));
  if (!cursor.empty()) response.add_header("Link", next_link(call.request, cursor));
  return response;
}

Response whole_list(const Call& call, std::uint64_t version,
                    const std::function<void(JsonWriter&)>& write) {
  std::string text;
  JsonWriter json(text);
  json.begin_object().begin_array("items");
  write(json);
  json.end_array().null("next").end_object();
  return tagged(call, version, std::move(text));
}

}  // namespace klasboek::api
