#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <iostream>

#include "api/json_writer.h"
#include "events/log/integrity.h"
#include "reactions/verification.h"
#include "tools/progress.h"
#include "vault/master_key.h"

namespace klasboek::tools {

namespace {

constexpr std::uint64_t kFreeBytesWanted = 1ULL << 30;

/// A directory that goes again, beside the data so that it is on the same disk.
class Scratch {
 public:
  explicit Scratch(const std::string& data_dir)
      : path_(data_dir + "/verify-" + std::to_string(::getpid())) {}
  ~Scratch() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  [[nodiscard]] std::filesystem::path shard(std::size_t n) const {
    return path_ / std::to_string(n);
  }

 private:
  std::filesystem::path path_;
};

void print(const Toolbox& toolbox, const log::IntegrityReport& found) {
  if (!toolbox.json) {
    toolbox.out << found.commits << " commits, " << found.events << " events: "
                << (found.faults.empty() ? "every hash is right" : "NOT what was written") << "\n";
    for (const auto& fault : found.faults) toolbox.out << "  " << fault << "\n";
    return;
  }
  std::string text;
  api::JsonWriter json(text);
  json.begin_object()
      .integer("commits", static_cast<std::int64_t>(found.commits))
      .integer("events", static_cast<std::int64_t>(found.events))
      .begin_array("faults");
  for (const auto& fault : found.faults) json.text(fault);
  json.end_array().end_object();
  toolbox.out << text << "\n";
}

void print(const Toolbox& toolbox, const reactions::Verification& found) {
  if (!toolbox.json) {
    toolbox.out << found.commits << " commits, " << found.events << " events, " << found.decisions
                << " decisions taken again: "
                << (found.faults.empty() ? "all as they were" : "NOT as they were") << "\n";
    for (const auto& fault : found.faults) toolbox.out << "  " << fault << "\n";
    return;
  }
  std::string text;
  api::JsonWriter json(text);
  json.begin_object()
      .integer("commits", static_cast<std::int64_t>(found.commits))
      .integer("events", static_cast<std::int64_t>(found.events))
      .integer("decisions", static_cast<std::int64_t>(found.decisions))
      .begin_array("faults");
  for (const auto& fault : found.faults) json.text(fault);
  json.end_array().end_object();
  toolbox.out << text << "\n";
}

/// Says a line and keeps whether all was well.
class Findings {
 public:
  explicit Findings(const Toolbox& toolbox) : toolbox_(toolbox) {}
  void good(const std::string& what) { say("ok", what); }
  /// It works, and somebody should do something.
  void warn(const std::string& what) { say("warn", what); }
  void bad(const std::string& what) {
    say("mend", what);
    all_well_ = false;
  }
  [[nodiscard]] int exit_code() const { return all_well_ ? kDone : kRefused; }

 private:
  void say(std::string_view level, const std::string& what) {
    if (toolbox_.json) {
      std::string text;
      api::JsonWriter(text)
          .begin_object()
          .boolean("well", level == "ok")
          .text("level", level)
          .text("finding", what)
          .end_object();
      toolbox_.out << text << "\n";
      return;
    }
    std::string word(level);
    if (level != "ok") std::ranges::transform(word, word.begin(), ::toupper);
    word.resize(8, ' ');
    toolbox_.out << word << what << "\n";
  }

  const Toolbox& toolbox_;
  bool all_well_ = true;
};

}  // namespace

int verify_command(const Toolbox& toolbox) {
  const auto installation = open_installation(toolbox);
  if (!installation) return kCannotOpen;
  const Scratch scratch(toolbox.configuration.data_dir);
  bool well = true;
  for (std::size_t n = 0; n < installation->shards().all().size(); ++n) {
    const auto found = reactions::verify(installation->shards().all()[n]->ledger(),
                                         scratch.shard(n), progress_bar(toolbox, "verify"));
    print(toolbox, found);
    well = well && found.faults.empty();
  }
  return well ? kDone : kRefused;
}

int verify_hashes_command(const Toolbox& toolbox) {
  const auto installation = open_installation(toolbox);
  if (!installation) return kCannotOpen;
  bool well = true;
  for (const auto& shard : installation->shards().all()) {
    const auto found = log::check_integrity(shard->ledger(), progress_bar(toolbox, "hashes"));
    print(toolbox, found);
    well = well && found.faults.empty();
  }
  return well ? kDone : kRefused;
}

int doctor_command(const Toolbox& toolbox) {
  Findings findings(toolbox);
  const auto& configuration = toolbox.configuration;
  const auto key = reactions::vault_place_of(place_of(configuration), vault::system_random());
  if (!key) {
    findings.bad(key.error().explanation);
  } else if (const auto value = vault::check_value(key->master);
             checked_key_copy(configuration) == value) {
    findings.good("master key " + value + ", of which a copy was checked");
  } else {
    findings.warn("master key " + value +
                  ": no copy of it has been checked, and with this disk every text would be lost. "
                  "klasboek key export, keep it elsewhere, then klasboek key check");
  }
  std::error_code error;
  const auto space = std::filesystem::space(configuration.data_dir, error);
  if (error) {
    findings.bad(configuration.data_dir + ": " + error.message());
  } else if (space.available < kFreeBytesWanted) {
    findings.bad(configuration.data_dir + " has less than 1 GiB left: free some space");
  } else {
    findings.good("room on the disk");
  }
  if (!key) return findings.exit_code();
  const auto installation = open_installation(toolbox, reactions::IfMissing::refuse, key->master);
  if (!installation) return kCannotOpen;
  for (const auto& shard : installation->shards().all()) {
    const auto health = shard->log->health();
    const auto fault = shard->projector->fault();
    if (!health.ready) findings.bad("log: " + health.reason);
    if (!fault.empty()) findings.bad("views: " + fault);
    if (health.ready && fault.empty()) findings.good("log and views");
  }
  return findings.exit_code();
}

}  // namespace klasboek::tools
