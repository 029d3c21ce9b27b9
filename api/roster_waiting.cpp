#include "api/roster_waiting.h"

#include <nlohmann/json.hpp>

namespace klasboek::api::roster {

namespace {

using nlohmann::json;

/// Tries of a removal while somebody else reads the vault's file.
constexpr int kRemovalTriesMax = 3;

std::string to_text(const WaitingFiles& waiting) {
  json files = json::array();
  for (const NamedFile& file : waiting.files) {
    files.push_back(
        {{"name", file.name},
         {"bytes", json::binary(std::vector<std::uint8_t>(file.bytes.begin(), file.bytes.end()))}});
  }
  std::string text;
  json::to_cbor({{"school", events::to_text(waiting.school)},
                 {"since_us", waiting.since_us},
                 {"files", std::move(files)}},
                text);
  return text;
}

/// nullopt where another program wrote it.
std::optional<WaitingFiles> waiting_of(const std::string& text) {
  const auto object = json::from_cbor(text, true, false);
  if (!object.is_object() || !object.contains("school") || !object["school"].is_string() ||
      !object.contains("since_us") || !object["since_us"].is_number_integer() ||
      !object.contains("files")) {
    return std::nullopt;
  }
  WaitingFiles waiting;
  const auto school = events::parse_id<events::SchoolId>(object["school"].get<std::string>());
  if (!school) return std::nullopt;
  waiting.school = *school;
  waiting.since_us = object["since_us"].get<std::int64_t>();
  for (const auto& file : object["files"]) {
    if (!file.contains("name") || !file["name"].is_string() || !file.contains("bytes") ||
        !file["bytes"].is_binary()) {
      return std::nullopt;
    }
    const auto& bytes = file["bytes"].get_binary();
    waiting.files.push_back({file["name"].get<std::string>(), {bytes.begin(), bytes.end()}});
  }
  return waiting;
}

}  // namespace

std::expected<void, vault::VaultFault> keep_waiting(vault::Vault& vault, events::RosterImportId id,
                                                    const WaitingFiles& waiting) {
  return vault.transit().put(vault::TransitKind::roster_file, id.value, to_text(waiting));
}

std::expected<std::optional<WaitingFiles>, vault::VaultFault> waiting_files(
    vault::Vault& vault, events::SchoolId school, events::RosterImportId id) {
  const auto text = vault.transit().take(vault::TransitKind::roster_file, id.value);
  if (!text) return std::unexpected(text.error());
  auto waiting = *text ? waiting_of(**text) : std::nullopt;
  if (!waiting || waiting->school != school) return std::nullopt;
  return waiting;
}

void stop_waiting(vault::Vault& vault, events::RosterImportId id) {
  for (int tries = 0; tries < kRemovalTriesMax; ++tries) {
    if (vault.transit().remove(vault::TransitKind::roster_file, id.value)) return;
  }
}

void give_up_forgotten(vault::Vault& vault, std::int64_t now_us) {
  const auto ids = vault.transit().list(vault::TransitKind::roster_file);
  if (!ids) return;
  for (const auto& id : *ids) {
    const auto text = vault.transit().take(vault::TransitKind::roster_file, id);
    if (!text || !*text) continue;
    const auto waiting = waiting_of(**text);
    if (!waiting || now_us - waiting->since_us > kWaitMaxUs) {
      stop_waiting(vault, events::RosterImportId{id});
    }
  }
}

}  // namespace klasboek::api::roster
