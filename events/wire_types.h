#pragma once
// Between the ids and days of the program and their structs in the schema; generated code calls
// these by name.
#include "events/day.h"
#include "events/ids.h"

namespace klasboek::events::wire {
struct SchoolId;
struct GroupId;
struct ChildId;
struct AccountId;
struct PostId;
struct PurposeId;
struct AbsenceId;
struct LeaveId;
struct InvitationId;
struct RosterImportId;
struct KeyId;
struct EventId;
struct Day;
}  // namespace klasboek::events::wire

namespace flatbuffers {
namespace kb = klasboek::events;

kb::wire::SchoolId Pack(const kb::SchoolId& id);
kb::wire::GroupId Pack(const kb::GroupId& id);
kb::wire::ChildId Pack(const kb::ChildId& id);
kb::wire::AccountId Pack(const kb::AccountId& id);
kb::wire::PostId Pack(const kb::PostId& id);
kb::wire::PurposeId Pack(const kb::PurposeId& id);
kb::wire::AbsenceId Pack(const kb::AbsenceId& id);
kb::wire::LeaveId Pack(const kb::LeaveId& id);
kb::wire::InvitationId Pack(const kb::InvitationId& id);
kb::wire::RosterImportId Pack(const kb::RosterImportId& id);
kb::wire::KeyId Pack(const kb::KeyId& id);
kb::wire::EventId Pack(const kb::EventId& id);
kb::wire::Day Pack(const kb::Day& day);

kb::SchoolId UnPack(const kb::wire::SchoolId& id);
kb::GroupId UnPack(const kb::wire::GroupId& id);
kb::ChildId UnPack(const kb::wire::ChildId& id);
kb::AccountId UnPack(const kb::wire::AccountId& id);
kb::PostId UnPack(const kb::wire::PostId& id);
kb::PurposeId UnPack(const kb::wire::PurposeId& id);
kb::AbsenceId UnPack(const kb::wire::AbsenceId& id);
kb::LeaveId UnPack(const kb::wire::LeaveId& id);
kb::InvitationId UnPack(const kb::wire::InvitationId& id);
kb::RosterImportId UnPack(const kb::wire::RosterImportId& id);
kb::KeyId UnPack(const kb::wire::KeyId& id);
kb::EventId UnPack(const kb::wire::EventId& id);
kb::Day UnPack(const kb::wire::Day& day);

}  // namespace flatbuffers
