#pragma once
// Every reason to say no, by name. The name is public: it is the `code` of the answer to the client
// and what a settled rejection keeps in the log. Names are never reused; the order isn't a
// contract.
#include <cstdint>
#include <optional>
#include <string_view>

namespace klasboek::aggregates {

/// stale: what the change was based on isn't what there is any more.
enum class RejectionKind : std::uint8_t { invalid, not_found, conflict, forbidden, stale };

enum class Rejection : std::uint16_t {
  // Who may do what.
  account_not_active,
  role_not_held,
  role_not_sufficient,
  not_own_child,
  not_own_class,
  not_own_account,
  not_own_post,
  guardian_has_no_authority,
  pupil_decides_from_sixteen,
  own_child_is_decided_by_another,
  role_not_granted_by_import,
  mandate_does_not_cover,
  audit_not_granted,
  // School.
  school_not_found,
  school_exists,
  name_empty,
  time_zone_unknown,
  school_days_invalid,
  school_year_invalid,
  school_year_not_set,
  posting_window_invalid,
  purpose_not_found,
  purpose_exists,
  purpose_code_invalid,
  notice_text_missing,
  notice_version_not_current,
  notice_language_unknown,
  // Groups and children.
  group_not_found,
  group_exists,
  group_closed,
  group_is_no_class,
  staff_already_assigned,
  staff_not_assigned,
  child_not_found,
  child_exists,
  child_left,
  child_already_there,
  guardian_already_linked,
  guardian_not_linked,
  shield_already_raised,
  shield_not_raised,
  day_before_enrolment,
  // Accounts.
  account_not_found,
  account_exists,
  account_closed,
  account_blocked,
  account_not_blocked,
  account_already_admitted,
  invitation_not_found,
  invitation_used,
  invitation_replaced,
  invitation_expired,
  invitation_expiry_invalid,
  code_wrong,
  role_already_given,
  role_not_given,
  role_invalid,
  mandate_without_powers,
  audit_grant_not_found,
  account_not_admitted,
  reset_not_found,
  reset_used,
  reset_replaced,
  reset_expired,
  reset_expiry_invalid,
  reset_asked_recently,
  // Posts.
  post_not_found,
  post_exists,
  post_retracted,
  post_without_audience,
  post_text_missing,
  post_release_in_past,
  post_ends_before_release,
  emergency_needs_director,
  // Consent.
  consent_answer_unchanged,
  consent_route_invalid,
  consent_given_in_future,
  consent_later_answer_known,
  // Absence.
  absence_not_found,
  absence_exists,
  absence_days_invalid,
  absence_too_long,
  absence_no_school_day,
  absence_part_of_day_invalid,
  absence_already_reported_by_you,
  absence_overlaps_another,
  absence_withdrawn,
  absence_already_ended,
  absence_end_unchanged,
  absence_class_unchanged,
  absence_has_begun,
  absence_not_begun,
  absence_in_past,
  // Leave.
  leave_not_found,
  leave_exists,
  leave_days_invalid,
  leave_no_school_day,
  leave_outside_school_year,
  leave_asked_in_future,
  leave_not_compulsory,
  leave_not_pending,
  leave_requester_only,
  leave_reasons_missing,
  leave_exceeds_head_limit,
  leave_within_head_limit,
  leave_verdict_not_for_ground,
  leave_part_outside_request,
  leave_part_is_whole,
  // Reactions and imports.
  delivery_already_claimed,
  delivery_already_sent,
  delivery_given_up,
  delivery_not_claimed,
  import_not_found,
  import_exists,
  import_chunk_out_of_order,
  import_incomplete,
  import_completed,
  import_step_not_allowed,
  // Anything.
  reason_missing,
  term_invalid,
  nothing_to_change,
  changed_since_read,
  // Keys and erasure.
  key_retired,
  erasure_of_oneself,
  erasure_of_nothing,
  erasure_before_term,
  erasure_of_open_account,
  keys_not_listed,
  keys_already_destroyed,
  count_
};

struct RejectionRow {
  Rejection rejection;
  std::string_view name;
  RejectionKind kind;
  /// What is wrong and what to do, for a person: English and Dutch.
  std::string_view english;
  std::string_view dutch;
};

/// The row of a rejection; every one has one.
const RejectionRow& row_of(Rejection rejection);
/// The rejection by its public name, as in a settled rejection of the log.
std::optional<Rejection> rejection_by_name(std::string_view name);

}  // namespace klasboek::aggregates
