#pragma once
// The code of an invitation or of a request for a new password, as it stands in a mail or a letter.
// It isn't kept anywhere: it is derived from the vault, so that any node can write the mail, and
// only its digest is in the log.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "events/ids.h"
#include "vault/vault.h"

namespace klasboek::reactions {

/// What a code says by itself, before anybody checked it.
struct InvitationCode {
  events::SchoolId school;
  events::InvitationId invitation;
};

/// `<school>.<invitation>.<secret>`, each in the characters of an id.
std::string invitation_code(const vault::Vault& vault, events::SchoolId school,
                            events::InvitationId invitation);
/// The same for a new password, with a secret of its own.
std::string reset_code(const vault::Vault& vault, events::SchoolId school,
                       events::InvitationId reset);
/// SHA-256 of the code: what AccountInvited and PasswordResetAsked hold.
std::vector<std::uint8_t> code_digest(std::string_view code);
/// nullopt where the text isn't a code.
std::optional<InvitationCode> parse_invitation_code(std::string_view code);

}  // namespace klasboek::reactions
