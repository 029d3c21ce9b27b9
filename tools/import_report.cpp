#include "tools/import_report.h"

#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>

#include "api/json_writer.h"

namespace klasboek::tools {

namespace {

std::string_view name_of(ImportEnd end) {
  switch (end) {
    case ImportEnd::planned:
      return "planned";
    case ImportEnd::unchanged:
      return "unchanged";
    case ImportEnd::imported:
      return "imported";
    case ImportEnd::refused:
      return "refused";
    case ImportEnd::not_confirmed:
      return "not_confirmed";
    case ImportEnd::misused:
      return "misused";
    case ImportEnd::stopped:
      return "stopped";
  }
  std::abort();
}

int exit_code_of(ImportEnd end) {
  switch (end) {
    case ImportEnd::planned:
    case ImportEnd::unchanged:
    case ImportEnd::imported:
      return kDone;
    case ImportEnd::refused:
    case ImportEnd::not_confirmed:
    case ImportEnd::stopped:
      return kRefused;
    case ImportEnd::misused:
      return kUsage;
  }
  std::abort();
}

std::string last_words(const ImportReport& report) {
  switch (report.end) {
    case ImportEnd::planned:
      return "Nothing was changed: without --plan it is done.";
    case ImportEnd::unchanged:
      return "The school is as the files say: nothing was changed.";
    case ImportEnd::imported:
      return "Imported. What is marked with ? is proposed and wasn't done: it is for a director.";
    case ImportEnd::refused:
      return "Nothing was changed: mend what is named above and import again.";
    case ImportEnd::not_confirmed: {
      const auto number = std::to_string(report.leavers);
      return "Nothing was changed. If it is right that " + number +
             " pupils leave, import again with --confirm-leavers " + number + ".";
    }
    case ImportEnd::misused:
    case ImportEnd::stopped:
      return report.why;
  }
  std::abort();
}

void write_problem(std::ostream& out, const ImportProblem& problem) {
  if (!problem.file.empty()) out << problem.file << ": ";
  out << problem.severity << ": " << problem.message << "\n    -> " << problem.remedy << "\n";
}

void write_json(std::ostream& out, const ImportReport& report) {
  std::string text;
  api::JsonWriter json(text);
  json.begin_object().text("status", name_of(report.end));
  if (!report.why.empty()) json.text("why", report.why);
  if (report.plan_json.empty()) {
    json.null("plan");
  } else {
    json.raw("plan", report.plan_json);
  }
  json.end_object();
  out << text << "\n";
}

}  // namespace

int tell(const Toolbox& toolbox, const ImportReport& report) {
  if (toolbox.json) {
    write_json(toolbox.out, report);
    return exit_code_of(report.end);
  }
  for (const auto& problem : report.problems) write_problem(toolbox.out, problem);
  if (!report.problems.empty() && !report.text.empty()) toolbox.out << "\n";
  toolbox.out << report.text;
  const bool well = exit_code_of(report.end) == kDone;
  if (well) {
    toolbox.out << "\n" << last_words(report) << "\n";
  } else {
    toolbox.err << "klasboek: " << last_words(report) << "\n";
  }
  return exit_code_of(report.end);
}

std::optional<std::vector<api::roster::NamedFile>> read_files(
    const Toolbox& toolbox, const std::vector<std::string>& paths) {
  std::vector<api::roster::NamedFile> files;
  for (const std::string& path : paths) {
    std::error_code error;
    const bool is_file = std::filesystem::is_regular_file(path, error);
    const auto size = is_file ? std::filesystem::file_size(path, error) : 0;
    std::ifstream stream(path, std::ios::binary);
    if (!is_file || error || !stream) {
      toolbox.err << "klasboek: " << path
                  << " can't be read: it must be a file, and yours to read\n";
      return std::nullopt;
    }
    if (size > api::roster::kFileBytesMax) {
      toolbox.err << "klasboek: " << path << " is larger than "
                  << (api::roster::kFileBytesMax >> 20U) << " MiB: that is no roster of a school\n";
      return std::nullopt;
    }
    std::string bytes(std::istreambuf_iterator<char>(stream), {});
    files.push_back({std::filesystem::path(path).filename(), std::move(bytes)});
  }
  return files;
}

}  // namespace klasboek::tools
