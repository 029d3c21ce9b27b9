#pragma once
// Rules of the log that hold on every log, each a story on a log that a test program gives: the
// embedded one and the one on a real Kafka go through the same. Call inside a TEST_CASE.
#include "tests/support/log_contract.h"

namespace klasboek::tests {

/// R1: whatever happens in between, also a restart.
void check_a_command_is_done_once(LogUnderTest& under_test);
/// R1: of a commit that conflicts and of one that is void.
void check_a_void_commit_leaves_its_command_free(LogUnderTest& under_test);
/// R2: written or only read, known or new.
void check_every_condition_counts(LogUnderTest& under_test);
/// R2
void check_a_written_stream_must_be_a_condition(LogUnderTest& under_test);
/// R4: values and versions of several streams are those of the moment at which deciding began.
void check_a_decision_sees_one_moment(LogUnderTest& under_test);
/// R6: by another program too, and without deciding again.
void check_a_repeat_is_answered_by_its_events(LogUnderTest& under_test);
/// R8
void check_the_largest_commit_goes_through(LogUnderTest& under_test);
/// R10: another body under the same command.
void check_fingerprints_tell_requests_apart(LogUnderTest& under_test);
/// R11
void check_recorded_time_never_runs_back(LogUnderTest& under_test);
/// R13
void check_keys_are_durable_first(LogUnderTest& under_test);
/// R13
void check_keys_of_a_group_are_durable_at_once(LogUnderTest& under_test);

/// What settles the command of a commit as rejected, at the same time, and nothing else.
events::NewCommit settling(const events::NewCommit& of, const std::string& rejection);
/// A commit that seals under so many new keys.
log::PendingCommit pending_with_keys(events::NewCommit commit, std::size_t keys);

}  // namespace klasboek::tests
