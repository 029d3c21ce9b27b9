#include "tools/configuration.h"

#include <toml++/toml.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "reactions/mail_smtp.h"
#include "vault/email.h"

namespace klasboek::tools {

namespace {

constexpr std::string_view kDefaultFile = "/etc/klasboek/klasboek.toml";
constexpr std::int64_t kPartitionsMax = 1024;
constexpr std::int64_t kBackupDaysMax = 3650;
constexpr std::array<std::string_view, 6> kLogLevels = {"trace", "debug",    "info",
                                                        "warn",  "critical", "off"};

using Fault = std::optional<std::string>;
using Take = std::function<Fault(Configuration&, const std::string&)>;

/// One setting: its dotted key, and how a text becomes its value.
struct Setting {
  std::string_view key;
  Take take;
};

Take text(std::string Configuration::* member) {
  return [member](Configuration& configuration, const std::string& value) -> Fault {
    configuration.*member = value;
    return std::nullopt;
  };
}

template <std::size_t N>
Take one_of(std::string Configuration::* member, const std::array<std::string_view, N>& names) {
  return [member, names](Configuration& configuration, const std::string& value) -> Fault {
    if (std::ranges::find(names, value) == names.end()) {
      std::string wanted = "must be one of";
      for (const auto name : names) wanted += " " + std::string(name);
      return wanted;
    }
    configuration.*member = value;
    return std::nullopt;
  };
}

Take number(std::int64_t Configuration::* member, std::int64_t max) {
  return [member, max](Configuration& configuration, const std::string& value) -> Fault {
    std::int64_t number = 0;
    const auto parsed = std::from_chars(value.data(), value.data() + value.size(), number);
    if (parsed.ec != std::errc{} || parsed.ptr != value.data() + value.size() || number < 1 ||
        number > max) {
      return "must be a whole number from 1 to " + std::to_string(max);
    }
    configuration.*member = number;
    return std::nullopt;
  };
}

Fault take_proxies(Configuration& configuration, const std::string& value) {
  configuration.trusted_proxies.clear();
  std::size_t from = 0;
  while (from < value.size()) {
    const auto comma = std::min(value.find(',', from), value.size());
    if (comma > from) configuration.trusted_proxies.push_back(value.substr(from, comma - from));
    from = comma + 1;
  }
  return std::nullopt;
}

Fault take_listen(Configuration& configuration, const std::string& value) {
  const auto colon = value.rfind(':');
  std::uint16_t port = 0;
  const char* begin = colon == std::string::npos ? nullptr : value.data() + colon + 1;
  const char* end = value.data() + value.size();
  if (begin == nullptr || begin == end) return "must be address:port, such as 127.0.0.1:8080";
  const auto parsed = std::from_chars(begin, end, port);
  if (parsed.ec != std::errc{} || parsed.ptr != end) {
    return "must be address:port, such as 127.0.0.1:8080";
  }
  configuration.listen = value;
  return std::nullopt;
}

Fault take_mail_server(Configuration& configuration, const std::string& value) {
  if (!value.empty()) {
    if (const auto server = reactions::parse_smtp_server(value); !server) return server.error();
  }
  configuration.mail_server = value;
  return std::nullopt;
}

const std::vector<Setting>& settings() {
  constexpr std::array<std::string_view, 2> kLogKinds = {"embedded", "kafka"};
  static const std::vector<Setting> kSettings = {
      {"data_dir", text(&Configuration::data_dir)},
      {"master_key_file", text(&Configuration::master_key_file)},
      {"listen", take_listen},
      {"public_url", text(&Configuration::public_url)},
      {"log_level", one_of(&Configuration::log_level, kLogLevels)},
      {"trusted_proxies", take_proxies},
      {"log.kind", one_of(&Configuration::log_kind, kLogKinds)},
      {"log.brokers", text(&Configuration::log_brokers)},
      {"log.partitions", number(&Configuration::log_partitions, kPartitionsMax)},
      {"log.topic", text(&Configuration::log_topic)},
      {"log.secrets_topic", text(&Configuration::log_secrets_topic)},
      {"vault.backup_days", number(&Configuration::vault_backup_days, kBackupDaysMax)},
      {"mail.server", take_mail_server},
      {"mail.ca_file", text(&Configuration::mail_ca_file)},
      {"mail.from", text(&Configuration::mail_from)},
  };
  return kSettings;
}

Fault take(Configuration& configuration, const std::string& key, const std::string& value) {
  const auto setting = std::ranges::find(settings(), key, &Setting::key);
  if (setting == settings().end()) {
    std::string known = key + " is no setting; there are";
    for (const auto& one : settings()) known += " " + std::string(one.key);
    return known;
  }
  if (auto fault = setting->take(configuration, value)) return key + " " + *fault;
  return std::nullopt;
}

/// The value as a flag would give it; lists are joined by commas.
std::optional<std::string> as_text(const toml::node& node) {
  if (const auto value = node.value<std::string>(); value && node.is_string()) return value;
  if (const auto value = node.value<std::int64_t>(); value && node.is_integer()) {
    return std::to_string(*value);
  }
  const auto* list = node.as_array();
  if (list == nullptr) return std::nullopt;
  std::string joined;
  for (const auto& element : *list) {
    const auto text = element.value<std::string>();
    if (!text) return std::nullopt;
    joined += (joined.empty() ? "" : ",") + *text;
  }
  return joined;
}

Fault take_table(Configuration& configuration, const toml::table& table,
                 const std::string& prefix) {
  for (const auto& [name, node] : table) {
    const auto key = prefix + std::string(name.str());
    if (const auto* inner = node.as_table()) {
      if (auto fault = take_table(configuration, *inner, key + ".")) return fault;
      continue;
    }
    const auto value = as_text(node);
    if (!value) return key + " must be text, a whole number, or a list of texts";
    if (auto fault = take(configuration, key, *value)) return fault;
  }
  return std::nullopt;
}

Fault take_file(Configuration& configuration, const std::filesystem::path& file) {
  try {
    const auto table = toml::parse_file(file.string());
    if (auto fault = take_table(configuration, table, "")) return file.string() + ": " + *fault;
  } catch (const toml::parse_error& error) {
    return file.string() + ":" + std::to_string(error.source().begin.line) + ": " +
           std::string(error.description());
  }
  return std::nullopt;
}

/// `log.kind` is KLASBOEK_LOG_KIND.
std::string variable_of(std::string_view key) {
  std::string name = "KLASBOEK_";
  for (const char c : key) {
    name += c == '.' ? '_' : static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
  }
  return name;
}

std::string toml_text(std::string_view value) {
  std::string text = "\"";
  for (const char c : value) {
    if (c == '"' || c == '\\') text += '\\';
    text += c;
  }
  return text + "\"";
}

/// The address without what logs in to it.
std::string without_secret(const std::string& url) {
  const auto at = url.rfind('@');
  const auto scheme = url.find("://");
  if (at == std::string::npos || scheme == std::string::npos) return url;
  return url.substr(0, scheme + 3) + "…" + url.substr(at);
}

}  // namespace

std::expected<Configuration, std::string> read_configuration(
    const std::optional<std::filesystem::path>& file, const Environment& environment,
    const Overrides& overrides) {
  Configuration configuration;
  const std::filesystem::path path = file.value_or(kDefaultFile);
  if (std::filesystem::is_directory(path)) {
    return std::unexpected(path.string() + " is a directory: name a file");
  }
  if (std::filesystem::exists(path)) {
    if (auto fault = take_file(configuration, path)) return std::unexpected(*fault);
  } else if (file) {
    return std::unexpected(path.string() + " isn't there");
  }
  for (const auto& setting : settings()) {
    const auto name = variable_of(setting.key);
    const auto value = environment(name);
    if (!value) continue;
    if (auto fault = take(configuration, std::string(setting.key), *value)) {
      return std::unexpected("environment " + name + ": " + *fault);
    }
  }
  for (const auto& [key, value] : overrides) {
    if (auto fault = take(configuration, key, value)) return std::unexpected(*fault);
  }
  if (configuration.log_kind == "kafka" && configuration.log_brokers.empty()) {
    return std::unexpected("log.kind is kafka, so log.brokers must name host:port");
  }
  if (!configuration.mail_server.empty() && !vault::normalise_email(configuration.mail_from)) {
    return std::unexpected(
        "mail.server is set, so mail.from must be the e-mail address that mail comes from");
  }
  return configuration;
}

std::string print_configuration(const Configuration& c) {
  std::string proxies;
  for (const auto& proxy : c.trusted_proxies) {
    proxies += (proxies.empty() ? "" : ", ") + toml_text(proxy);
  }
  return "data_dir = " + toml_text(c.data_dir) +
         "\nmaster_key_file = " + toml_text(c.master_key_file) +
         "\nlisten = " + toml_text(c.listen) + "\npublic_url = " + toml_text(c.public_url) +
         "\nlog_level = " + toml_text(c.log_level) + "\ntrusted_proxies = [" + proxies +
         "]\n\n[log]\nkind = " + toml_text(c.log_kind) + "\nbrokers = " + toml_text(c.log_brokers) +
         "\npartitions = " + std::to_string(c.log_partitions) +
         "\ntopic = " + toml_text(c.log_topic) +
         "\nsecrets_topic = " + toml_text(c.log_secrets_topic) +
         "\n\n[vault]\nbackup_days = " + std::to_string(c.vault_backup_days) +
         "\n\n[mail]\nserver = " + toml_text(without_secret(c.mail_server)) +
         "\nca_file = " + toml_text(c.mail_ca_file) + "\nfrom = " + toml_text(c.mail_from) + "\n";
}

reactions::InstallationPlace place_of(const Configuration& configuration) {
  reactions::InstallationPlace place;
  place.data_directory = configuration.data_dir;
  place.master_key_file = configuration.master_key_file;
  place.log =
      configuration.log_kind == "kafka" ? reactions::LogKind::kafka : reactions::LogKind::embedded;
  place.brokers = configuration.log_brokers;
  place.partitions = static_cast<std::uint32_t>(configuration.log_partitions);
  place.topic = configuration.log_topic;
  place.secrets_topic = configuration.log_secrets_topic;
  place.vault_backup_days = configuration.vault_backup_days;
  return place;
}

}  // namespace klasboek::tools
