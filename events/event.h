#pragma once
// Everything that can have happened: the events as values, and the variants that folds visit. The
// values are generated from events/schema; here they get their names in the program.
#include <optional>
#include <string_view>
#include <type_traits>
#include <variant>

#include "events/schema/absence_generated.h"
#include "events/schema/account_generated.h"
#include "events/schema/child_generated.h"
#include "events/schema/consent_generated.h"
#include "events/schema/delivery_generated.h"
#include "events/schema/erasure_generated.h"
#include "events/schema/group_generated.h"
#include "events/schema/leave_generated.h"
#include "events/schema/post_generated.h"
#include "events/schema/preferences_generated.h"
#include "events/schema/reading_generated.h"
#include "events/schema/roster_import_generated.h"
#include "events/schema/school_generated.h"

namespace klasboek::events {

using wire::AbsenceClass;
using wire::AbsenceReason;
using wire::AnswerRoute;
using wire::Authority;
using wire::Channel;
using wire::DeliveryFault;
using wire::ErasureGround;
using wire::GroupKind;
using wire::LeaveAdvice;
using wire::LeaveGround;
using wire::MandatePower;
using wire::MessageKind;
using wire::NoticeTimeliness;
using wire::PeriodKind;
using wire::Relation;
using wire::ReportTiming;
using wire::Role;
using wire::SchoolDay;
using wire::SilencePolicy;
using wire::StreamKind;
using wire::SubjectKind;
using NoticeText = wire::NoticeTextT;
using LeaveCount = wire::LeaveCountT;
using Period = wire::PeriodT;
using Sealed = wire::SealedT;

using SchoolFounded = wire::SchoolFoundedT;
using SchoolRenamed = wire::SchoolRenamedT;
using SchoolDaysSet = wire::SchoolDaysSetT;
using SchoolYearSet = wire::SchoolYearSetT;
using PostingWindowSet = wire::PostingWindowSetT;
using ConsentPolicySet = wire::ConsentPolicySetT;
using PurposeAdded = wire::PurposeAddedT;
using NoticePublished = wire::NoticePublishedT;
using StaffCodesSet = wire::StaffCodesSetT;

using GroupFounded = wire::GroupFoundedT;
using GroupRenamed = wire::GroupRenamedT;
using GroupClosed = wire::GroupClosedT;
using StaffAssigned = wire::StaffAssignedT;
using StaffAssignmentEnded = wire::StaffAssignmentEndedT;

using ChildEnrolled = wire::ChildEnrolledT;
using ChildNameCorrected = wire::ChildNameCorrectedT;
using ChildBirthDayCorrected = wire::ChildBirthDayCorrectedT;
using ChildPlaced = wire::ChildPlacedT;
using ChildLeft = wire::ChildLeftT;
using GuardianLinked = wire::GuardianLinkedT;
using GuardianRelationChanged = wire::GuardianRelationChangedT;
using GuardianAuthorityRecorded = wire::GuardianAuthorityRecordedT;
using GuardianUnlinked = wire::GuardianUnlinkedT;
using ShieldRaised = wire::ShieldRaisedT;
using ShieldLifted = wire::ShieldLiftedT;

using AccountOpened = wire::AccountOpenedT;
using AccountNameCorrected = wire::AccountNameCorrectedT;
using AccountContactChanged = wire::AccountContactChangedT;
using AccountInvited = wire::AccountInvitedT;
using InvitationAccepted = wire::InvitationAcceptedT;
using RoleGiven = wire::RoleGivenT;
using RoleEnded = wire::RoleEndedT;
using AccountBlocked = wire::AccountBlockedT;
using AccountUnblocked = wire::AccountUnblockedT;
using AccountClosed = wire::AccountClosedT;
using SessionsEnded = wire::SessionsEndedT;
using AuditGranted = wire::AuditGrantedT;
using AuditGrantEnded = wire::AuditGrantEndedT;
using MandateGiven = wire::MandateGivenT;
using PasswordResetAsked = wire::PasswordResetAskedT;
using PasswordReset = wire::PasswordResetT;

using ChannelsChosen = wire::ChannelsChosenT;

using AuditReadRecorded = wire::AuditReadRecordedT;

using PostPublished = wire::PostPublishedT;
using PostEdited = wire::PostEditedT;
using PostRetracted = wire::PostRetractedT;

using ConsentGiven = wire::ConsentGivenT;
using ConsentRefused = wire::ConsentRefusedT;
using ConsentWithdrawn = wire::ConsentWithdrawnT;

using AbsenceReported = wire::AbsenceReportedT;
using AbsenceReportAdded = wire::AbsenceReportAddedT;
using AbsenceEndChanged = wire::AbsenceEndChangedT;
using AbsenceWithdrawn = wire::AbsenceWithdrawnT;
using RecoveryReported = wire::RecoveryReportedT;
using AbsenceClassified = wire::AbsenceClassifiedT;

using LeaveRequested = wire::LeaveRequestedT;
using BeliefLeaveNoticed = wire::BeliefLeaveNoticedT;
using LeaveGranted = wire::LeaveGrantedT;
using LeavePartlyGranted = wire::LeavePartlyGrantedT;
using LeaveRefused = wire::LeaveRefusedT;
using LeaveForwarded = wire::LeaveForwardedT;
using BeliefLeaveAccepted = wire::BeliefLeaveAcceptedT;
using BeliefLeaveContested = wire::BeliefLeaveContestedT;
using LeaveWithdrawn = wire::LeaveWithdrawnT;

using DeliveryClaimed = wire::DeliveryClaimedT;
using DeliverySent = wire::DeliverySentT;
using DeliveryFailed = wire::DeliveryFailedT;

using SubjectErased = wire::SubjectErasedT;
using KeyRetired = wire::KeyRetiredT;
using KeysDestroyed = wire::KeysDestroyedT;

using RosterImportBegun = wire::RosterImportBegunT;
using RosterChunkApplied = wire::RosterChunkAppliedT;
using RosterImportCompleted = wire::RosterImportCompletedT;

/// Whether the variant `Kinds` has `Kind` as it is, without any conversion.
template <class Kind, class Kinds>
inline constexpr bool kIsKind = false;
template <class Kind, class... Kinds>
inline constexpr bool kIsKind<Kind, std::variant<Kinds...>> = (std::is_same_v<Kind, Kinds> || ...);

/// What the stream of one school can hold.
using SchoolEvent =
    std::variant<SchoolFounded, SchoolRenamed, SchoolDaysSet, SchoolYearSet, PostingWindowSet,
                 ConsentPolicySet, PurposeAdded, NoticePublished, StaffCodesSet>;
/// What the stream of one group can hold.
using GroupEvent =
    std::variant<GroupFounded, GroupRenamed, GroupClosed, StaffAssigned, StaffAssignmentEnded>;
/// What the stream of one child can hold.
using ChildEvent =
    std::variant<ChildEnrolled, ChildNameCorrected, ChildBirthDayCorrected, ChildPlaced, ChildLeft,
                 GuardianLinked, GuardianRelationChanged, GuardianAuthorityRecorded,
                 GuardianUnlinked, ShieldRaised, ShieldLifted>;
/// What the stream of one account can hold.
using AccountEvent =
    std::variant<AccountOpened, AccountNameCorrected, AccountContactChanged, AccountInvited,
                 InvitationAccepted, RoleGiven, RoleEnded, AccountBlocked, AccountUnblocked,
                 AccountClosed, SessionsEnded, AuditGranted, AuditGrantEnded, MandateGiven,
                 PasswordResetAsked, PasswordReset>;
/// What the stream of one preferences can hold.
using PreferencesEvent = std::variant<ChannelsChosen>;
/// What the stream of one reading can hold.
using ReadingEvent = std::variant<AuditReadRecorded>;
/// What the stream of one post can hold.
using PostEvent = std::variant<PostPublished, PostEdited, PostRetracted>;
/// What the stream of one consent can hold.
using ConsentEvent = std::variant<ConsentGiven, ConsentRefused, ConsentWithdrawn>;
/// What the stream of one absence can hold.
using AbsenceEvent = std::variant<AbsenceReported, AbsenceReportAdded, AbsenceEndChanged,
                                  AbsenceWithdrawn, RecoveryReported, AbsenceClassified>;
/// What the stream of one leave can hold.
using LeaveEvent =
    std::variant<LeaveRequested, BeliefLeaveNoticed, LeaveGranted, LeavePartlyGranted, LeaveRefused,
                 LeaveForwarded, BeliefLeaveAccepted, BeliefLeaveContested, LeaveWithdrawn>;
/// What the stream of one delivery can hold.
using DeliveryEvent = std::variant<DeliveryClaimed, DeliverySent, DeliveryFailed>;
/// What the stream of one erasure can hold.
using ErasureEvent = std::variant<SubjectErased, KeyRetired, KeysDestroyed>;
/// What the stream of one roster import can hold.
using RosterImportEvent =
    std::variant<RosterImportBegun, RosterChunkApplied, RosterImportCompleted>;

/// The kinds of event there are.
using EventKinds = std::variant<
    SchoolFounded, SchoolRenamed, SchoolDaysSet, SchoolYearSet, PostingWindowSet, ConsentPolicySet,
    PurposeAdded, NoticePublished, GroupFounded, GroupRenamed, GroupClosed, StaffAssigned,
    StaffAssignmentEnded, ChildEnrolled, ChildNameCorrected, ChildBirthDayCorrected, ChildPlaced,
    ChildLeft, GuardianLinked, GuardianRelationChanged, GuardianAuthorityRecorded, GuardianUnlinked,
    AccountOpened, AccountNameCorrected, AccountContactChanged, AccountInvited, InvitationAccepted,
    RoleGiven, RoleEnded, AccountBlocked, AccountUnblocked, AccountClosed, SessionsEnded,
    ChannelsChosen, PostPublished, PostEdited, PostRetracted, ConsentGiven, ConsentRefused,
    ConsentWithdrawn, AbsenceReported, AbsenceReportAdded, AbsenceEndChanged, AbsenceWithdrawn,
    RecoveryReported, AbsenceClassified, LeaveRequested, BeliefLeaveNoticed, LeaveGranted,
    LeavePartlyGranted, LeaveRefused, LeaveForwarded, BeliefLeaveAccepted, BeliefLeaveContested,
    LeaveWithdrawn, DeliveryClaimed, DeliverySent, DeliveryFailed, SubjectErased, KeyRetired,
    KeysDestroyed, RosterImportBegun, RosterChunkApplied, RosterImportCompleted, StaffCodesSet,
    AuditGranted, AuditGrantEnded, AuditReadRecorded, MandateGiven, ShieldRaised, ShieldLifted,
    PasswordResetAsked, PasswordReset>;

/// Any event. A new one makes every fold that must think about it fail to compile. How it
/// begins, is copied and ends is compiled once, in event.cpp: spelled out by every file that holds
/// an event, that of 64 kinds took half of all compiling.
struct EventBody : EventKinds {
  EventBody();
  /// REQUIRES: Kind is one of the kinds.
  template <class Kind>
    requires(kIsKind<Kind, EventKinds>)
  EventBody(Kind kind);  // NOLINT(google-explicit-constructor): as a variant, of any of its kinds
  EventBody(const EventBody&);
  EventBody(EventBody&&) noexcept;
  EventBody& operator=(const EventBody&);
  EventBody& operator=(EventBody&&) noexcept;
  ~EventBody();
};

/// The event's public name, as `LeaveRequested`.
std::string_view name_of(const EventBody& body);
/// The number of the event's type in the schema; never 0.
std::uint8_t number_of(const EventBody& body);

/// The event as one of the narrower variant's, or nullopt where it belongs to another stream.
template <class Narrow>
std::optional<Narrow> narrow(const EventBody& body) {
  return std::visit(
      [](const auto& event) -> std::optional<Narrow> {
        if constexpr (std::is_constructible_v<Narrow, decltype(event)>) {
          return Narrow(event);
        } else {
          return std::nullopt;
        }
      },
      body);
}

}  // namespace klasboek::events
