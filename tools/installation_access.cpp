#include <algorithm>
#include <chrono>
#include <iostream>

#include "tools/progress.h"

namespace klasboek::tools {

namespace {

std::int64_t system_now_us() {
  return std::chrono::duration_cast<std::chrono::microseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

}  // namespace

std::unique_ptr<reactions::Installation> open_installation(const Toolbox& toolbox,
                                                           reactions::IfMissing if_missing,
                                                           std::optional<vault::MasterKey> master) {
  auto place = place_of(toolbox.configuration);
  place.if_missing = if_missing;
  place.master = std::move(master);
  auto opened = reactions::Installation::open(place, system_now_us, vault::system_random(),
                                              progress_bar(toolbox, "views"), toolbox.surroundings);
  if (opened) return *std::move(opened);
  toolbox.err << "klasboek: " << opened.error().explanation << "\n";
  return nullptr;
}

std::optional<events::SchoolId> school_named(const Toolbox& toolbox,
                                             const reactions::Installation& installation,
                                             const std::string& name) {
  std::vector<events::SchoolId> schools;
  for (const auto& shard : installation.node().shards.all()) {
    for (const auto& school : shard->ledger().schools()) schools.push_back(school);
  }
  if (!name.empty()) {
    const auto id = events::parse_id<events::SchoolId>(name);
    if (id && std::ranges::find(schools, *id) != schools.end()) return id;
    toolbox.err << (id ? "klasboek: there is no such school here; there are\n"
                       : "klasboek: --school is the id of a school, such as school_01h…\n");
  } else if (schools.size() == 1) {
    return schools.front();
  } else if (schools.empty()) {
    toolbox.err << "klasboek: there is no school yet: klasboek school create\n";
  } else {
    toolbox.err << "klasboek: there are several schools: name one by --school\n";
  }
  for (const auto& school : schools) toolbox.err << "  " << events::to_text(school) << "\n";
  return std::nullopt;
}

}  // namespace klasboek::tools
