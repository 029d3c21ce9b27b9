#include "api/json_writer.h"

#include <array>
#include <charconv>

#include "api/http_text.h"
#include "api/time_text.h"

namespace klasboek::api {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

bool is_plain(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x20 && byte < 0x7F && c != '"' && c != '\\';
}

void append_escape(std::string& out, char c) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  switch (c) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      const auto byte = static_cast<unsigned char>(c);
      out += "\\u00";
      out += kDigits[byte >> 4U];
      out += kDigits[byte & 0x0FU];
  }
}

}  // namespace

void append_json_text(std::string& out, std::string_view value) {
  out += '"';
  std::size_t i = 0;
  while (i < value.size()) {
    std::size_t run = i;
    while (run < value.size() && is_plain(value[run])) ++run;
    out.append(value, i, run - i);
    i = run;
    if (i == value.size()) break;
    const auto byte = static_cast<unsigned char>(value[i]);
    if (byte < 0x80) {
      append_escape(out, value[i]);
      ++i;
      continue;
    }
    const std::size_t length = code_point_length(value.substr(i));
    if (length == 0) {
      out += kReplacement;
      ++i;
    } else {
      out.append(value, i, length);
      i += length;
    }
  }
  out += '"';
}

void JsonWriter::before_value() {
  if (wants_comma_) out_ += ',';
  wants_comma_ = true;
}

JsonWriter& JsonWriter::begin_object() {
  before_value();
  out_ += '{';
  wants_comma_ = false;
  return *this;
}

JsonWriter& JsonWriter::end_object() {
  out_ += '}';
  wants_comma_ = true;
  return *this;
}

JsonWriter& JsonWriter::begin_array() {
  before_value();
  out_ += '[';
  wants_comma_ = false;
  return *this;
}

JsonWriter& JsonWriter::end_array() {
  out_ += ']';
  wants_comma_ = true;
  return *this;
}

JsonWriter& JsonWriter::key(std::string_view name) {
  before_value();
  append_json_text(out_, name);
  out_ += ':';
  wants_comma_ = false;
  return *this;
}

JsonWriter& JsonWriter::text(std::string_view value) {
  before_value();
  append_json_text(out_, value);
  return *this;
}

JsonWriter& JsonWriter::integer(std::int64_t value) {
  before_value();
  std::array<char, 20> digits{};
  out_.append(digits.begin(), std::to_chars(digits.begin(), digits.end(), value).ptr);
  return *this;
}

JsonWriter& JsonWriter::boolean(bool value) {
  before_value();
  out_ += value ? "true" : "false";
  return *this;
}

JsonWriter& JsonWriter::null() {
  before_value();
  out_ += "null";
  return *this;
}

JsonWriter& JsonWriter::raw(std::string_view value) {
  before_value();
  out_ += value;
  return *this;
}

JsonWriter& JsonWriter::instant(std::int64_t value_us) {
  before_value();
  out_ += '"';
  append_instant(out_, value_us);
  out_ += '"';
  return *this;
}

JsonWriter& JsonWriter::day(events::Day value) {
  before_value();
  out_ += '"';
  out_ += events::to_text(value);
  out_ += '"';
  return *this;
}

}  // namespace klasboek::api
