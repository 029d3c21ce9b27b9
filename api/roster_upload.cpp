// Roster files by HTTP: upload, look at the plan, apply it, or give it up.
#include "api/roster_upload.h"

#include <algorithm>
#include <chrono>

#include "api/admission.h"
#include "api/base64.h"
#include "api/roster_apply.h"
#include "api/roster_plan_shape.h"
#include "api/roster_waiting.h"
#include "api/route.h"

namespace klasboek::api {

namespace {

using events::Role;
using roster::Draft;
using roster::ImportState;
using roster::NamedFile;
using roster::WaitingFiles;
using schema::optional;
using schema::required;

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

Problem roster_refused() {
  return {422,
          "roster_refused",
          "The files can't be used",
          "Each entry of errors names a file and what is wrong with it.",
          "Mend the files, or export them again, and upload them all.",
          {},
          std::nullopt,
          {}};
}

/// Every problem of the files in the place of the file that has it.
Problem refused_files(const Call& call, const Draft& draft) {
  auto problem = roster_refused();
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
  const auto& waiting = asked->waiting;
  if (waiting && !same_files(waiting->files, *files)) {
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
    WaitingFiles kept{call.school, call.now_us, *std::move(files)};
    if (!roster::keep_waiting(call.node.vault, id, kept)) {
      return call.problem(vault_unavailable());
    }
    asked->waiting = std::move(kept);
  }
  auto response = answer(call, *asked, draft ? &*draft : nullptr, 201);
  response.add_header("Location", location);
  return response;
}

Response see_import(Call& call) {
  const auto asked = asked_in_path(call);
  if (!asked) return call.problem(asked.error());
  const auto& waiting = asked->waiting;
  if (!waiting) return answer(call, *asked, nullptr, 200);
  const auto draft = draft_of(call, waiting->files);
  if (!draft) return call.problem(draft.error());
  return answer(call, *asked, &*draft, 200);
}

Problem leavers_not_confirmed(std::size_t leavers_count, std::size_t children) {
  const auto leavers = std::to_string(leavers_count);
  return conflict("leavers_not_confirmed", "So many pupils would leave that you have to say it",
                  leavers + " of " + std::to_string(children) +
                      " pupils aren't in the files and would leave. Nothing was changed.",
                  "If that is right, send {\"leavers\":" + leavers + "}.");
}

Problem school_changed() {
  return conflict(
      "school_changed", "Somebody changed the school meanwhile",
      "What the plan speaks of isn't as it was. What was applied stays.",
      "Look at the plan again, and apply it again; or upload the files anew for the rest.");
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
  const auto& waiting = asked->waiting;
  if (!waiting) {
    return call.problem(unavailable("The files of this import wait at another node.", 5));
  }
  const auto& files = waiting->files;
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
    case roster::ApplyEnd::not_confirmed: {
      const auto& ask = draft->plan.requires_confirmation;
      return call.problem(ask ? leavers_not_confirmed(ask->leavers, ask->children)
                              : internal_error());
    }
    case roster::ApplyEnd::school_changed:
      return call.problem(school_changed());
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

schema::Schema upload_body() {
  const auto file = schema::body({required("name", schema::text(kFileNameLimits, "leerlingen.xml")),
                                  required("content", schema::base64(kRosterUploadBytesMax))});
  return schema::named("RosterUpload",
                       schema::body({required(
                           "files", schema::list(kFilesMax, schema::named("RosterFile", file)))}));
}

schema::Schema import_shape() {
  return schema::named(
      "RosterImport",
      schema::object({
          required("id", schema::id<events::RosterImportId>()),
          required("status", schema::one_of({"waiting", "applying", "completed"})),
          required("chunks_done", schema::count(0)),
          required("chunks", schema::count(0)),
          required("files", schema::list({.min = 0, .max = kFilesMax.max},
                                         schema::words(255, "leerlingen.xml"))),
          required("text", schema::nullable(schema::words(10'000'000, "60 children are added."))),
          required("plan", schema::nullable(roster::plan_shape())),
      }));
}

}  // namespace

std::vector<Route> roster_import_routes() {
  return {
      {Method::post, "/v1/schools/{school}/roster-imports", "upload_roster",
       "Upload roster files (EDEXML, UWLR, CSV of guardians) and see what they would change",
       importers(), upload,
       makes(import_shape()).takes(upload_body()).fails_with({roster_refused()}),
       kRosterUploadBytesMax},
      {Method::get, "/v1/schools/{school}/roster-imports/{import}", "see_roster_import",
       "The plan of an import as the school is now, its problems, and how far it is", importers(),
       see_import, gives(import_shape())},
      {Method::post, "/v1/schools/{school}/roster-imports/{import}/apply", "apply_roster_import",
       "Carry the plan out; 202: there is more to do, ask again", importers(), apply_import,
       gives(import_shape())
           .or_else({202, "There is more to do: ask again", import_shape()})
           .takes(schema::named(
               "RosterApply",
               schema::body({optional("leavers", schema::integer(kLeaversLimits, 0))})))
           .fails_with({leavers_not_confirmed(12, 200), school_changed()})},
      {Method::delete_, "/v1/schools/{school}/roster-imports/{import}", "give_up_roster_import",
       "Destroy the files that wait; what was applied stays", importers(), give_up, ends()},
  };
}

}  // namespace klasboek::api
