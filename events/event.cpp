#include "events/event.h"

#include <utility>

namespace klasboek::events {

EventBody::EventBody() = default;
template <class Kind>
  requires(kIsKind<Kind, EventKinds>)
EventBody::EventBody(Kind kind) : EventKinds(std::in_place_type<Kind>, std::move(kind)) {}
EventBody::EventBody(const EventBody&) = default;
EventBody::EventBody(EventBody&&) noexcept = default;
EventBody& EventBody::operator=(const EventBody&) = default;
EventBody& EventBody::operator=(EventBody&&) noexcept = default;
EventBody::~EventBody() = default;

// Made here and nowhere else; one that is missing, the linker names.
template EventBody::EventBody(SchoolFounded);
template EventBody::EventBody(SchoolRenamed);
template EventBody::EventBody(SchoolDaysSet);
template EventBody::EventBody(SchoolYearSet);
template EventBody::EventBody(PostingWindowSet);
template EventBody::EventBody(ConsentPolicySet);
template EventBody::EventBody(PurposeAdded);
template EventBody::EventBody(NoticePublished);
template EventBody::EventBody(GroupFounded);
template EventBody::EventBody(GroupRenamed);
template EventBody::EventBody(GroupClosed);
template EventBody::EventBody(StaffAssigned);
template EventBody::EventBody(StaffAssignmentEnded);
template EventBody::EventBody(ChildEnrolled);
template EventBody::EventBody(ChildNameCorrected);
template EventBody::EventBody(ChildBirthDayCorrected);
template EventBody::EventBody(ChildPlaced);
template EventBody::EventBody(ChildLeft);
template EventBody::EventBody(GuardianLinked);
template EventBody::EventBody(GuardianRelationChanged);
template EventBody::EventBody(GuardianAuthorityRecorded);
template EventBody::EventBody(GuardianUnlinked);
template EventBody::EventBody(AccountOpened);
template EventBody::EventBody(AccountNameCorrected);
template EventBody::EventBody(AccountContactChanged);
template EventBody::EventBody(AccountInvited);
template EventBody::EventBody(InvitationAccepted);
template EventBody::EventBody(RoleGiven);
template EventBody::EventBody(RoleEnded);
template EventBody::EventBody(AccountBlocked);
template EventBody::EventBody(AccountUnblocked);
template EventBody::EventBody(AccountClosed);
template EventBody::EventBody(SessionsEnded);
template EventBody::EventBody(ChannelsChosen);
template EventBody::EventBody(PostPublished);
template EventBody::EventBody(PostEdited);
template EventBody::EventBody(PostRetracted);
template EventBody::EventBody(ConsentGiven);
template EventBody::EventBody(ConsentRefused);
template EventBody::EventBody(ConsentWithdrawn);
template EventBody::EventBody(AbsenceReported);
template EventBody::EventBody(AbsenceReportAdded);
template EventBody::EventBody(AbsenceEndChanged);
template EventBody::EventBody(AbsenceWithdrawn);
template EventBody::EventBody(RecoveryReported);
template EventBody::EventBody(AbsenceClassified);
template EventBody::EventBody(LeaveRequested);
template EventBody::EventBody(BeliefLeaveNoticed);
template EventBody::EventBody(LeaveGranted);
template EventBody::EventBody(LeavePartlyGranted);
template EventBody::EventBody(LeaveRefused);
template EventBody::EventBody(LeaveForwarded);
template EventBody::EventBody(BeliefLeaveAccepted);
template EventBody::EventBody(BeliefLeaveContested);
template EventBody::EventBody(LeaveWithdrawn);
template EventBody::EventBody(DeliveryClaimed);
template EventBody::EventBody(DeliverySent);
template EventBody::EventBody(DeliveryFailed);
template EventBody::EventBody(SubjectErased);
template EventBody::EventBody(KeyRetired);
template EventBody::EventBody(KeysDestroyed);
template EventBody::EventBody(RosterImportBegun);
template EventBody::EventBody(RosterChunkApplied);
template EventBody::EventBody(RosterImportCompleted);
template EventBody::EventBody(StaffCodesSet);
template EventBody::EventBody(AuditGranted);
template EventBody::EventBody(AuditGrantEnded);
template EventBody::EventBody(AuditReadRecorded);
template EventBody::EventBody(MandateGiven);
template EventBody::EventBody(ShieldRaised);
template EventBody::EventBody(ShieldLifted);
template EventBody::EventBody(PasswordResetAsked);
template EventBody::EventBody(PasswordReset);

}  // namespace klasboek::events
