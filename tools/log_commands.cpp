#include <iostream>

#include "api/access.h"
#include "api/base64.h"
#include "api/json_writer.h"
#include "tools/progress.h"

namespace klasboek::tools {

namespace {

std::string line_of(const events::RecordedEvent& event) {
  std::string text;
  api::JsonWriter json(text);
  json.begin_object()
      .integer("sequence", static_cast<std::int64_t>(event.sequence))
      .text("event", events::to_text(event.event))
      .text("type", events::name_of(event.body))
      .text("stream", events::to_text(event.stream))
      .integer("stream_version", static_cast<std::int64_t>(event.stream_version))
      .instant("recorded_at", event.recorded_at_us)
      .text("actor", events::to_text(event.actor.account))
      .text("role", api::name_of(event.actor.role))
      .end_object();
  return text;
}

std::string line_of(const log::StoredCommit& commit) {
  std::string text;
  api::JsonWriter json(text);
  json.begin_object()
      .integer("position", static_cast<std::int64_t>(commit.position))
      .integer("first_sequence", static_cast<std::int64_t>(commit.first_sequence))
      .instant("recorded_at", commit.recorded_at_us)
      .text("frame", api::base64_of(commit.frame_bytes.bytes()));
  json.begin_array("leaves");
  for (const auto& leaf : commit.leaf_hashes) json.text(api::base64_of(leaf));
  json.end_array().end_object();
  return text;
}

void print(const Toolbox& toolbox, const projections::RebuildReport& report) {
  const auto digest = events::to_hex(report.rebuilt.hash);
  if (!toolbox.json) {
    toolbox.out << (report.equal() ? "equal    " : "DIFFERS  ") << digest.substr(0, 16) << "  "
                << report.view << " (" << report.rebuilt.rows << " rows)\n";
    return;
  }
  std::string text;
  api::JsonWriter(text)
      .begin_object()
      .text("view", report.view)
      .boolean("equal", report.equal())
      .integer("rows", static_cast<std::int64_t>(report.rebuilt.rows))
      .text("digest", digest)
      .end_object();
  toolbox.out << text << "\n";
}

}  // namespace

int tail_command(const Toolbox& toolbox, const std::string& school_name, std::uint64_t from) {
  const auto installation = open_installation(toolbox);
  if (!installation) return kCannotOpen;
  const auto school = school_named(toolbox, *installation, school_name);
  if (!school) return kUsage;
  installation->shards().of(*school).ledger().read_school(*school, from,
                                                          [&](const events::RecordedEvent& event) {
                                                            toolbox.out << line_of(event) << "\n";
                                                            return toolbox.out.good();
                                                          });
  return kDone;
}

int export_command(const Toolbox& toolbox, const std::string& school_name) {
  const auto installation = open_installation(toolbox);
  if (!installation) return kCannotOpen;
  const auto school = school_named(toolbox, *installation, school_name);
  if (!school) return kUsage;
  const auto& ledger = installation->shards().of(*school).ledger();
  const auto events = ledger.school_head(*school).next_sequence;
  // Where the lines themselves are looked at, a bar would be written through them.
  const auto bar =
      toolbox.out_is_terminal ? projections::Progress{} : progress_bar(toolbox, "export");
  ledger.read_commits(*school, 0, [&](const log::StoredCommit& commit) {
    toolbox.out << line_of(commit) << "\n";
    if (bar) bar(commit.first_sequence + commit.frame.events.size(), events);
    return toolbox.out.good();
  });
  return toolbox.out.good() ? kDone : kRefused;
}

int replay_command(const Toolbox& toolbox) {
  const auto installation = open_installation(toolbox);
  if (!installation) return kCannotOpen;
  bool equal = true;
  std::vector<const projections::View*> views;
  for (const auto& view : projections::all_views()) views.push_back(view.get());
  for (const auto& shard : installation->shards().all()) {
    const auto reports = shard->projector->rebuild(views, progress_bar(toolbox, "replay"));
    if (!reports) {
      toolbox.err << "klasboek: " << reports.error().message << "\n";
      return kCannotOpen;
    }
    for (const auto& report : *reports) {
      equal = equal && report.equal();
      print(toolbox, report);
    }
  }
  return equal ? kDone : kRefused;
}

int version_command(const Toolbox& toolbox) {
  constexpr std::string_view kVersion = "0.1.0";
  const auto schema = events::to_hex(events::schema_hash());
  if (toolbox.json) {
    std::string text;
    api::JsonWriter(text)
        .begin_object()
        .text("version", kVersion)
        .integer("frame_format", events::kFrameFormat)
        .text("schema", schema)
        .end_object();
    toolbox.out << text << "\n";
  } else {
    toolbox.out << "klasboek " << kVersion << ", frames of format " << events::kFrameFormat
                << ", schema " << schema.substr(0, 16) << "\n";
  }
  return kDone;
}

}  // namespace klasboek::tools
