#include "vault/email.h"

#include <algorithm>

namespace klasboek::vault {

namespace {

bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

bool may_stand_in_address(char c) {
  const auto byte = static_cast<unsigned char>(c);
  constexpr std::string_view kNever = "()<>[]:;,\\\"";
  return byte > 0x20 && byte != 0x7F && !kNever.contains(c);
}

/// Labels between single dots, none at either end.
bool is_dotted(std::string_view text) {
  return !text.empty() && text.front() != '.' && text.back() != '.' && !text.contains("..");
}

}  // namespace

std::optional<std::string> normalise_email(std::string_view address) {
  const std::string_view bare = trimmed(address);
  if (bare.size() > kEmailBytesMax) return std::nullopt;
  if (!std::ranges::all_of(bare, may_stand_in_address)) return std::nullopt;
  if (std::ranges::count(bare, '@') != 1) return std::nullopt;
  const std::string_view local = bare.substr(0, bare.find('@'));
  const std::string_view domain = bare.substr(local.size() + 1);
  if (local.empty() || local.size() > kEmailLocalBytesMax) return std::nullopt;
  if (!is_dotted(domain) || !domain.contains('.')) return std::nullopt;
  std::string normal(bare);
  std::ranges::transform(normal, normal.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return normal;
}

}  // namespace klasboek::vault
