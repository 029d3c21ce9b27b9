#include "api/roster_csv.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "api/roster_text.h"

namespace klasboek::api::roster {
namespace {

class CsvParse {
 public:
  CsvParse(std::string_view text, char separator) : text_(text), separator_(separator) {}

  std::expected<std::vector<CsvRow>, Problem> run(std::size_t rows_max) {
    std::vector<CsvRow> rows;
    while (at_ < text_.size() && rows.size() < rows_max) {
      CsvRow row = read_row();
      if (problem_) return std::unexpected(std::move(*problem_));
      const bool has_text =
          std::ranges::any_of(row.cells, [](const std::string& cell) { return !cell.empty(); });
      if (has_text) rows.push_back(std::move(row));
    }
    return rows;
  }

 private:
  CsvRow read_row() {
    CsvRow row{.cells = {}, .line = line_};
    bool more = true;
    while (more && !problem_) {
      if (++cells_ > kCsvCellsMax) {
        refuse(ProblemCode::too_many_rows, line_, kCsvCellsMax);
        break;
      }
      row.cells.push_back(is_at('"') ? quoted_value() : plain_value());
      more = is_at(separator_);
      if (more) ++at_;
    }
    end_line();
    return row;
  }

  bool is_at(char c) const { return at_ < text_.size() && text_[at_] == c; }

  std::string plain_value() {
    const std::size_t end = std::min(text_.find_first_of(ends(), at_), text_.size());
    std::string value = tidied(text_.substr(at_, end - at_));
    at_ = end;
    return value;
  }

  // REQUIRES: at_ is at the opening quote.
  std::string quoted_value() {
    const std::uint32_t begun_on = line_;
    std::string value;
    ++at_;
    while (true) {
      const std::size_t quote = text_.find('"', at_);
      if (quote == std::string_view::npos) {
        refuse(ProblemCode::quote_not_closed, begun_on);
        return {};
      }
      count_lines(at_, quote);
      value += text_.substr(at_, quote - at_);
      at_ = quote + 1;
      if (!is_at('"')) break;
      value += '"';
      ++at_;
    }
    while (is_at(' ')) ++at_;
    const bool ended = at_ == text_.size() || ends().contains(text_[at_]);
    if (!ended) refuse(ProblemCode::text_after_quote, line_);
    return tidied(value);
  }

  std::string_view ends() const {
    if (separator_ == ';') return ";\r\n";
    return separator_ == ',' ? ",\r\n" : "\t\r\n";
  }

  void end_line() {
    if (at_ >= text_.size()) return;
    if (is_at('\r')) ++at_;
    if (is_at('\n')) ++at_;
    ++line_;
  }

  // Line ends within quotes.
  void count_lines(std::size_t from, std::size_t to) {
    for (std::size_t i = from; i < to; ++i) {
      const bool lone_return = text_[i] == '\r' && (i + 1 == text_.size() || text_[i + 1] != '\n');
      if (text_[i] == '\n' || lone_return) ++line_;
    }
  }

  void refuse(ProblemCode code, std::uint32_t line, std::size_t count = 1) {
    problem_ = Problem{.code = code, .where = {.file = 0, .line = line}, .count = count};
  }

  std::string_view text_;
  char separator_;
  std::size_t at_ = 0;
  std::size_t cells_ = 0;
  std::uint32_t line_ = 1;
  std::optional<Problem> problem_;
};

}  // namespace

std::expected<std::vector<CsvRow>, Problem> parse_csv(std::string_view text, char separator,
                                                      std::size_t rows_max) {
  return CsvParse(text, separator).run(rows_max);
}

char declared_separator(std::string_view text) {
  const std::string first = lower_ascii(text.substr(0, text.find_first_of("\r\n")));
  const bool declares = first.size() == 5 && first.starts_with("sep=");
  return declares && kCsvSeparators.contains(first[4]) ? first[4] : '\0';
}

}  // namespace klasboek::api::roster
