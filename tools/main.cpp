// The program: reads its words and configuration, and hands over to a command.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <iostream>

#include "tools/commands.h"
#include "tools/logging.h"

namespace klasboek::tools {
namespace {

std::optional<std::string> from_environment(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  if (value == nullptr) return std::nullopt;
  return value;
}

struct Words {
  std::string config;
  std::string data_dir;
  std::string listen;
  std::string brokers;
  bool json = false;
  bool print_config = false;
  std::string school;
  std::string account;
  std::uint64_t from = 0;
  bool only_hashes = false;
  SchoolOptions new_school;
  ImportOptions import;
  KeyOptions key;
};

void add_common(CLI::App& command, Words& words) {
  command.add_option("--config", words.config, "TOML file (else /etc/klasboek/klasboek.toml)");
  command.add_option("--data", words.data_dir, "Data directory; the master key lies beside it");
  command.add_option("--kafka", words.brokers,
                     "Use Kafka at HOST:PORT instead of the embedded log");
  command.add_flag("--json", words.json, "Answers as JSON");
  command.add_flag("--print-config", words.print_config, "Print the configuration and stop");
}

Overrides overrides_of(const Words& words) {
  Overrides overrides;
  if (!words.data_dir.empty()) {
    overrides["data_dir"] = words.data_dir;
    // Beside the data, so that a backup of the one isn't a backup of the other; where it comes from
    // elsewhere, the environment has said so.
    if (!from_environment("KLASBOEK_MASTER_KEY_FILE")) {
      overrides["master_key_file"] = words.data_dir + ".master.key";
    }
  }
  if (!words.listen.empty()) {
    overrides["listen"] = words.listen;
    overrides["public_url"] = "http://" + words.listen;
  }
  if (!words.brokers.empty()) {
    overrides["log.kind"] = "kafka";
    overrides["log.brokers"] = words.brokers;
  }
  return overrides;
}

using Run = std::function<int(const Toolbox&)>;

const char* const kExitCodes =
    "\n\nExit codes: 0 done; 1 refused, or something is wrong; 2 used wrongly; 3 it can't be "
    "opened.";

/// What a command is for, and how it is used.
struct Help {
  const char* summary;
  /// Lines with an example, and what to know before and after.
  std::string lesson;
};

/// One command: its words, and what it runs.
void add_command(CLI::App& app, const char* name, const Help& help, Words& words, Run& chosen,
                 Run run, const std::function<void(CLI::App&)>& more = {}) {
  auto* command = app.add_subcommand(name, help.summary);
  command->footer(help.lesson + kExitCodes);
  add_common(*command, words);
  if (more) more(*command);
  command->callback([&chosen, run = std::move(run)] { chosen = run; });
}

void add_import(CLI::App& command, ImportOptions& options) {
  command.add_option("FILE", options.files, "EDEXML or UWLR file, guardians as CSV, or both")
      ->required();
  command.add_flag("--plan", options.plan_only, "Only say what would change");
  command.add_option("--confirm-leavers", options.leavers,
                     "The number of pupils who leave, where the plan asks for it");
  command.add_option("--language", options.language, "Of the plan")
      ->check(CLI::IsMember({"en", "nl"}));
  command.add_option("--server", options.server,
                     "Through a running installation, as in https://school.example");
  command.add_option("--token-file", options.token_file,
                     "With --server: file with the session token (else KLASBOEK_TOKEN)");
}

void add_key_commands(CLI::App& app, Words& words, Run& chosen) {
  auto* key = app.add_subcommand("key", "The master key, without which no text can be read");
  key->require_subcommand(1);
  const auto passphrase = [&](CLI::App& command) {
    command.add_option("--passphrase-file", words.key.passphrase_file,
                       "File with the copy's passphrase in its first line; else it is asked for");
  };
  const auto copy_option = [&](CLI::App& command) {
    command.add_option("COPY", words.key.copy, "The copy, as key export made it")->required();
    passphrase(command);
  };
  add_command(
      *key, "export",
      {"Write a copy of the master key, wrapped by a passphrase",
       "For example, to a file, or to the printer:\n"
       "  klasboek key export --data DIR --to copy.txt\n"
       "  klasboek key export --data DIR --to - | lp\n"
       "The passphrase has 12 characters or more. Keep copy and passphrase apart from each other,\n"
       "and both apart from the data. Printed lines can be typed in again: each has a check byte."},
      words, chosen, [&](const Toolbox& toolbox) { return key_export_command(toolbox, words.key); },
      [&](CLI::App& command) {
        command.add_option("--to", words.key.copy, "New file for the copy, or - for stdout")
            ->required();
        passphrase(command);
      });
  add_command(
      *key, "check",
      {"Open a copy, and see that it is of the present master key",
       "For example:\n  klasboek key check --data DIR copy.txt\n"
       "Until a copy was checked, doctor warns; after a rotation it warns again."},
      words, chosen, [&](const Toolbox& toolbox) { return key_check_command(toolbox, words.key); },
      copy_option);
  add_command(
      *key, "restore",
      {"Put the master key of a copy back in its file",
       "For example, on a new machine:\n  klasboek key restore --data DIR copy.txt\n"
       "A master key that is there is never overwritten."},
      words, chosen,
      [&](const Toolbox& toolbox) { return key_restore_command(toolbox, words.key); }, copy_option);
  add_command(
      *key, "rotate",
      {"Change the master key, also while the server runs",
       "For example:\n  klasboek key rotate --data DIR\n"
       "Everything in the vault is wrapped anew. Until that is done both keys are needed, and lie\n"
       "beside each other; cut off anywhere, it is run again. Copies are to be made anew."},
      words, chosen, key_rotate_command);
}

void add_commands(CLI::App& app, Words& words, Run& chosen) {
  const auto school_option = [&](CLI::App& command) {
    command.add_option("--school", words.school, "Id of the school; not needed where there is one");
  };
  add_command(app, "serve",
              {"Serve the HTTP API",
               "For example:\n  klasboek serve --data DIR --listen 127.0.0.1:8080\n"
               "It takes requests when /readyz answers 200; /openapi.json says which. It writes "
               "its log to\n"
               "stderr, and ends on SIGTERM or Ctrl-C when what it took in is answered."},
              words, chosen, serve_command, [&](CLI::App& command) {
                command.add_option("--listen", words.listen, "Address and port");
              });
  auto* school = app.add_subcommand("school", "Schools of this installation");
  school->require_subcommand(1);
  add_command(
      *school, "create",
      {"Make a school and invite its first director",
       "For example:\n  klasboek school create --data DIR --name 'De Vlieger' \\\n"
       "    --director 'Dirkje Directeur' --email directie@school.example\n"
       "It prints a code by which the director sets a password; no other account has one yet. The\n"
       "master key that it lays beside DIR belongs in another backup than DIR: without it every\n"
       "text is lost."},
      words, chosen,
      [&](const Toolbox& toolbox) { return school_create_command(toolbox, words.new_school); },
      [&](CLI::App& command) {
        auto& options = words.new_school;
        command.add_option("--name", options.name, "Name of the school")->required();
        command.add_option("--time-zone", options.time_zone, "IANA time zone");
        command.add_option("--director", options.director_name, "Name of the director")->required();
        command.add_option("--email", options.director_email, "E-mail of the director")->required();
      });
  add_command(
      app, "import",
      {"Take in pupils, staff and guardians of roster files",
       "First see what it would do, then do it:\n"
       "  klasboek import --data DIR --plan roster.xml guardians.csv\n"
       "  klasboek import --data DIR roster.xml guardians.csv\n"
       "Only what is new or has changed is written, so a newer file is imported in the same way,\n"
       "and an import that was cut off is run again. Who leaves is confirmed by number. Files are\n"
       "EDEXML 2.x, UWLR 2.2 or 2.3, and CSV; docs/roster-import.md says what is read of them."},
      words, chosen,
      [&](const Toolbox& toolbox) { return import_command(toolbox, words.school, words.import); },
      [&](CLI::App& command) {
        school_option(command);
        add_import(command, words.import);
      });
  add_command(
      app, "invite",
      {"Invite one account, or everybody who never was",
       "For example, with the codes to be printed as letters:\n"
       "  klasboek invite --data DIR --json >letters.jsonl\n"
       "A code is for one use, and is shown here only. Where a mail server is set, the server\n"
       "sends invitations itself."},
      words, chosen,
      [&](const Toolbox& toolbox) { return invite_command(toolbox, words.school, words.account); },
      [&](CLI::App& command) {
        school_option(command);
        command.add_option("--account", words.account, "Id of the account; else everybody");
      });
  add_command(
      app, "tail",
      {"Events of a school as lines of JSON, without text",
       "For example, how many there are of each type:\n"
       "  klasboek tail --data DIR | jq -r .type | sort | uniq -c\n"
       "Lines have ids and times, and no text of people. --from goes on where one stopped."},
      words, chosen,
      [&](const Toolbox& toolbox) { return tail_command(toolbox, words.school, words.from); },
      [&](CLI::App& command) {
        school_option(command);
        command.add_option("--from", words.from, "Begin at this sequence");
      });
  add_command(
      app, "export",
      {"Whole commits of a school, for others to verify",
       "For example:\n  klasboek export --data DIR >school.jsonl\n"
       "A line is a commit, its bytes in base64 with the hashes of its leaves; docs/log-format.md\n"
       "says what they hold. Texts stay sealed."},
      words, chosen, [&](const Toolbox& toolbox) { return export_command(toolbox, words.school); },
      school_option);
  add_command(app, "replay",
              {"Make every view anew and compare it",
               "For example:\n  klasboek replay --data DIR\n"
               "A view that differs is replaced by what the log says, and the exit code is 1."},
              words, chosen, replay_command);
  add_command(
      app, "verify",
      {"Check the whole log, its trees and decisions",
       "For example:\n  klasboek verify --data DIR --json\n"
       "Every record is applied again, every decision taken again on what was known then. A fault\n"
       "is listed with its position, and the exit code is 1; nothing is mended or forgotten.\n"
       "--hashes only looks whether every byte is the one that was written: a million events take\n"
       "seconds."},
      words, chosen,
      [&](const Toolbox& toolbox) {
        return words.only_hashes ? verify_hashes_command(toolbox) : verify_command(toolbox);
      },
      [&](CLI::App& command) {
        command.add_flag("--hashes", words.only_hashes, "Only make every hash again");
      });
  auto* outbox = app.add_subcommand("outbox", "Mail that waits to be sent");
  outbox->require_subcommand(1);
  add_command(
      *outbox, "show",
      {"Count and list it by kind and state, also while the server runs",
       "For example:\n  klasboek outbox show --data DIR --json\n"
       "Mail waits where no server is set or the server doesn't take it. There are ids, and no\n"
       "addresses or texts."},
      words, chosen, outbox_show_command);
  add_key_commands(app, words, chosen);
  add_command(
      app, "doctor",
      {"Say what is wrong with this installation",
       "For example:\n  klasboek doctor --data DIR\n"
       "It looks at configuration, master key, disk, log and views; each line that begins with\n"
       "MEND or WARN says what to do."},
      words, chosen, doctor_command);
  add_command(app, "version",
              {"Version of program, frames and schema",
               "Two programs with the same schema read each other's events."},
              words, chosen, version_command);
}

int run(int argc, char** argv) {
  CLI::App app("klasboek: the register between a school and its parents", "klasboek");
  app.require_subcommand(1);
  app.footer(
      "Begin with:\n"
      "  klasboek school create --data DIR --name NAME --director NAME --email ADDRESS\n"
      "  klasboek import --data DIR roster.xml guardians.csv\n"
      "  klasboek serve --data DIR");
  Words words;
  Run chosen;
  add_commands(app, words, chosen);
  const auto is_first_word = [&](const CLI::App* command) {
    return command->get_name() == argv[1];
  };
  if (argc > 1 && argv[1][0] != '-' && app.get_subcommands(is_first_word).empty()) {
    std::cerr << "klasboek: there is no command '" << argv[1] << "'; klasboek --help names them\n";
    return kUsage;
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kDone : kUsage;
  }
  const auto configuration = read_configuration(
      words.config.empty() ? std::nullopt : std::optional<std::filesystem::path>(words.config),
      from_environment, overrides_of(words));
  if (!configuration) {
    std::cerr << "klasboek: " << configuration.error() << "\n";
    return kUsage;
  }
  if (words.print_config) {
    std::cout << print_configuration(*configuration);
    return kDone;
  }
  start_logging(configuration->log_level);
  return chosen(Toolbox{*configuration, words.json, std::cout, std::cerr,
                        ::isatty(STDOUT_FILENO) != 0, ::isatty(STDERR_FILENO) != 0});
}

}  // namespace
}  // namespace klasboek::tools

int main(int argc, char** argv) {
  try {
    return klasboek::tools::run(argc, argv);
  } catch (const std::exception& fault) {
    std::cerr << "klasboek: " << fault.what() << "\n";
    return klasboek::tools::kCannotOpen;
  }
}
