#pragma once
// The bytes of the directory's rows. Only the directory includes this.
#include <string>
#include <string_view>

#include "projections/directory.h"

namespace klasboek::projections::directory::rows {

inline constexpr char kSchoolTable = 's';
inline constexpr char kPurposeTable = 'p';
inline constexpr char kGroupTable = 'g';
inline constexpr char kChildTable = 'c';
inline constexpr char kAccountTable = 'a';
inline constexpr char kInvitationTable = 'i';
inline constexpr char kMemberTable = 'm';

std::string key(char table);
std::string key(char table, const events::Uuid& id);
std::string key(char table, const events::Uuid& id, const events::Uuid& member);

std::string encode(const SchoolRow& row);
std::string encode(const PurposeRow& row);
std::string encode(const GroupRow& row);
std::string encode(const ChildRow& row);
std::string encode(const AccountRow& row);

void decode(std::string_view bytes, SchoolRow& row);
void decode(std::string_view bytes, PurposeRow& row);
void decode(std::string_view bytes, GroupRow& row);
void decode(std::string_view bytes, ChildRow& row);
void decode(std::string_view bytes, AccountRow& row);

template <class Row>
Row decoded(std::string_view bytes) {
  Row row;
  decode(bytes, row);
  return row;
}

}  // namespace klasboek::projections::directory::rows
