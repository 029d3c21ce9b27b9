#pragma once
// What an import tells the person who asked for it, whether it ran here or on a server.
#include <optional>
#include <string>
#include <vector>

#include "api/roster_read.h"
#include "tools/commands.h"

namespace klasboek::tools {

struct ImportProblem {
  /// Name as it was given; empty where the problem is of none.
  std::string file;
  /// error, warning or note.
  std::string severity;
  std::string message;
  std::string remedy;
};

/// What became of it.
enum class ImportEnd : std::uint8_t {
  planned,        // only asked
  unchanged,      // the school is as the files say
  imported,       //
  refused,        // nothing of the files can be used
  not_confirmed,  // so many leave that somebody has to say the number
  misused,        // see `why`; nothing was tried
  stopped         // see `why`; what was done stays done, and asking again goes on
};

struct ImportReport {
  ImportEnd end = ImportEnd::planned;
  std::vector<ImportProblem> problems;
  /// The plan in words.
  std::string text;
  /// The plan as a JSON object, with the problems in it.
  std::string plan_json;
  /// With not_confirmed.
  std::size_t leavers = 0;
  /// With misused and stopped: what is wrong and what to do.
  std::string why;
};

/// Writes it for people or as one JSON object, and gives the exit code.
int tell(const Toolbox& toolbox, const ImportReport& report);

/// Reads the files that are named, each at most 64 MiB; says what is wrong with one that can't be
/// read and gives nullopt.
std::optional<std::vector<api::roster::NamedFile>> read_files(
    const Toolbox& toolbox, const std::vector<std::string>& paths);

/// An import by HTTP into the installation that options.server names.
ImportReport import_by_server(const Toolbox& toolbox, const std::string& school,
                              const ImportOptions& options,
                              const std::vector<api::roster::NamedFile>& files);

}  // namespace klasboek::tools
