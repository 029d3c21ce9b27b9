#pragma once
// The commands of the program. Each gets what it needs and where to write, and answers an exit
// code.
#include <cstdint>
#include <functional>
#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

#include "reactions/installation.h"
#include "tools/configuration.h"
#include "vault/key_copy.h"

namespace klasboek::tools {

/// 0 done; 1 it says no, or found something wrong; 2 used wrongly; 3 the installation can't be
/// opened.
enum ExitCode : int { kDone = 0, kRefused = 1, kUsage = 2, kCannotOpen = 3 };

/// What every command that opens the installation needs.
struct Toolbox {
  Configuration configuration;
  bool json = false;
  std::ostream& out;
  std::ostream& err;
  /// A person looks on at what is written there.
  bool out_is_terminal = false;
  bool err_is_terminal = false;
  log::Surroundings surroundings{};
};

/// Opens the installation with the real clock and dice, with a progress bar on a terminal.
/// nullptr where it can't be opened; then it has said why.
std::unique_ptr<reactions::Installation> open_installation(
    const Toolbox& toolbox, reactions::IfMissing if_missing = reactions::IfMissing::refuse,
    std::optional<vault::MasterKey> master = {});

/// The school that is meant: the one named, or the only one there is. Says what is wrong otherwise.
std::optional<events::SchoolId> school_named(const Toolbox& toolbox,
                                             const reactions::Installation& installation,
                                             const std::string& name);

struct SchoolOptions {
  std::string name;
  std::string time_zone = "Europe/Amsterdam";
  std::string director_name;
  std::string director_email;
};

struct ImportOptions {
  std::vector<std::string> files;
  /// Only says what it would do.
  bool plan_only = false;
  /// The number of pupils who leave, where it is so large that somebody has to say it.
  std::optional<std::size_t> leavers;
  /// "nl" or "en", for the plan and its problems.
  std::string language = "en";
  /// Address of a running installation, as in https://school.example; empty: this machine's data.
  std::string server;
  /// With server: holds the session token; empty: the variable KLASBOEK_TOKEN.
  std::string token_file;
};

struct KeyOptions {
  /// The copy: a file, or with export `-` for stdout, to be printed.
  std::string copy;
  /// Holds the passphrase in its first line; empty: it is asked for on the terminal.
  std::string passphrase_file;
  vault::KeyCopyCost cost = {};
};

int serve_command(const Toolbox& toolbox);
/// Makes a school with its first director, and prints the code by which the director comes in.
int school_create_command(const Toolbox& toolbox, const SchoolOptions& options);
/// Reads roster files, says what they change, and changes it; cut off, it is just asked again.
int import_command(const Toolbox& toolbox, const std::string& school, const ImportOptions& options);
/// Invites an account, or everybody who was never invited.
int invite_command(const Toolbox& toolbox, const std::string& school, const std::string& account);
/// Events of a school from a sequence on as lines of JSON, ids and no text.
int tail_command(const Toolbox& toolbox, const std::string& school, std::uint64_t from);
/// Whole commits of a school as lines of JSON, frames in base64: what others need to verify.
int export_command(const Toolbox& toolbox, const std::string& school);
/// Makes every view anew and compares it with the one that serves.
int replay_command(const Toolbox& toolbox);
/// Reads the whole log and checks it: density, hashes, trees, decisions.
int verify_command(const Toolbox& toolbox);
/// Makes every hash of the log again: seconds for a million events, and nothing of decisions.
int verify_hashes_command(const Toolbox& toolbox);
/// Looks at configuration, master key, disk and log, and says what to mend.
int doctor_command(const Toolbox& toolbox);
/// What mail waits in the outbox: how many by kind and state, and their ids; no text.
int outbox_show_command(const Toolbox& toolbox);
/// Writes a copy of the master key, wrapped by a passphrase, to be kept elsewhere.
int key_export_command(const Toolbox& toolbox, const KeyOptions& options);
/// Opens a copy and compares it with the master key; then the doctor is content.
int key_check_command(const Toolbox& toolbox, const KeyOptions& options);
/// Puts the master key of a copy where it was.
int key_restore_command(const Toolbox& toolbox, const KeyOptions& options);
/// Changes the master key, also while the server runs; cut off, it is just asked again.
int key_rotate_command(const Toolbox& toolbox);
int version_command(const Toolbox& toolbox);

/// The check value of the master key of which a copy was checked last; empty where none was.
std::string checked_key_copy(const Configuration& configuration);

}  // namespace klasboek::tools
