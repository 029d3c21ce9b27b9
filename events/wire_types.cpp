#include "events/wire_types.h"

#include "events/schema/common_generated.h"

namespace flatbuffers {

namespace wire = klasboek::events::wire;

kb::wire::SchoolId Pack(const kb::SchoolId& id) { return {id.value.hi, id.value.lo}; }
kb::wire::GroupId Pack(const kb::GroupId& id) { return {id.value.hi, id.value.lo}; }
kb::wire::ChildId Pack(const kb::ChildId& id) { return {id.value.hi, id.value.lo}; }
kb::wire::AccountId Pack(const kb::AccountId& id) { return {id.value.hi, id.value.lo}; }
kb::wire::PostId Pack(const kb::PostId& id) { return {id.value.hi, id.value.lo}; }
kb::wire::PurposeId Pack(const kb::PurposeId& id) { return {id.value.hi, id.value.lo}; }
kb::wire::AbsenceId Pack(const kb::AbsenceId& id) { return {id.value.hi, id.value.lo}; }
kb::wire::LeaveId Pack(const kb::LeaveId& id) { return {id.value.hi, id.value.lo}; }
kb::wire::InvitationId Pack(const kb::InvitationId& id) { return {id.value.hi, id.value.lo}; }
kb::wire::RosterImportId Pack(const kb::RosterImportId& id) { return {id.value.hi, id.value.lo}; }
kb::wire::KeyId Pack(const kb::KeyId& id) { return {id.value.hi, id.value.lo}; }
kb::wire::EventId Pack(const kb::EventId& id) { return {id.value.hi, id.value.lo}; }
kb::wire::Day Pack(const kb::Day& day) { return wire::Day(day.days); }

kb::SchoolId UnPack(const kb::wire::SchoolId& id) { return {{id.hi(), id.lo()}}; }
kb::GroupId UnPack(const kb::wire::GroupId& id) { return {{id.hi(), id.lo()}}; }
kb::ChildId UnPack(const kb::wire::ChildId& id) { return {{id.hi(), id.lo()}}; }
kb::AccountId UnPack(const kb::wire::AccountId& id) { return {{id.hi(), id.lo()}}; }
kb::PostId UnPack(const kb::wire::PostId& id) { return {{id.hi(), id.lo()}}; }
kb::PurposeId UnPack(const kb::wire::PurposeId& id) { return {{id.hi(), id.lo()}}; }
kb::AbsenceId UnPack(const kb::wire::AbsenceId& id) { return {{id.hi(), id.lo()}}; }
kb::LeaveId UnPack(const kb::wire::LeaveId& id) { return {{id.hi(), id.lo()}}; }
kb::InvitationId UnPack(const kb::wire::InvitationId& id) { return {{id.hi(), id.lo()}}; }
kb::RosterImportId UnPack(const kb::wire::RosterImportId& id) { return {{id.hi(), id.lo()}}; }
kb::KeyId UnPack(const kb::wire::KeyId& id) { return {{id.hi(), id.lo()}}; }
kb::EventId UnPack(const kb::wire::EventId& id) { return {{id.hi(), id.lo()}}; }
kb::Day UnPack(const kb::wire::Day& day) { return {day.days()}; }

}  // namespace flatbuffers
