#pragma once
// Letting a caller in: session, account of the school, role and reach, all from the views of one
// moment. What isn't the caller's to know looks like what isn't there.
#include <expected>

#include "api/call.h"
#include "api/route.h"

namespace klasboek::api {

/// 401.
Problem not_logged_in(std::string detail);

/// The session of the request's Authorization header or cookie; 401 otherwise.
std::expected<vault::Session, Problem> session_of(const Call& call);

/// A new session of somebody who has just shown who he is, in his list from now on.
std::expected<std::string, Problem> begin_session(const Call& call, vault::IdentityId identity,
                                                  bool with_code);

/// 401: the log-in has a one-time code, which is missing or wrong.
Problem code_missing();
Problem code_wrong();
/// 403: the school asks its staff for a one-time code, and the session was begun without.
Problem code_required();

/// A one-time code as it comes in a request.
inline constexpr TextLimits kOneTimeCodeLimits{.min = 1, .max = 20};

/// Uses up the one-time code of somebody whose password was right; nobody else is to learn who has
/// one. False where he has set none up; 401 where it is missing or wrong.
std::expected<bool, Problem> use_code(const Call& call, vault::IdentityId identity,
                                      const std::optional<std::string>& code);

/// Fills in school, views and day of a school that is known to the caller; not_found where there is
/// none.
std::expected<void, Problem> enter(Call& call, events::SchoolId school);

/// Fills in the school of the path, and waits for ?min_position= where it is given.
std::expected<void, Problem> enter_school(Call& call);

/// Fills in account and role; a problem where no grant of the route holds.
std::expected<void, Problem> admit(Call& call, const Access& access);

/// Fills in school, views, day and account of one of the caller's memberships; false where he isn't
/// in there now: closed, blocked, or with a session that was ended.
bool enter_membership(Call& call, const vault::Membership& membership);

/// Writes down that the caller asks for something as an auditor, before he gets it; what can't be
/// written down isn't read.
std::expected<void, Problem> record_audit_read(const Call& call, std::string_view operation);

/// Whether what the path names lies within a grant's reach for this account.
bool reaches(const Call& call, const projections::directory::AccountRow& account, Reach reach);

/// Whether the account holds the role today: by name, or as somebody's guardian.
bool holds_role(const Call& call, const projections::directory::AccountRow& account,
                events::Role role);

/// Whether the account works with the group today.
bool works_with(const Call& call, events::AccountId account, events::GroupId group);

/// Whether the school asks a one-time code of this account, as of staff, and the session was begun
/// without.
bool lacks_code(const Call& call, const projections::directory::AccountRow& account);

/// The roles that the account has today.
std::vector<events::Role> roles_of(const Call& call,
                                   const projections::directory::AccountRow& account);

}  // namespace klasboek::api
