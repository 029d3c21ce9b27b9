#include <algorithm>
#include <string>
#include <string_view>

#include "api/cursor.h"
#include "api/http_request_head.h"
#include "api/http_text.h"
#include "api/json_reader.h"
#include "api/json_writer.h"
#include "tests/fuzz/inputs.h"

namespace klasboek::tests::fuzz {

namespace {

constexpr api::CursorSealer::Key kCursorKey{1, 2, 3};
constexpr std::string_view kScope = "feed/account_01h455vb4pex5vsknk084sn02q";

bool has_control(std::string_view text) {
  return std::ranges::any_of(
      text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

std::string encoded(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string escaped;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    escaped += {'%', kDigits[byte >> 4U], kDigits[byte & 0xFU]};
  }
  return escaped;
}

/// Decoded once and never again: what was decoded, sent once more, comes to the same.
void check_target(const api::Target& target) {
  must(target.path.size() <= api::kPathBytesMax, "a path is longer than it may be");
  std::string again;
  for (const auto& segment : target.segments) {
    must(api::is_utf8(segment) && !has_control(segment), "a segment isn't clean text");
    must(segment != "." && segment != "..", "a segment leads elsewhere");
    again += "/" + encoded(segment);
  }
  std::string query;
  for (const auto& [name, value] : target.query.parameters()) {
    must(!name.empty() && api::is_utf8(name) && api::is_utf8(value), "a parameter isn't text");
    must(!has_control(name) && !has_control(value), "a parameter has a control character");
    must(target.query.find(name) == value, "a parameter is there twice");
    query += (query.empty() ? "?" : "&") + encoded(name) + "=" + encoded(value);
  }
  if (target.path == "*" || again.empty() || again.size() > api::kPathBytesMax ||
      again.size() + query.size() > api::kTargetBytesMax) {
    return;
  }
  const auto second = api::parse_target(again + query);
  must(second.has_value(), "a target that was taken is refused when it is sent again");
  must(second->segments == target.segments, "segments are decoded in two ways");
  must(second->query.parameters().size() == target.query.parameters().size(),
       "parameters are decoded in two ways");
}

void check_query(const api::QueryParameters& query) {
  const auto limit = api::page_limit(query);
  must(!limit || (*limit >= 1 && *limit <= api::kPageLimitMax), "a page has no such limit");
  const api::CursorSealer cursors(kCursorKey);
  if (const auto cursor = query.find("cursor")) {
    const auto payload = cursors.open(kScope, *cursor);
    must(!payload || cursors.seal(kScope, *payload) == *cursor, "a cursor opens that nobody made");
  }
}

/// The head is the same however its bytes arrive, and where it is whole it is in order.
std::string_view check_head(std::string_view bytes) {
  const auto whole = api::scan_head(bytes, 0);
  for (const std::size_t cut : {bytes.size() / 3, bytes.size() / 2}) {
    const auto first = api::scan_head(bytes.substr(0, cut), 0);
    if (first.verdict != api::HeadScan::Verdict::incomplete) continue;
    const auto rest = api::scan_head(bytes, cut);
    must(rest.verdict == whole.verdict && rest.head_bytes == whole.head_bytes,
         "a head ends where its bytes were cut");
  }
  if (whole.verdict != api::HeadScan::Verdict::complete) return {};
  must(whole.head_bytes <= api::kHeadBytesMax, "a head is larger than it may be");
  const auto head = api::parse_head(bytes.substr(0, whole.head_bytes));
  if (head) {
    must(head->headers.fields().size() <= api::kHeaderCountMax, "there are too many fields");
    must(head->headers.count("Host") <= 1, "there are two hosts");
    must(head->headers.count("Transfer-Encoding") == 0, "a body comes in chunks");
    check_target(head->target);
    check_query(head->target.query);
  } else {
    must(head.error().status >= 400, "what is refused has no problem");
  }
  return bytes.substr(whole.head_bytes);
}

void read(api::JsonReader& reader, int depth) {
  reader.text("title", {.min = 1, .max = 20});
  reader.optional_day("first_day");
  reader.optional_instant_us("at");
  reader.optional_integer("minute", {.min = 0, .max = 1440});
  reader.optional_boolean("open_ended");
  reader.optional_list("children", {.min = 1, .max = 3},
                       [](api::JsonItem& item) { item.text({}); });
  if (depth > 0) {
    reader.optional_object("name", [&](api::JsonReader& inner) { read(inner, depth - 1); });
  }
}

void check_json(std::string_view bytes) {
  const auto value = api::parse_json(bytes);
  if (!value) return;
  const auto canonical = api::canonical_json(*value);
  const auto again = api::parse_json(canonical);
  // One way to escape may need more bytes than another.
  must(again.has_value() || canonical.size() > bytes.size(), "canonical JSON isn't JSON");
  if (again) must(api::canonical_json(*again) == canonical, "JSON has two canonical forms");
  api::JsonReader reader(*value);
  read(reader, 2);
  const auto problem = reader.finish();
  must(!problem || (!problem->errors.empty() && problem->errors.size() <= api::kFieldErrorsMax),
       "a body is refused without a reason, or with too many");
}

/// Whatever the bytes: what is written can be read.
void check_writing(std::string_view bytes) {
  std::string text;
  api::JsonWriter(text).begin_object().text("text", bytes).end_object();
  const auto read_back = api::parse_json(text, {.bytes_max = text.size()});
  must(read_back.has_value(), "what is written as JSON can't be read");
  const api::CursorSealer cursors(kCursorKey);
  const auto payload = bytes.substr(0, api::kCursorPayloadBytesMax);
  must(cursors.open(kScope, cursors.seal(kScope, payload)) == std::string(payload),
       "a cursor doesn't open");
}

}  // namespace

void request(Input input) {
  const std::string_view bytes(reinterpret_cast<const char*>(input.data()), input.size());
  const auto body = check_head(bytes);
  check_json(body.empty() ? bytes : body);
  if (const auto target = api::parse_target(bytes)) {
    check_target(*target);
    check_query(target->query);
  }
  check_writing(bytes);
}

}  // namespace klasboek::tests::fuzz
