// Roster files by HTTP: upload, look at the plan, apply it, or give it up.
#include "api/roster_upload.h"

#include <algorithm>
#include <chrono>

#include "api/admission.h"
#include "api/base64.h"
#include "api/roster_apply.h"
#include "api/roster_waiting.h"
#include "api/route.h"

namespace klasboek::api {

namespace {

using events::Role;
using roster::Draft;
using roster::ImportState;
using roster::NamedFile;
using roster::WaitingFiles;

constexpr ListLimits kFilesMax{.min = 1, .max = 2};
constexpr TextLimits kFileNameLimits{.min = 1, .max = 255};
constexpr IntegerLimits kLeaversLimits{.min = 0, .max = 1'000'000};
constexpr JsonLimits kUploadLimits{.bytes_max = kRosterUploadBytesMax};
/// Left of a request's time for the answer when an import stops to be asked again.
constexpr std::chrono::seconds kAnswerTime{5};

roster::Language language_of(const Call& call) {
  const auto wanted = call.request.headers.find("Accept-Language").value_or("");
  return wanted.starts_with("nl") ? roster::Language::dutch : roster::Language::english;
}

std::string_view status_of(const ImportState& state) {
  if (state.completed) return "completed";
  return state.begun ? "applying" : "waiting";
}

Problem vault_unavailable() {
  return unavailable("Nothing was changed: the vault can't be read just now.", 2);
}

Problem conflict(std::string code, std::string title, std::string detail, std::string remedy) {
  return {409,
          std::move(code),
          std::move(title),
          std::move(detail),
          std::move(remedy),
          {},
          std::nullopt,
          {}};
}

/// An import that somebody asks for by its id.
struct Asked {
  events::RosterImportId id;
  ImportState state;
  /// nullopt when they were applied, or wait at another node.
  std::optional<WaitingFiles> waiting;
};

std::expected<Asked, Problem> asked_for(const Call& call, events::RosterImportId id) {
  Asked asked{id, roster::state_of(call.node, call.school, id), {}};
  auto waiting = roster::waiting_files(call.node.vault, call.school, id);
  if (!waiting) return std::unexpected(vault_unavailable());
  asked.waiting = *std::move(waiting);
  if (asked.state.completed && asked.waiting) {
    roster::stop_waiting(call.node.vault, id);
    asked.waiting.reset();
  }
  return asked;
}

std::expected<Asked, Problem> asked_in_path(const Call& call) {
  const auto id = call.path_id<events::RosterImportId>("import");
  if (!id) return std::unexpected(not_found());
  auto asked = asked_for(call, *id);
  if (asked && !asked->state.begun && !asked->waiting) return std::unexpected(not_found());
  return asked;
}

std::expected<Draft, Problem> draft_of(const Call& call, const std::vector<NamedFile>& files) {
  auto draft = roster::draft_import(call.node, call.school, call.today, files);
  if (!draft) return std::unexpected(vault_unavailable());
  return *std::move(draft);
}

Response answer(const Call& call, const Asked& asked, const Draft* draft, int status) {
  std::string text;
  JsonWriter json(text);
  json.begin_object()
      .text("id", events::to_text(asked.id))
      .text("status", status_of(asked.state))
      .integer("chunks_done", asked.state.chunks_done)
      .integer("chunks", asked.state.chunks);
  json.begin_array("files");
  if (asked.waiting) {
    for (const auto& file : asked.waiting->files) json.text(file.name);
  }
  json.end_array();
  if (draft != nullptr) {
    const auto language = language_of(call);
    json.text("text", roster::render_plan(draft->plan, language))
        .raw("plan", roster::to_json(draft->plan, draft->reading.problems, language));
  } else {
    json.null("text").null("plan");
  }
  json.end_object();
  auto response = ok_json(std::move(text));
  response.status = status;
  response.add_header("Cache-Control", "private, no-store");
  return response;
}

/// Every problem of the files in the place of the file that has it.
Problem refused_files(const Call& call, const Draft& draft) {
  Problem problem{422,
                  "roster_refused",
                  "The files can't be used",
                  "Each entry of errors names a file and what is wrong with it.",
                  "Mend the files, or export them again, and upload them all.",
                  {},
                  std::nullopt,
                  {}};
  const auto language = language_of(call);
  for (const auto& each : draft.reading.problems) {
    if (problem.errors.size() == kFieldErrorsMax) break;
    problem.errors.push_back(
        {"/files/" + std::to_string(each.where.file), std::string(roster::kind_of(each.code).name),
         roster::message(each, language) + " " + roster::remedy(each, language)});
  }
  return problem;
}

std::expected<std::vector<NamedFile>, Problem> files_in(const Request& request) {
  const auto body = read_json(request, kUploadLimits);
  if (!body) return std::unexpected(body.error());
  JsonReader reader(*body);
  std::vector<NamedFile> files;
  reader.objects("files", kFilesMax, [&](JsonReader& file) {
    auto name = file.text("name", kFileNameLimits);
    auto bytes = file.parsed("content", bytes_of_base64, "the file's bytes as base64");
    files.push_back({std::move(name), std::move(bytes).value_or("")});
  });
  if (auto problem = reader.finish()) return std::unexpected(*std::move(problem));
  return files;
}

bool same_files(const std::vector<NamedFile>& some, const std::vector<NamedFile>& others) {
  return std::ranges::equal(some, others, {}, &NamedFile::bytes, &NamedFile::bytes);
}

Response upload(Call& call) {
  auto files = files_in(call.request);
  if (!files) return call.problem(files.error());
  const auto id = made_id<events::RosterImportId>(*command_id_of(call));
  auto asked = asked_for(call, id);
  if (!asked) return call.problem(asked.error());
  if (asked->waiting && !same_files(asked->waiting->files, *files)) {
    return call.problem(problem_of_reused_key());
  }
  const auto location =
      "/v1/schools/" + events::to_text(call.school) + "/roster-imports/" + events::to_text(id);
  std::optional<Draft> draft;
  if (!asked->state.begun) {
    auto drafted = draft_of(call, *files);
    if (!drafted) return call.problem(drafted.error());
    if (drafted->refused) return call.problem(refused_files(call, *drafted));
    draft = *std::move(drafted);
    roster::give_up_forgotten(call.node.vault, call.now_us);
    asked->waiting = WaitingFiles{call.school, call.now_us, *std::move(files)};
    if (!roster::keep_waiting(call.node.vault, id, *asked->waiting)) {
      return call.problem(vault_unavailable());
    }
  }
  auto response = answer(call, *asked, draft ? &*draft : nullptr, 201);
  response.add_header("Location", location);
  return response;
}

Response see_import(Call& call) {
  const auto asked = asked_in_path(call);
  if (!asked) return call.problem(asked.error());
  if (!asked->waiting) return answer(call, *asked, nullptr, 200);
  const auto draft = draft_of(call, asked->waiting->files);
  if (!draft) return call.problem(draft.error());
  return answer(call, *asked, &*draft, 200);
}

Problem not_confirmed(const Draft& draft) {
  const auto& ask = *draft.plan.requires_confirmation;
  const auto leavers = std::to_string(ask.leavers);
  return conflict("leavers_not_confirmed", "So many pupils would leave that you have to say it",
                  leavers + " of " + std::to_string(ask.children) +
                      " pupils aren't in the files and would leave. Nothing was changed.",
                  "If that is right, send {\"leavers\":" + leavers + "}.");
}

Response apply_import(Call& call) {
  const auto body = read_json(call.request);
  if (!body) return call.problem(body.error());
  JsonReader reader(*body);
  const auto leavers = reader.optional_integer("leavers", kLeaversLimits);
  if (const auto problem = reader.finish()) return call.problem(*problem);
  auto asked = asked_in_path(call);
  if (!asked) return call.problem(asked.error());
  if (asked->state.completed) return answer(call, *asked, nullptr, 200);
  if (!asked->waiting) {
    return call.problem(unavailable("The files of this import wait at another node.", 5));
  }
  const auto& files = asked->waiting->files;
  const auto draft = draft_of(call, files);
  if (!draft) return call.problem(draft.error());

  roster::ImportOrder order{.school = call.school,
                            .id = asked->id,
                            .actor = {call.caller.account, call.caller.role, {}},
                            .leavers = {},
                            .digest = roster::digest_of(call.node, call.school, files)};
  if (leavers) order.leavers = static_cast<std::size_t>(*leavers);
  const auto deadline = call.request.deadline;
  const bool is_bounded = deadline != std::chrono::steady_clock::time_point{};
  const auto outcome = roster::apply(call.node, order, *draft, [&](std::uint32_t, std::uint32_t) {
    return !is_bounded || std::chrono::steady_clock::now() + kAnswerTime < deadline;
  });
  asked->state = outcome.state;
  switch (outcome.end) {
    case roster::ApplyEnd::completed:
      roster::stop_waiting(call.node.vault, asked->id);
      asked->waiting.reset();
      return answer(call, *asked, nullptr, 200);
    case roster::ApplyEnd::cut_off: {
      auto response = answer(call, *asked, nullptr, 202);
      response.add_header("Retry-After", "1");
      return response;
    }
    case roster::ApplyEnd::not_confirmed:
      return call.problem(not_confirmed(*draft));
    case roster::ApplyEnd::school_changed:
      return call.problem(conflict(
          "school_changed", "Somebody changed the school meanwhile",
          "What the plan speaks of isn't as it was. What was applied stays.",
          "Look at the plan again, and apply it again; or upload the files anew for the rest."));
    case roster::ApplyEnd::unavailable:
      return call.problem(unavailable("The import was cut off; send it again to go on.", 2));
  }
  std::abort();
}

Response give_up(Call& call) {
  const auto asked = asked_in_path(call);
  if (!asked) return call.problem(asked.error());
  if (asked->waiting) roster::stop_waiting(call.node.vault, asked->id);
  return no_content();
}

/// As the aggregates have it: a deputy gives nobody a role, and an import does.
Access importers() { return members({{Role::office}, {Role::director}}); }

constexpr std::string_view kUploadShape =
    R"({"type":"object","required":["files"],"additionalProperties":false,"properties":{"files":{"type":"array","minItems":1,"maxItems":2,"items":{"type":"object","required":["name","content"],"additionalProperties":false,"properties":{"name":{"type":"string","minLength":1,"maxLength":255},"content":{"type":"string","contentEncoding":"base64"}}}}}})";
constexpr std::string_view kImportShape =
    R"({"type":"object","required":["id","status","chunks_done","chunks","files","text","plan"],"properties":{"id":{"type":"string"},"status":{"enum":["waiting","applying","completed"]},"chunks_done":{"type":"integer"},"chunks":{"type":"integer"},"files":{"type":"array","items":{"type":"string"}},"text":{"type":["string","null"]},"plan":{"type":["object","null"]}}})";

}  // namespace

std::vector<Route> roster_import_routes() {
  return {
      {Method::post,
       "/v1/schools/{school}/roster-imports",
       "upload_roster",
       "Upload roster files (EDEXML, UWLR, CSV of guardians) and see what they would change",
       importers(),
       upload,
       {kUploadShape, kImportShape},
       kRosterUploadBytesMax},
      {Method::get,
       "/v1/schools/{school}/roster-imports/{import}",
       "see_roster_import",
       "The plan of an import as the school is now, its problems, and how far it is",
       importers(),
       see_import,
       {"", kImportShape}},
      {Method::post,
       "/v1/schools/{school}/roster-imports/{import}/apply",
       "apply_roster_import",
       "Carry the plan out; 202: there is more to do, ask again",
       importers(),
       apply_import,
       {R"({"type":"object","additionalProperties":false,"properties":{"leavers":{"type":"integer","minimum":0}}})",
        kImportShape}},
      {Method::delete_,
       "/v1/schools/{school}/roster-imports/{import}",
       "give_up_roster_import",
       "Destroy the files that wait; what was applied stays",
       importers(),
       give_up,
       {"", ""}},
  };
}

}  // namespace klasboek::api
