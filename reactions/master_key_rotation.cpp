#include "reactions/master_key_rotation.h"

#include <spdlog/spdlog.h>

#include <utility>

#include "vault/master_key.h"

namespace klasboek::reactions {

MasterKeyRotation::MasterKeyRotation(vault::Vault& vault, std::filesystem::path file,
                                     std::filesystem::path data_directory)
    : vault_(vault), file_(std::move(file)), data_directory_(std::move(data_directory)) {}

void MasterKeyRotation::round(const std::stop_token& stop) {
  const auto next_file = vault::next_master_key_file(file_);
  std::error_code ignored;
  if (!std::filesystem::exists(next_file, ignored)) return;
  const auto next = vault::read_master_key(next_file, data_directory_);
  if (!next) {
    spdlog::warn("{}", next.error().explanation);
    return;
  }
  const auto id = vault::id_of(*next);
  const bool is_news = said_ != id;
  if (is_news) spdlog::info("vault: wrapped anew with master key {}", vault::check_value(id));
  said_ = id;
  const auto rotated = vault_.rotate_master_key(*next, [&] { return !stop.stop_requested(); });
  if (!rotated) {
    spdlog::warn("vault: can't be wrapped anew now ({}); tried again",
                 vault::name_of(rotated.error()));
  } else if (*rotated && is_news) {
    spdlog::info("vault: all of it is wrapped with master key {}", vault::check_value(id));
  }
}

}  // namespace klasboek::reactions
