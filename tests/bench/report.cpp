#include "tests/bench/report.h"

#include <cstdlib>
#include <iomanip>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>

#include "tests/bench/run.h"

namespace klasboek::bench {

namespace {

std::string number(double value) {
  std::ostringstream text;
  constexpr double kWholeFrom = 100;
  text << std::fixed << std::setprecision(value >= kWholeFrom ? 0 : 3) << value;
  return text.str();
}

std::string goal_text(const Goal& goal, const std::string& unit) {
  std::ostringstream text;
  switch (goal.kind) {
    case Goal::Kind::none:
      return "";
    case Goal::Kind::ratio_at_least:
      text << "ratio >= " << goal.bound;
      break;
    case Goal::Kind::ratio_at_most:
      text << "ratio <= " << goal.bound;
      break;
    case Goal::Kind::ours_at_most:
      text << "<= " << goal.bound << " " << unit;
      break;
  }
  return text.str();
}

std::string reached_text(const Line& line) {
  if (line.goal.kind == Goal::Kind::none) return "";
  return line.is_reached() ? "reached" : "NOT reached";
}

}  // namespace

double Line::ratio() const { return raw.empty() ? 0 : median(ours) / median(raw); }

bool Line::is_reached() const {
  switch (goal.kind) {
    case Goal::Kind::none:
      return true;
    case Goal::Kind::ratio_at_least:
      return ratio() >= goal.bound;
    case Goal::Kind::ratio_at_most:
      return ratio() <= goal.bound;
    case Goal::Kind::ours_at_most:
      return median(ours) <= goal.bound;
  }
  std::abort();
}

void print_table(const Report& report, std::ostream& out) {
  out << std::left << std::setw(5) << "" << std::setw(44) << "" << std::right << std::setw(11)
      << "raw" << std::setw(11) << "klasboek" << "  " << std::left << std::setw(7) << ""
      << std::right << std::setw(7) << "ratio" << "  goal\n";
  for (const auto& line : report.lines) {
    out << std::left << std::setw(5) << line.measure << std::setw(44) << line.what << std::right
        << std::setw(11) << (line.raw.empty() ? "" : number(median(line.raw))) << std::setw(11)
        << number(median(line.ours)) << "  " << std::left << std::setw(7) << line.unit << std::right
        << std::setw(7) << (line.raw.empty() ? "" : number(line.ratio())) << "  "
        << goal_text(line.goal, line.unit)
        << (line.goal.kind == Goal::Kind::none ? "" : "  " + reached_text(line)) << "\n";
  }
  for (const auto& note : report.notes) out << note << "\n";
  out << "medians of " << report.rounds << " rounds, both sides by turns; seed " << report.seed
      << "; " << std::thread::hardware_concurrency() << " cores\n";
}

void print_json(const Report& report, std::ostream& out) {
  nlohmann::json lines = nlohmann::json::array();
  for (const auto& line : report.lines) {
    nlohmann::json one{{"measure", line.measure},
                       {"what", line.what},
                       {"unit", line.unit},
                       {"klasboek", median(line.ours)},
                       {"klasboek_rounds", line.ours}};
    if (!line.raw.empty()) {
      one["raw"] = median(line.raw);
      one["raw_rounds"] = line.raw;
      one["ratio"] = line.ratio();
    }
    if (line.goal.kind != Goal::Kind::none) {
      one["goal"] = goal_text(line.goal, line.unit);
      one["reached"] = line.is_reached();
    }
    lines.push_back(std::move(one));
  }
  out << nlohmann::json{{"seed", report.seed},
                        {"rounds", report.rounds},
                        {"cores", std::thread::hardware_concurrency()},
                        {"lines", std::move(lines)},
                        {"notes", report.notes}}
             .dump(2)
      << "\n";
}

}  // namespace klasboek::bench
