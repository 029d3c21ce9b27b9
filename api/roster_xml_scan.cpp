#include "api/roster_xml_scan.h"

#include <algorithm>
#include <array>
#include <vector>

namespace klasboek::api::roster {
namespace {

constexpr std::string_view kWhite = " \t\r\n";
constexpr auto kNone = std::string_view::npos;

struct OpenElement {
  std::string_view name;  // qualified
  std::size_t at;         // offset of its "<"
};

class Scan {
 public:
  Scan(std::string_view text, const LineIndex& lines, bool (*known)(std::string_view))
      : text_(text), lines_(lines), known_(known) {}

  std::optional<Problem> run() {
    while (at_ < text_.size() && !problem_) {
      const std::size_t open = std::min(text_.find('<', at_), text_.size());
      check_references(at_, open);
      at_ = open;
      if (at_ < text_.size() && !problem_) markup();
    }
    if (!problem_ && !open_.empty()) cut_off(open_.back().name, open_.back().at);
    if (!problem_ && !root_seen_) refuse(ProblemCode::unrecognised_format, 0);
    return problem_;
  }

 private:
  // REQUIRES: at_ is at a "<". Leaves at_ behind the markup.
  void markup() {
    const std::string_view rest = text_.substr(at_);
    if (rest.starts_with("<!--")) {
      skip_to("-->", 4);
    } else if (rest.starts_with("<![CDATA[")) {
      skip_to("]]>", 9);
    } else if (rest.starts_with("<?")) {
      skip_to("?>", 2);
    } else if (rest.starts_with("<!")) {
      refuse(ProblemCode::doctype_refused, at_);
    } else if (rest.starts_with("</")) {
      end_tag();
    } else {
      start_tag();
    }
  }

  void skip_to(std::string_view end, std::size_t from) {
    const std::size_t found = text_.find(end, at_ + from);
    if (found == kNone) return cut_off({}, at_);
    at_ = found + end.size();
  }

  std::string_view name_at(std::size_t from) const {
    const std::size_t end = text_.find_first_of(" \t\r\n/>=<\"'", from);
    return text_.substr(from, std::min(end, text_.size()) - from);
  }

  void end_tag() {
    const std::string_view name = name_at(at_ + 2);
    const std::size_t close = text_.find_first_not_of(kWhite, at_ + 2 + name.size());
    if (close == kNone) return cut_off({}, at_);
    if (text_[close] != '>') return broken(name, at_, at_);
    if (open_.empty()) return broken(name, at_, at_);
    if (open_.back().name != name) return broken(open_.back().name, at_, open_.back().at);
    open_.pop_back();
    at_ = close + 1;
  }

  void start_tag() {
    const std::string_view name = name_at(at_ + 1);
    if (at_ + 1 + name.size() >= text_.size()) return cut_off(name, at_);
    if (name.empty() || (open_.empty() && root_seen_)) return broken(name, at_, at_);
    root_seen_ = true;
    count_part();
    std::size_t at = at_ + 1 + name.size();
    while (!problem_) {
      at = text_.find_first_of("\"'<>=", at);
      if (at == kNone) return cut_off(name, at_);
      if (text_[at] == '<') return broken(name, at_, at);
      if (text_[at] == '>') break;
      if (text_[at] == '=') {
        count_part();
        ++at;
        continue;
      }
      const std::size_t close = text_.find(text_[at], at + 1);
      if (close == kNone) return cut_off(name, at_);
      check_references(at + 1, close);
      at = close + 1;
    }
    if (problem_) return;
    const bool closes_itself = text_[at - 1] == '/';
    if (!closes_itself) open_.push_back({.name = name, .at = at_});
    if (open_.size() > kXmlDepthMax) refuse(ProblemCode::too_deep, at_, kXmlDepthMax);
    at_ = at + 1;
  }

  // Only the five entities of XML itself and numbers; a lone "&" is dirt that the parser keeps.
  void check_references(std::size_t from, std::size_t to) {
    constexpr auto kOwn = std::to_array<std::string_view>({"lt", "gt", "amp", "quot", "apos"});
    constexpr std::size_t kNameBytesMax = 64;
    const std::string_view part = text_.substr(from, to - from);
    for (std::size_t at = part.find('&'); at != kNone; at = part.find('&', at + 1)) {
      const std::size_t end = part.find_first_of("; \t\r\n&\"'", at + 1);
      if (end == kNone || part[end] != ';' || end - at > kNameBytesMax) continue;
      const std::string_view name = part.substr(at + 1, end - at - 1);
      if (name.starts_with('#') || std::ranges::find(kOwn, name) != kOwn.end()) continue;
      return refuse(ProblemCode::entity_refused, from + at);
    }
  }

  void count_part() {
    if (++parts_ > kXmlPartsMax) refuse(ProblemCode::too_many_elements, at_, kXmlPartsMax);
  }

  std::string shown(std::string_view name) const {
    const std::string_view local = local_name(name);
    return known_(local) ? "<" + std::string(local) + ">" : "<…>";
  }

  Where where(std::size_t at) const { return {.file = 0, .line = lines_.line_of(at)}; }

  void refuse(ProblemCode code, std::size_t at, std::size_t count = 1) {
    if (!problem_) problem_ = Problem{.code = code, .where = where(at), .count = count};
  }

  void broken(std::string_view name, std::size_t at, std::size_t other) {
    if (problem_) return;
    problem_ = Problem{.code = ProblemCode::xml_not_well_formed,
                       .where = where(at),
                       .place = shown(name),
                       .other = where(other)};
  }

  // Half a name tells nothing; then the element around it is what is not closed.
  void cut_off(std::string_view name, std::size_t begun_at) {
    if (problem_) return;
    if (!known_(local_name(name)) && !open_.empty()) {
      name = open_.back().name;
      begun_at = open_.back().at;
    }
    problem_ = Problem{.code = ProblemCode::xml_truncated,
                       .where = {.file = 0, .line = lines_.last_line()},
                       .place = shown(name),
                       .other = where(begun_at)};
  }

  std::string_view text_;
  const LineIndex& lines_;
  bool (*known_)(std::string_view);
  std::size_t at_ = 0;
  std::size_t parts_ = 0;
  bool root_seen_ = false;
  std::vector<OpenElement> open_;
  std::optional<Problem> problem_;
};

}  // namespace

std::optional<Problem> scan_xml(std::string_view text, const LineIndex& lines,
                                bool (*known)(std::string_view local_name)) {
  return Scan(text, lines, known).run();
}

std::string_view local_name(std::string_view qualified_name) {
  const auto colon = qualified_name.find(':');
  return colon == kNone ? qualified_name : qualified_name.substr(colon + 1);
}

}  // namespace klasboek::api::roster
