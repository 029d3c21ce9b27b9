#include "aggregates/permissions.h"

#include <array>
#include <variant>

namespace klasboek::aggregates {

namespace {

using events::Role;

// Who acts, by the kind of work.
constexpr std::array kInstallation = {Grant{Role::operator_, Scope::whole_school}};
constexpr std::array kReactions = {Grant{Role::system, Scope::whole_school}};
constexpr std::array kDirector = {Grant{Role::director, Scope::whole_school}};
/// His grant is looked at by the rules of accounts.
constexpr std::array kAuditor = {Grant{Role::auditor, Scope::own_account}};
constexpr std::array kHead = {Grant{Role::director, Scope::whole_school},
                              Grant{Role::deputy, Scope::whole_school}};
constexpr std::array kHeadOrInstallation = {Grant{Role::director, Scope::whole_school},
                                            Grant{Role::deputy, Scope::whole_school},
                                            Grant{Role::operator_, Scope::whole_school}};
constexpr std::array kErasers = {Grant{Role::director, Scope::whole_school},
                                 Grant{Role::deputy, Scope::whole_school},
                                 Grant{Role::system, Scope::whole_school}};
/// Roles are what all other rights rest on: a deputy doesn't give or take them.
constexpr std::array kDirectorOrInstallation = {Grant{Role::director, Scope::whole_school},
                                                Grant{Role::operator_, Scope::whole_school}};
constexpr std::array kAdministration = {Grant{Role::office, Scope::whole_school},
                                        Grant{Role::director, Scope::whole_school},
                                        Grant{Role::deputy, Scope::whole_school}};
constexpr std::array kAdministrationOrInstallation = {
    Grant{Role::office, Scope::whole_school}, Grant{Role::director, Scope::whole_school},
    Grant{Role::deputy, Scope::whole_school}, Grant{Role::operator_, Scope::whole_school}};
/// A plan of an import proposes, a director or the office confirms.
constexpr std::array kImporters = {Grant{Role::office, Scope::whole_school},
                                   Grant{Role::director, Scope::whole_school},
                                   Grant{Role::operator_, Scope::whole_school}};
constexpr std::array kSelf = {Grant{Role::none, Scope::own_account}};
constexpr std::array kSelfOrHead = {
    Grant{Role::director, Scope::whole_school}, Grant{Role::deputy, Scope::whole_school},
    Grant{Role::operator_, Scope::whole_school}, Grant{Role::none, Scope::own_account}};
constexpr std::array kWriters = {
    Grant{Role::teacher, Scope::own_class}, Grant{Role::office, Scope::whole_school},
    Grant{Role::director, Scope::whole_school}, Grant{Role::deputy, Scope::whole_school}};
constexpr std::array kAuthorOrHead = {
    Grant{Role::teacher, Scope::own_post}, Grant{Role::office, Scope::own_post},
    Grant{Role::director, Scope::whole_school}, Grant{Role::deputy, Scope::whole_school}};
/// Staff record a spoken or paper answer; from sixteen it is the pupil's own.
constexpr std::array kConsentGivers = {
    Grant{Role::guardian, Scope::own_child_with_authority}, Grant{Role::pupil, Scope::own_child},
    Grant{Role::office, Scope::whole_school}, Grant{Role::director, Scope::whole_school},
    Grant{Role::deputy, Scope::whole_school}};
constexpr std::array kAbsenceReporters = {Grant{Role::guardian, Scope::own_child_with_authority},
                                          Grant{Role::teacher, Scope::own_class},
                                          Grant{Role::care, Scope::whole_school},
                                          Grant{Role::office, Scope::whole_school},
                                          Grant{Role::director, Scope::whole_school},
                                          Grant{Role::deputy, Scope::whole_school}};
/// The office enters what a guardian asked on paper.
constexpr std::array kLeaveRequesters = {Grant{Role::guardian, Scope::own_child_with_authority},
                                         Grant{Role::office, Scope::whole_school}};
constexpr std::array kLeaveWithdrawers = {Grant{Role::guardian, Scope::own_child},
                                          Grant{Role::office, Scope::whole_school}};

enum class OwnChild : std::uint8_t { allowed, by_another };
enum class Import : std::uint8_t { never, step };

template <class Command, std::size_t I = 0>
constexpr std::size_t alternative_of() {
  if constexpr (std::is_same_v<Command, std::variant_alternative_t<I, events::CommandKinds>>) {
    return I;
  } else {
    return alternative_of<Command, I + 1>();
  }
}

template <class Command, class... Some>
constexpr bool kIsOneOf = (std::is_same_v<Command, Some> || ...);

/// Which part of the head's work a command is. There is no other part: a new command doesn't
/// compile until it has one.
template <class Command>
constexpr events::MandatePower power_of() {
  using namespace events;
  if constexpr (kIsOneOf<Command, FoundSchool, RenameSchool, SetSchoolDays, SetSchoolYear,
                         SetPostingWindow, SetStaffCodes>) {
    return MandatePower::settings;
  } else if constexpr (kIsOneOf<Command, FoundGroup, RenameGroup, CloseGroup, AssignStaff,
                                EndStaffAssignment, EnrolChild, CorrectChild, PlaceChild,
                                RecordLeaver, LinkGuardian, ChangeGuardianRelation,
                                RecordGuardianAuthority, UnlinkGuardian, RaiseShield, LiftShield,
                                BeginRosterImport, ApplyRosterChunk, CompleteRosterImport>) {
    return MandatePower::roster;
  } else if constexpr (kIsOneOf<Command, OpenAccount, CorrectAccount, Invite, AcceptInvitation,
                                GiveRole, EndRole, BlockAccount, UnblockAccount, CloseAccount,
                                EndSessions, ChooseChannels, GiveMandate, GrantAudit, EndAuditGrant,
                                RecordAuditRead, ClaimDelivery, RecordDelivery, EraseSubject,
                                RecordKeysDestroyed, AskPasswordReset, ResetPassword>) {
    return MandatePower::accounts;
  } else if constexpr (kIsOneOf<Command, PublishPost, EditPost, RetractPost>) {
    return MandatePower::posts;
  } else if constexpr (kIsOneOf<Command, SetConsentPolicy, AddPurpose, PublishNotice,
                                AnswerConsent>) {
    return MandatePower::consent;
  } else if constexpr (kIsOneOf<Command, ReportAbsence, ChangeAbsenceEnd, WithdrawAbsence,
                                ReportRecovery, ClassifyAbsence>) {
    return MandatePower::absence;
  } else {
    static_assert(kIsOneOf<Command, RequestLeave, DecideLeave, WithdrawLeave>);
    return MandatePower::leave;
  }
}

template <class Command>
constexpr Permission row(std::string_view name, std::span<const Grant> grants,
                         Import import = Import::never, OwnChild own_child = OwnChild::allowed) {
  return {name,
          grants,
          own_child == OwnChild::by_another,
          import == Import::step,
          power_of<Command>(),
          alternative_of<Command>()};
}

constexpr std::array kPermissions = {
    row<events::FoundSchool>("FoundSchool", kInstallation),
    row<events::RenameSchool>("RenameSchool", kHeadOrInstallation),
    row<events::SetSchoolDays>("SetSchoolDays", kHeadOrInstallation),
    row<events::SetSchoolYear>("SetSchoolYear", kHeadOrInstallation),
    row<events::SetPostingWindow>("SetPostingWindow", kHeadOrInstallation),
    row<events::SetConsentPolicy>("SetConsentPolicy", kHead),
    row<events::AddPurpose>("AddPurpose", kHead),
    row<events::PublishNotice>("PublishNotice", kHead),
    row<events::FoundGroup>("FoundGroup", kAdministrationOrInstallation, Import::step),
    row<events::RenameGroup>("RenameGroup", kAdministrationOrInstallation, Import::step),
    row<events::CloseGroup>("CloseGroup", kAdministrationOrInstallation, Import::step),
    row<events::AssignStaff>("AssignStaff", kAdministrationOrInstallation, Import::step),
    row<events::EndStaffAssignment>("EndStaffAssignment", kAdministrationOrInstallation,
                                    Import::step),
    row<events::EnrolChild>("EnrolChild", kAdministration, Import::step),
    row<events::CorrectChild>("CorrectChild", kAdministration, Import::step),
    row<events::PlaceChild>("PlaceChild", kAdministration, Import::step),
    row<events::RecordLeaver>("RecordLeaver", kAdministration, Import::step),
    row<events::LinkGuardian>("LinkGuardian", kAdministration, Import::step),
    row<events::ChangeGuardianRelation>("ChangeGuardianRelation", kAdministration, Import::step),
    // No step of an import: these two decide about authority, and a file decides nothing. And
    // nobody records his own.
    row<events::RecordGuardianAuthority>("RecordGuardianAuthority", kAdministration, Import::never,
                                         OwnChild::by_another),
    row<events::UnlinkGuardian>("UnlinkGuardian", kAdministration, Import::never,
                                OwnChild::by_another),
    row<events::OpenAccount>("OpenAccount", kAdministrationOrInstallation, Import::step),
    row<events::CorrectAccount>("CorrectAccount", kAdministrationOrInstallation, Import::step),
    row<events::Invite>("Invite", kAdministrationOrInstallation),
    row<events::AcceptInvitation>("AcceptInvitation", kSelf),
    row<events::GiveRole>("GiveRole", kDirectorOrInstallation, Import::step),
    row<events::EndRole>("EndRole", kDirectorOrInstallation, Import::step),
    row<events::BlockAccount>("BlockAccount", kHeadOrInstallation),
    row<events::UnblockAccount>("UnblockAccount", kHeadOrInstallation),
    row<events::CloseAccount>("CloseAccount", kHeadOrInstallation),
    row<events::EndSessions>("EndSessions", kSelfOrHead),
    row<events::ChooseChannels>("ChooseChannels", kSelf),
    row<events::PublishPost>("PublishPost", kWriters),
    row<events::EditPost>("EditPost", kAuthorOrHead),
    row<events::RetractPost>("RetractPost", kAuthorOrHead),
    row<events::AnswerConsent>("AnswerConsent", kConsentGivers),
    row<events::ReportAbsence>("ReportAbsence", kAbsenceReporters),
    row<events::ChangeAbsenceEnd>("ChangeAbsenceEnd", kAbsenceReporters),
    row<events::WithdrawAbsence>("WithdrawAbsence", kAbsenceReporters),
    row<events::ReportRecovery>("ReportRecovery", kAbsenceReporters),
    row<events::ClassifyAbsence>("ClassifyAbsence", kAdministration, Import::never,
                                 OwnChild::by_another),
    row<events::RequestLeave>("RequestLeave", kLeaveRequesters),
    row<events::DecideLeave>("DecideLeave", kHead, Import::never, OwnChild::by_another),
    row<events::WithdrawLeave>("WithdrawLeave", kLeaveWithdrawers),
    row<events::ClaimDelivery>("ClaimDelivery", kReactions),
    row<events::RecordDelivery>("RecordDelivery", kReactions),
    row<events::BeginRosterImport>("BeginRosterImport", kImporters),
    row<events::ApplyRosterChunk>("ApplyRosterChunk", kImporters),
    row<events::CompleteRosterImport>("CompleteRosterImport", kImporters),
    // A person confirms what is erased; the program itself adds only what came too late to be
    // listed.
    row<events::EraseSubject>("EraseSubject", kErasers, Import::never, OwnChild::by_another),
    row<events::RecordKeysDestroyed>("RecordKeysDestroyed", kReactions),
    row<events::SetStaffCodes>("SetStaffCodes", kDirectorOrInstallation),
    row<events::GrantAudit>("GrantAudit", kDirector),
    row<events::EndAuditGrant>("EndAuditGrant", kHead),
    row<events::RecordAuditRead>("RecordAuditRead", kAuditor),
    row<events::GiveMandate>("GiveMandate", kDirectorOrInstallation),
    row<events::RaiseShield>("RaiseShield", kAdministration, Import::never, OwnChild::by_another),
    row<events::LiftShield>("LiftShield", kAdministration, Import::never, OwnChild::by_another),
    row<events::AskPasswordReset>("AskPasswordReset", kReactions),
    row<events::ResetPassword>("ResetPassword", kSelf),
};

constexpr bool one_row_per_command() {
  if (kPermissions.size() != std::variant_size_v<events::CommandKinds>) return false;
  for (std::size_t i = 0; i < kPermissions.size(); ++i) {
    if (kPermissions[i].alternative != i) return false;
  }
  return true;
}
static_assert(one_row_per_command(), "each command needs its row, in the order of CommandBody");

}  // namespace

std::span<const Permission> permissions() { return kPermissions; }

const Permission& permission_of(const events::CommandBody& command) {
  return kPermissions.at(command.index());
}

}  // namespace klasboek::aggregates
