#pragma once
// One request on its way through a handler: who asks, of which school, and the views of that
// moment.
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "api/cursor.h"
#include "api/http_message.h"
#include "api/json_reader.h"
#include "api/json_writer.h"
#include "api/login_throttle.h"
#include "api/problem.h"
#include "api/router.h"
#include "projections/directory.h"
#include "reactions/node.h"

namespace klasboek::api {

/// Thrown where a text that must be there can't be read now (R14). Caught where requests are
/// dispatched: 503.
class TextUnreadable : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Who asks. account and role are set where the route belongs to a school.
struct Caller {
  vault::Session session;
  events::AccountId account;
  events::Role role = events::Role::none;
  projections::directory::AccountRow row;
  /// Of an auditor: the child that he reads of; zero where it is no one child.
  events::ChildId read_of;
  /// False: an auditor whose grant is for ids only.
  bool reads_text = true;
};

/// Belongs to one thread. Holds a snapshot of the views, made when the request was let in.
struct Call {
  const reactions::Node& node;
  const CursorSealer& cursors;
  LoginThrottle& throttle;
  /// Of asking for links, which costs mail.
  LoginThrottle& reset_throttle;
  const Request& request;
  const PathParameters& path;
  /// What the installation is called from outside, as in links of mails; no slash at the end.
  const std::string& public_url;
  std::int64_t now_us = 0;

  // Of routes within a school:
  events::SchoolId school;
  projections::Shard* shard = nullptr;
  std::unique_ptr<projections::ViewSnapshot> views;
  projections::directory::SchoolRow school_row;
  /// The school's own day.
  events::Day today;

  /// Of routes that ask for a session.
  Caller caller;

  /// The id that stands in the path; nullopt where it is none of this type.
  template <class AnId>
  [[nodiscard]] std::optional<AnId> path_id(std::string_view name) const {
    return events::parse_id<AnId>(path[name]);
  }
  /// The text; "[not granted]" to an auditor whose grant leaves texts closed, "[erased]" where its
  /// key was destroyed, which is said only because the log said it first. A key that is lost or not
  /// here yet is no erasure: throws TextUnreadable.
  [[nodiscard]] std::string open_text(const std::optional<projections::SealedText>& text) const;
  [[nodiscard]] Response problem(const Problem& problem) const {
    return to_response(problem, request.request_id);
  }
};

/// What a handler asks to be done: the texts are sealed and the command is built by `build`.
struct Change {
  /// Everything that makes this request what it is; another one under the same Idempotency-Key is
  /// refused. Not set: method, path and canonical body. Empty: nothing is compared.
  std::optional<std::string> canonical_body;
  /// The stream whose version is in the ETag of what is changed here: with If-Match the change is
  /// made only while it is at that version. Where it isn't set, If-Match is refused.
  std::optional<events::Stream> read_from;
  std::function<std::expected<events::CommandBody, vault::VaultFault>(vault::Sealer&)> build;
  /// The answer, out of the command's own events, so that a repeat is answered alike.
  std::function<Response(const std::vector<events::RecordedEvent>&)> answer;
  /// Who gives it, if not the caller in the role by which he was let in.
  std::optional<events::Actor> actor;
  /// One request that makes several commits: the n-th has a command id of its own.
  std::optional<std::uint32_t> chunk;
};

/// The command id of this request's Idempotency-Key; a problem where the key is missing or
/// malformed.
std::expected<events::CommandId, Problem> command_id_of(const Call& call);

/// An id that a repeat of this request gets again, for things the request makes.
template <class AnId>
AnId made_id(const events::CommandId& command, std::uint32_t n = 0) {
  return AnId{events::uuid_v8(events::command_id_of_chunk(command, n))};
}

/// Carries a change out and answers; every outcome that isn't done becomes its problem.
Response carry_out(const Call& call, const Change& change);

/// `{"position":…` and what `members` adds; status 201 with Location where location isn't empty.
Response changed(const std::vector<events::RecordedEvent>& events,
                 const std::function<void(JsonWriter&)>& members, std::string_view location = {});

/// ETag of what a stream's version and this body make (strong): `"<version>.<hash>"`. Answers 304
/// where If-None-Match names it.
Response tagged(const Call& call, std::uint64_t version, std::string body);

/// The problem of a rejection by its public name.
Problem problem_of(std::string_view rejection);
/// Everything that carry_out() itself can answer but that it is done, each as an example.
std::vector<Problem> problems_of_change();
/// 422: the Idempotency-Key was used before for a request that isn't this one.
Problem problem_of_reused_key();

}  // namespace klasboek::api
