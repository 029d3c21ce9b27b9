#include "api/page.h"

#include <charconv>

namespace klasboek::api {

Response page_answer(const Call& call, const Page& page) {
  std::string text;
  JsonWriter json(text);
  json.begin_object().begin_array("items");
  page.items(json);
  json.end_array();
  if (page.others) page.others(json);
  std::optional<std::string> cursor;
  if (page.next) cursor = call.cursors.seal(page.scope, *page.next);
  if (cursor) {
    json.text("next", *cursor);
  } else {
    json.null("next");
  }
  json.end_object();
  auto response = tagged(call, page.version, std::move(text));
  if (cursor) response.add_header("Link", next_link(call.request, *cursor));
  return response;
}

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
  Page page{.scope = scope, .items = write};
  if (next) page.next = std::to_string(*next);
  return page_answer(call, page);
}

Response whole_list(const Call& call, std::uint64_t version,
                    const std::function<void(JsonWriter&)>& write) {
  return page_answer(call, {.scope = {}, .version = version, .items = write});
}

}  // namespace klasboek::api
