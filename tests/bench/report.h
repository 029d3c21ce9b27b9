#pragma once
// What was measured, line by line, against what was promised.
#include <cstdint>
#include <ostream>
#include <string>
#include <vector>

namespace klasboek::bench {

struct Goal {
  enum class Kind : std::uint8_t { none, ratio_at_least, ratio_at_most, ours_at_most };
  Kind kind = Kind::none;
  double bound = 0;
};

/// One figure of both sides; a value for each round.
struct Line {
  /// As "P1".
  std::string measure;
  std::string what;
  std::string unit;
  /// Empty where there is nothing to compare with.
  std::vector<double> raw;
  std::vector<double> ours;
  Goal goal;

  /// Median of ours over median of raw; 0 where there is no raw side.
  [[nodiscard]] double ratio() const;
  [[nodiscard]] bool is_reached() const;
};

struct Report {
  std::uint64_t seed = 0;
  int rounds = 0;
  std::vector<Line> lines;
  /// What else was found out, in sentences: sizes, counts.
  std::vector<std::string> notes;
};

void print_table(const Report& report, std::ostream& out);
void print_json(const Report& report, std::ostream& out);

}  // namespace klasboek::bench
