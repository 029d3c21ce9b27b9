#pragma once
// What is said to who chooses a password that won't do, the same wherever one is chosen.
#include <string_view>

#include "api/json_reader.h"
#include "api/problem.h"
#include "vault/logins.h"

namespace klasboek::api {

/// Of a password that is chosen; one that is checked may be any text.
inline constexpr TextLimits kNewPasswordLimits{.min = vault::kPasswordCharactersMin,
                                               .max = vault::kPasswordCharactersMax};

/// pointer: of the member that holds the new password. A wrong old one is the caller's to tell of.
Problem problem_of_password(vault::LoginFault fault, std::string_view pointer);

}  // namespace klasboek::api
