#include "api/call.h"

#include <sodium.h>

#include <algorithm>
#include <charconv>

#include "aggregates/rejection.h"

namespace klasboek::api {

namespace {

constexpr std::size_t kIdempotencyKeyBytesMax = 255;
constexpr std::size_t kTagHashBytes = 16;

Problem idempotency_problem(std::string_view code, std::string detail) {
  return {400,
          std::string(code),
          "Idempotency-Key",
          std::move(detail),
          "Send a new random value with each new request, and the same one when you repeat it.",
          {},
          std::nullopt,
          {}};
}

/// What can happen to a change but that it is done.
struct ToProblem {
  Problem operator()(const log::Done&) const { return internal_error(); }
  Problem operator()(const log::Refused& refused) const { return problem_of(refused.rejection); }
  Problem operator()(const log::OtherRequest&) const { return problem_of_reused_key(); }
  Problem operator()(const log::Contended&) const {
    return {409,
            "contended",
            "Others are changing the same thing",
            "The request was tried several times and was always just too late; nothing changed.",
            "Send it again with the same Idempotency-Key.",
            {},
            1,
            {}};
  }
  Problem operator()(const log::Unavailable&) const {
    return unavailable("Nothing was changed. Send it again with the same Idempotency-Key.", 2);
  }
  Problem operator()(const log::UnknownOutcome&) const {
    return unavailable(
        "Whether it was done isn't known yet. Send it again with the same Idempotency-Key to hear.",
        2);
  }
  Problem operator()(const log::TooLarge&) const {
    return {413,
            "commit_too_large",
            "Too much at once",
            "What this request would record is larger than one record may be.",
            "Split it into several requests.",
            {},
            std::nullopt,
            {}};
  }
};

int status_of(aggregates::RejectionKind kind) {
  switch (kind) {
    case aggregates::RejectionKind::invalid:
      return 422;
    case aggregates::RejectionKind::not_found:
      return 404;
    case aggregates::RejectionKind::conflict:
      return 409;
    case aggregates::RejectionKind::forbidden:
      return 403;
    case aggregates::RejectionKind::stale:
      return 412;
  }
  std::abort();
}

std::string tag_of(std::uint64_t version, std::string_view body) {
  std::array<std::uint8_t, kTagHashBytes> hash{};
  crypto_generichash(hash.data(), hash.size(), reinterpret_cast<const std::uint8_t*>(body.data()),
                     body.size(), nullptr, 0);
  return "\"" + std::to_string(version) + "." + events::to_hex(hash) + "\"";
}

/// The request as a repeat of it must be, however its JSON is laid out.
std::string canonical_request(const Request& request) {
  const auto body = parse_json(request.body);
  return std::string(method_name(request.method)) + " " + request.path + "\n" +
         (body ? canonical_json(*body) : request.body);
}

Problem if_match_problem(std::string detail) {
  return {400,
          "if_match_unusable",
          "If-Match",
          std::move(detail),
          "Send the ETag that the last answer about it had, or leave If-Match out.",
          {},
          std::nullopt,
          {}};
}

/// `"<version>.<hash>"`, of which the version counts (R20); nullopt where it is something else.
std::optional<std::uint64_t> version_in(std::string_view tag) {
  std::uint64_t version = 0;
  if (!tag.starts_with('"') || !tag.ends_with('"') || std::ranges::count(tag, '"') != 2) {
    return std::nullopt;
  }
  const auto parsed = std::from_chars(tag.data() + 1, tag.data() + tag.size(), version);
  if (parsed.ec != std::errc{} || *parsed.ptr != '.') return std::nullopt;
  return version;
}

/// What the request says by If-Match that it read; nullopt where it says nothing.
std::expected<std::optional<events::Condition>, Problem> as_read(const Call& call,
                                                                 const Change& change) {
  const auto tag = call.request.headers.find("If-Match");
  // What there is none of is refused by name anyway.
  if (!tag || (*tag == "*" && change.read_from)) return std::nullopt;
  if (!change.read_from) {
    return std::unexpected(if_match_problem("What is changed here has no version to compare."));
  }
  const auto version = version_in(*tag);
  if (!version) return std::unexpected(if_match_problem("It is one ETag, as an answer gave it."));
  return events::Condition{*change.read_from, *version};
}

}  // namespace

std::string Call::open_text(const std::optional<projections::SealedText>& text) const {
  if (!text) return {};
  if (!caller.reads_text) return "[not granted]";
  const auto opened = node.vault.unseal(school, text->command, text->sealed);
  if (opened) return *opened;
  switch (opened.error()) {
    case vault::UnsealFault::erased:
      return "[erased]";
    case vault::UnsealFault::key_missing:
    case vault::UnsealFault::damaged:
    case vault::UnsealFault::unavailable:
      break;
  }
  throw TextUnreadable(std::string(vault::name_of(opened.error())) + ", " +
                       events::to_text(text->sealed.key));
}

std::expected<events::CommandId, Problem> command_id_of(const Call& call) {
  const auto key = call.request.headers.find("Idempotency-Key");
  if (!key) {
    return std::unexpected(idempotency_problem(
        "idempotency_key_missing", "A request that changes something needs an Idempotency-Key."));
  }
  const bool printable = std::ranges::all_of(*key, [](char c) { return c >= 0x21 && c <= 0x7E; });
  if (key->empty() || key->size() > kIdempotencyKeyBytesMax || !printable) {
    return std::unexpected(idempotency_problem(
        "idempotency_key_malformed", "It is 1 to 255 visible ASCII characters without a space."));
  }
  return events::command_id_of_request(call.school, call.caller.account, *key);
}

Response carry_out(const Call& call, const Change& change) {
  const auto command = command_id_of(call);
  if (!command) return call.problem(command.error());
  reactions::Order order;
  order.school = call.school;
  order.actor = change.actor.value_or(events::Actor{call.caller.account, call.caller.role, {}});
  order.command = change.chunk ? events::command_id_of_chunk(*command, *change.chunk) : *command;
  order.canonical_body = change.canonical_body.value_or(canonical_request(call.request));
  const auto read = as_read(call, change);
  if (!read) return call.problem(read.error());
  order.as_read = *read;
  order.build = change.build;
  const auto outcome = reactions::carry_out(call.node, order);
  if (const auto* done = std::get_if<log::Done>(&outcome)) {
    return change.answer(reactions::events_of(call.node, call.school, *done));
  }
  return call.problem(std::visit(ToProblem{}, outcome));
}

Response changed(const std::vector<events::RecordedEvent>& events,
                 const std::function<void(JsonWriter&)>& members, std::string_view location) {
  std::string body;
  JsonWriter json(body);
  json.begin_object();
  if (!events.empty()) {
    json.integer("position", static_cast<std::int64_t>(events.back().sequence));
  }
  members(json);
  json.end_object();
  auto response = ok_json(std::move(body));
  response.add_header("Cache-Control", "private, no-store");
  if (!location.empty()) {
    response.status = 201;
    response.add_header("Location", std::string(location));
  }
  if (!events.empty()) {
    response.add_header("ETag", tag_of(events.back().stream_version, response.body));
  }
  return response;
}

Response tagged(const Call& call, std::uint64_t version, std::string body) {
  const auto tag = tag_of(version, body);
  const auto known = call.request.headers.find("If-None-Match");
  Response response = ok_json(std::move(body));
  if (known && known->find(tag) != std::string_view::npos) {
    response.status = 304;
    response.body.clear();
    response.content_type.clear();
  }
  response.add_header("ETag", tag);
  response.add_header("Cache-Control", "private, no-cache");
  return response;
}

Problem problem_of(std::string_view rejection) {
  const auto known = aggregates::rejection_by_name(rejection);
  if (!known) return internal_error();
  const auto& row = aggregates::row_of(*known);
  // The first sentence says what is wrong, the others what to do.
  const auto end = std::min(row.english.find(". "), row.english.size() - 1) + 1;
  const auto remedy = row.english.substr(end == row.english.size() ? 0 : end + 1);
  return {status_of(row.kind), std::string(row.name),
          "Refused",           std::string(row.english.substr(0, end)),
          std::string(remedy), {},
          std::nullopt,        {}};
}

std::vector<Problem> problems_of_change() {
  return {idempotency_problem("idempotency_key_missing",
                              "A request that changes something needs an Idempotency-Key."),
          idempotency_problem("idempotency_key_malformed",
                              "It is 1 to 255 visible ASCII characters without a space."),
          if_match_problem("It is one ETag, as an answer gave it."),
          ToProblem{}(log::Contended{}),
          ToProblem{}(log::Unavailable{}),
          ToProblem{}(log::TooLarge{}),
          problem_of_reused_key()};
}

Problem problem_of_reused_key() {
  return {422,
          "idempotency_key_reused",
          "Another request had this Idempotency-Key",
          "The key was used before for a request with another body.",
          "Repeat the first request, or use a new key for this one.",
          {},
          std::nullopt,
          {}};
}

}  // namespace klasboek::api
