#pragma once
// How the program is told what to do: a TOML file, over it the environment (KLASBOEK_…), over that
// the flags. An unknown key is an error: a misspelt setting that does nothing is worse than none.
#include <expected>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "reactions/installation.h"

namespace klasboek::tools {

struct Configuration {
  std::string data_dir = "/var/lib/klasboek";
  std::string master_key_file = "/etc/klasboek/master.key";
  std::string listen = "127.0.0.1:8080";
  std::string public_url = "http://127.0.0.1:8080";
  std::string log_level = "info";
  std::vector<std::string> trusted_proxies;
  std::string log_kind = "embedded";
  std::string log_brokers;
  std::int64_t log_partitions = 4;
  std::string log_topic = "klasboek.commits";
  std::string log_secrets_topic = "klasboek.secrets";
  /// Backups of the vault are thrown away after so many days; proofs of erasure name the date.
  std::int64_t vault_backup_days = 30;
  /// smtp://user:password@host:port, or smtps; empty: mail waits, sealed, in the outbox.
  std::string mail_server;
  /// Certificates that the mail server's must be signed by, in PEM; empty: those of the system.
  std::string mail_ca_file;
  std::string mail_from = "klasboek@localhost";
};

/// Values by dotted key ("log.kind"), as flags give them.
using Overrides = std::map<std::string, std::string>;
/// Reads a variable of the environment; nullopt where it isn't set.
using Environment = std::function<std::optional<std::string>(const std::string&)>;

/// file: must exist where it is given; else /etc/klasboek/klasboek.toml is read if it is there. The
/// error names file, key and what it may be.
std::expected<Configuration, std::string> read_configuration(
    const std::optional<std::filesystem::path>& file, const Environment& environment,
    const Overrides& overrides);

/// The whole configuration as TOML that can be read again; secrets are shown as "…".
std::string print_configuration(const Configuration& configuration);

reactions::InstallationPlace place_of(const Configuration& configuration);

}  // namespace klasboek::tools
