#pragma once
// Everything that can be asked for, as values: what decide gets, and what a commit keeps as its
// input.
#include <optional>
#include <string_view>
#include <variant>

#include "events/event.h"
#include "events/schema/command_generated.h"

namespace klasboek::events {

using wire::ConsentAnswer;
using wire::DeliveryOutcome;
using wire::LeaveVerdict;

using FoundSchool = wire::FoundSchoolT;
using RenameSchool = wire::RenameSchoolT;
using SetSchoolDays = wire::SetSchoolDaysT;
using SetSchoolYear = wire::SetSchoolYearT;
using SetPostingWindow = wire::SetPostingWindowT;
using SetConsentPolicy = wire::SetConsentPolicyT;
using AddPurpose = wire::AddPurposeT;
using PublishNotice = wire::PublishNoticeT;
using FoundGroup = wire::FoundGroupT;
using RenameGroup = wire::RenameGroupT;
using CloseGroup = wire::CloseGroupT;
using AssignStaff = wire::AssignStaffT;
using EndStaffAssignment = wire::EndStaffAssignmentT;
using EnrolChild = wire::EnrolChildT;
using CorrectChild = wire::CorrectChildT;
using PlaceChild = wire::PlaceChildT;
using RecordLeaver = wire::RecordLeaverT;
using LinkGuardian = wire::LinkGuardianT;
using ChangeGuardianRelation = wire::ChangeGuardianRelationT;
using RecordGuardianAuthority = wire::RecordGuardianAuthorityT;
using UnlinkGuardian = wire::UnlinkGuardianT;
using OpenAccount = wire::OpenAccountT;
using CorrectAccount = wire::CorrectAccountT;
using Invite = wire::InviteT;
using AcceptInvitation = wire::AcceptInvitationT;
using GiveRole = wire::GiveRoleT;
using EndRole = wire::EndRoleT;
using BlockAccount = wire::BlockAccountT;
using UnblockAccount = wire::UnblockAccountT;
using CloseAccount = wire::CloseAccountT;
using EndSessions = wire::EndSessionsT;
using ChooseChannels = wire::ChooseChannelsT;
using PublishPost = wire::PublishPostT;
using EditPost = wire::EditPostT;
using RetractPost = wire::RetractPostT;
using AnswerConsent = wire::AnswerConsentT;
using ReportAbsence = wire::ReportAbsenceT;
using ChangeAbsenceEnd = wire::ChangeAbsenceEndT;
using WithdrawAbsence = wire::WithdrawAbsenceT;
using ReportRecovery = wire::ReportRecoveryT;
using ClassifyAbsence = wire::ClassifyAbsenceT;
using RequestLeave = wire::RequestLeaveT;
using DecideLeave = wire::DecideLeaveT;
using WithdrawLeave = wire::WithdrawLeaveT;
using ClaimDelivery = wire::ClaimDeliveryT;
using RecordDelivery = wire::RecordDeliveryT;
using BeginRosterImport = wire::BeginRosterImportT;
using ApplyRosterChunk = wire::ApplyRosterChunkT;
using CompleteRosterImport = wire::CompleteRosterImportT;
using EraseSubject = wire::EraseSubjectT;
using RecordKeysDestroyed = wire::RecordKeysDestroyedT;
using SetStaffCodes = wire::SetStaffCodesT;
using GrantAudit = wire::GrantAuditT;
using EndAuditGrant = wire::EndAuditGrantT;
using RecordAuditRead = wire::RecordAuditReadT;
using GiveMandate = wire::GiveMandateT;
using RaiseShield = wire::RaiseShieldT;
using LiftShield = wire::LiftShieldT;
using AskPasswordReset = wire::AskPasswordResetT;
using ResetPassword = wire::ResetPasswordT;

/// The kinds of command there are.
using CommandKinds = std::variant<
    FoundSchool, RenameSchool, SetSchoolDays, SetSchoolYear, SetPostingWindow, SetConsentPolicy,
    AddPurpose, PublishNotice, FoundGroup, RenameGroup, CloseGroup, AssignStaff, EndStaffAssignment,
    EnrolChild, CorrectChild, PlaceChild, RecordLeaver, LinkGuardian, ChangeGuardianRelation,
    RecordGuardianAuthority, UnlinkGuardian, OpenAccount, CorrectAccount, Invite, AcceptInvitation,
    GiveRole, EndRole, BlockAccount, UnblockAccount, CloseAccount, EndSessions, ChooseChannels,
    PublishPost, EditPost, RetractPost, AnswerConsent, ReportAbsence, ChangeAbsenceEnd,
    WithdrawAbsence, ReportRecovery, ClassifyAbsence, RequestLeave, DecideLeave, WithdrawLeave,
    ClaimDelivery, RecordDelivery, BeginRosterImport, ApplyRosterChunk, CompleteRosterImport,
    EraseSubject, RecordKeysDestroyed, SetStaffCodes, GrantAudit, EndAuditGrant, RecordAuditRead,
    GiveMandate, RaiseShield, LiftShield, AskPasswordReset, ResetPassword>;

/// Any command. Copies and ends of it are compiled once, in command.cpp: spelled out by every file
/// that holds a command they took half of all compiling.
struct CommandBody : CommandKinds {
  CommandBody();
  /// REQUIRES: Kind is one of the kinds.
  template <class Kind>
    requires(kIsKind<Kind, CommandKinds>)
  CommandBody(Kind kind);  // NOLINT(google-explicit-constructor): as a variant, of any of its kinds
  CommandBody(const CommandBody&);
  CommandBody(CommandBody&&) noexcept;
  CommandBody& operator=(const CommandBody&);
  CommandBody& operator=(CommandBody&&) noexcept;
  ~CommandBody();
};

/// One step of a roster import's chunk.
using RosterStep = wire::RosterStepT;
RosterStep roster_step(CommandBody command);
/// nullopt where the step holds none.
std::optional<CommandBody> command_of(const RosterStep& step);

/// The command's public name, as `RequestLeave`.
std::string_view name_of(const CommandBody& command);

}  // namespace klasboek::events
