#include "reactions/invitation_code.h"

#include <span>

#include "events/commit.h"
#include "vault/keyed_hash.h"

namespace klasboek::reactions {

namespace {

constexpr std::string_view kPurpose = "invitation code";

/// Another secret, so that the code of an invitation is none for a new password.
constexpr std::string_view kResetPurpose = "password reset code";

std::string bare(const events::Uuid& uuid) { return events::to_type_id("", uuid); }

std::string code_for(std::string_view purpose, const vault::Vault& vault, events::SchoolId school,
                     events::InvitationId id) {
  const auto secret =
      vault::keyed_hash(vault::derive_key(vault.signing_seed(), purpose), purpose,
                        {events::to_bytes(school.value), events::to_bytes(id.value)});
  return bare(school.value) + "." + bare(id.value) + "." +
         bare(events::uuid_from_bytes(std::span(secret).first<16>()));
}

}  // namespace

std::string invitation_code(const vault::Vault& vault, events::SchoolId school,
                            events::InvitationId invitation) {
  return code_for(kPurpose, vault, school, invitation);
}

std::string reset_code(const vault::Vault& vault, events::SchoolId school,
                       events::InvitationId reset) {
  return code_for(kResetPurpose, vault, school, reset);
}

std::vector<std::uint8_t> code_digest(std::string_view code) {
  const auto hash =
      events::sha256({reinterpret_cast<const std::uint8_t*>(code.data()), code.size()});
  return {hash.begin(), hash.end()};
}

std::optional<InvitationCode> parse_invitation_code(std::string_view code) {
  const auto first = code.find('.');
  const auto second = code.find('.', first == std::string_view::npos ? first : first + 1);
  if (second == std::string_view::npos) return std::nullopt;
  const auto school = events::parse_type_id("", code.substr(0, first));
  const auto invitation = events::parse_type_id("", code.substr(first + 1, second - first - 1));
  const auto secret = events::parse_type_id("", code.substr(second + 1));
  if (!school || !invitation || !secret) return std::nullopt;
  return InvitationCode{{*school}, {*invitation}};
}

}  // namespace klasboek::reactions
