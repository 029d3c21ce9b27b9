// The master key: a copy for safekeeping, its check, and its change.
#include <fcntl.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <fstream>
#include <iostream>
#include <sstream>
#include <thread>

#include "api/json_writer.h"
#include "tools/commands.h"
#include "vault/master_key.h"

namespace klasboek::tools {

namespace {

constexpr std::chrono::milliseconds kBetweenLooks{200};
/// A running server looks for a next key twice a second, and wraps thousands of rows in one.
constexpr std::chrono::seconds kServerWaitMax{300};

int refuse(const Toolbox& toolbox, const std::string& why, int exit_code = kRefused) {
  toolbox.err << "klasboek: " << why << "\n";
  return exit_code;
}

std::optional<std::string> first_line_of(const std::string& file) {
  std::ifstream in(file);
  std::string line;
  if (!in.is_open() || !std::getline(in, line)) return std::nullopt;
  if (line.ends_with('\r')) line.pop_back();
  return line;
}

/// The terminal doesn't show what is typed, until this goes.
class Unseen {
 public:
  explicit Unseen(int terminal) : terminal_(terminal) {
    is_terminal_ = ::tcgetattr(terminal_, &before_) == 0;
    if (!is_terminal_) return;
    termios quiet = before_;
    quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    ::tcsetattr(terminal_, TCSAFLUSH, &quiet);
  }
  ~Unseen() {
    if (is_terminal_) ::tcsetattr(terminal_, TCSAFLUSH, &before_);
  }
  Unseen(const Unseen&) = delete;
  Unseen& operator=(const Unseen&) = delete;

 private:
  int terminal_;
  bool is_terminal_ = false;
  termios before_{};
};

std::optional<std::string> ask_for_passphrase(const std::string& question) {
  std::fstream terminal("/dev/tty");
  const int descriptor = ::open("/dev/tty", O_RDWR | O_CLOEXEC);
  if (!terminal.is_open() || descriptor < 0) return std::nullopt;
  terminal << question << std::flush;
  std::string line;
  {
    const Unseen unseen(descriptor);
    std::getline(terminal, line);
  }
  ::close(descriptor);
  terminal << "\n" << std::flush;
  return line;
}

std::optional<std::string> passphrase_of(const Toolbox& toolbox, const KeyOptions& options,
                                         bool twice) {
  if (!options.passphrase_file.empty()) {
    auto line = first_line_of(options.passphrase_file);
    if (!line) toolbox.err << "klasboek: " << options.passphrase_file << " can't be read\n";
    return line;
  }
  auto typed = ask_for_passphrase("Passphrase of the copy: ");
  if (!typed) {
    toolbox.err << "klasboek: there is no terminal to type a passphrase on; put it into a file and "
                   "name that with --passphrase-file\n";
    return std::nullopt;
  }
  if (twice && ask_for_passphrase("The same again: ") != typed) {
    toolbox.err << "klasboek: the two aren't the same; begin again\n";
    return std::nullopt;
  }
  return typed;
}

/// Says what is wrong where it can't be read.
std::optional<vault::MasterKey> master_key_here(const Toolbox& toolbox) {
  const auto place = reactions::vault_place_of(place_of(toolbox.configuration),
                                               vault::system_random(), vault::Access::read);
  if (place) return place->master;
  toolbox.err << "klasboek: " << place.error().explanation << "\n";
  return std::nullopt;
}

/// For its owner only, and never over another file.
bool write_private_file(const std::string& file, const std::string& text) {
  const int opened =
      ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (opened < 0) return false;
  const bool whole =
      ::write(opened, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
      ::fsync(opened) == 0;
  ::close(opened);
  if (!whole) ::unlink(file.c_str());
  return whole;
}

std::filesystem::path mark_of(const Configuration& configuration) {
  return std::filesystem::path(configuration.data_dir) / "master-key-copy-checked";
}

void answer(const Toolbox& toolbox, const std::string& value, const std::string& words) {
  if (!toolbox.json) {
    toolbox.out << words << "\n";
    return;
  }
  std::string text;
  api::JsonWriter(text).begin_object().text("check_value", value).end_object();
  toolbox.out << text << "\n";
}

std::expected<vault::MasterKey, int> opened_copy(const Toolbox& toolbox,
                                                 const KeyOptions& options) {
  std::ifstream in(options.copy);
  if (!in.is_open()) return std::unexpected(refuse(toolbox, options.copy + " can't be read"));
  std::ostringstream copy;
  copy << in.rdbuf();
  const auto passphrase = passphrase_of(toolbox, options, false);
  if (!passphrase) return std::unexpected(kRefused);
  auto master = vault::open_key_copy(copy.str(), *passphrase);
  if (!master) {
    return std::unexpected(refuse(toolbox, options.copy + ": " + master.error().explanation));
  }
  return *std::move(master);
}

}  // namespace

std::string checked_key_copy(const Configuration& configuration) {
  return first_line_of(mark_of(configuration).string()).value_or("");
}

int key_export_command(const Toolbox& toolbox, const KeyOptions& options) {
  const auto master = master_key_here(toolbox);
  if (!master) return kCannotOpen;
  const auto passphrase = passphrase_of(toolbox, options, true);
  if (!passphrase) return kRefused;
  const auto copy =
      vault::make_key_copy(*master, *passphrase, vault::system_random(), options.cost);
  if (!copy) return refuse(toolbox, copy.error().explanation);
  if (options.copy == "-") {
    toolbox.out << *copy;
    return kDone;
  }
  if (!write_private_file(options.copy, *copy)) {
    return refuse(toolbox, options.copy + " can't be made; it must not be there yet");
  }
  const auto value = vault::check_value(*master);
  answer(
      toolbox, value,
      "A copy of master key " + value + " is in " + options.copy +
          ". Keep it elsewhere, its passphrase elsewhere again, and check it: klasboek key check");
  return kDone;
}

int key_check_command(const Toolbox& toolbox, const KeyOptions& options) {
  const auto master = master_key_here(toolbox);
  if (!master) return kCannotOpen;
  const auto copy = opened_copy(toolbox, options);
  if (!copy) return copy.error();
  const auto value = vault::check_value(*master);
  if (!(copy->bytes == master->bytes)) {
    return refuse(toolbox, options.copy + " is a copy of master key " + vault::check_value(*copy) +
                               ", and the present one is " + value + "; export that one");
  }
  std::ofstream mark(mark_of(toolbox.configuration));
  mark << value << "\n" << std::flush;
  if (!mark) return refuse(toolbox, mark_of(toolbox.configuration).string() + " can't be written");
  answer(toolbox, value, "The copy opens, and is of the present master key " + value + ".");
  return kDone;
}

int key_restore_command(const Toolbox& toolbox, const KeyOptions& options) {
  const auto& file = toolbox.configuration.master_key_file;
  if (!vault::is_file(file)) {
    return refuse(toolbox, "the master key comes from " + file + "; there is no file to restore");
  }
  const auto copy = opened_copy(toolbox, options);
  if (!copy) return copy.error();
  const auto written = vault::write_master_key(*copy, file, toolbox.configuration.data_dir);
  if (!written) return refuse(toolbox, written.error().explanation);
  const auto value = vault::check_value(*copy);
  answer(toolbox, value, "Master key " + value + " is in " + file + ".");
  return kDone;
}

namespace {

/// How far the vault is with this master key.
std::expected<bool, vault::VaultFault> is_wrapped_with(const vault::VaultPlace& place,
                                                       const vault::MasterKeyId& id) {
  auto looking = place;
  looking.access = vault::Access::read;
  const auto vault = vault::Vault::open(looking);
  if (!vault) return std::unexpected(vault::VaultFault::busy);
  const auto ids = (*vault)->master_ids();
  if (!ids) return std::unexpected(ids.error());
  return ids->master == id && !ids->next;
}

/// A server holds the vault: it takes the next key up by itself.
bool wait_for_server(const vault::VaultPlace& place, const vault::MasterKeyId& id) {
  const auto until = std::chrono::steady_clock::now() + kServerWaitMax;
  while (std::chrono::steady_clock::now() < until) {
    if (is_wrapped_with(place, id).value_or(false)) return true;
    std::this_thread::sleep_for(kBetweenLooks);
  }
  return false;
}

/// Nothing where the vault is wrapped with the next key; else what is in the way.
std::optional<std::string> wrap_anew(const vault::VaultPlace& place, const vault::MasterKey& next) {
  const auto id = vault::id_of(next);
  const auto vault = vault::Vault::open(place);
  if (vault) {
    const auto rotated = (*vault)->rotate_master_key(next, [] { return true; });
    if (rotated) return std::nullopt;
    return "the vault can't be wrapped anew (" + std::string(vault::name_of(rotated.error())) +
           "); both master keys are needed until it is. Run this again";
  }
  if (vault.error().fault != vault::OpenFault::busy) return vault.error().explanation;
  if (wait_for_server(place, id)) return std::nullopt;
  return "the running server hasn't wrapped all of it anew yet; both master keys are needed until "
         "it has. Look at its log, and run this again";
}

/// Names are changed when nothing needs the old one any more; cut off between the two, the program
/// still finds each key by its name.
std::optional<std::string> change_names(const std::filesystem::path& file) {
  std::error_code error;
  if (std::filesystem::exists(file, error)) {
    std::filesystem::rename(file, vault::previous_master_key_file(file), error);
  }
  if (!error) std::filesystem::rename(vault::next_master_key_file(file), file, error);
  if (!error) return std::nullopt;
  return "the key files beside " + file.string() + " can't be renamed: " + error.message();
}

}  // namespace

int key_rotate_command(const Toolbox& toolbox) {
  const std::filesystem::path file = toolbox.configuration.master_key_file;
  if (!vault::is_file(file.string())) {
    return refuse(toolbox, "the master key comes from " + file.string() +
                               "; only one in a file can be changed while a server runs");
  }
  if (toolbox.configuration.log_kind == "kafka") {
    return refuse(toolbox, "on Kafka the master key can't be changed yet; nothing was changed");
  }
  const auto next_file = vault::next_master_key_file(file);
  if (!std::filesystem::exists(next_file)) {
    const auto made =
        vault::create_master_key(next_file, toolbox.configuration.data_dir, vault::system_random());
    if (!made) return refuse(toolbox, made.error().explanation, kCannotOpen);
  }
  const auto next = vault::read_master_key(next_file, toolbox.configuration.data_dir);
  if (!next) return refuse(toolbox, next.error().explanation, kCannotOpen);
  const auto place =
      reactions::vault_place_of(place_of(toolbox.configuration), vault::system_random());
  if (!place) return refuse(toolbox, place.error().explanation, kCannotOpen);
  if (const auto why = wrap_anew(*place, *next)) return refuse(toolbox, *why);
  if (const auto why = change_names(file)) return refuse(toolbox, *why);
  const auto value = vault::check_value(*next);
  answer(toolbox, value,
         "The vault is wrapped with master key " + value + " in " + file.string() +
             ". The one before it opens older backups of the vault: keep " +
             vault::previous_master_key_file(file).string() +
             " as long as those. Copies of it are of no use for this one: klasboek key export");
  return kDone;
}

}  // namespace klasboek::tools
