#include <iostream>

#include "aggregates/rejection.h"
#include "api/roster_apply.h"
#include "tools/import_report.h"
#include "tools/progress.h"

namespace klasboek::tools {

namespace {

namespace roster = api::roster;

class LocalImport {
 public:
  LocalImport(const Toolbox& toolbox, const reactions::Node& node, events::SchoolId school,
              const ImportOptions& options)
      : toolbox_(toolbox), node_(node), school_(school), options_(options) {}

  ImportReport run(std::span<const roster::NamedFile> files) {
    const auto today = roster::school_day(node_, school_);
    if (!today) return stopped("There is no such school here: klasboek school create makes one.");
    const auto draft = roster::draft_import(node_, school_, *today, files);
    if (!draft) {
      return stopped(draft.error() == roster::CurrentFault::text_unreadable
                         ? "Nothing was changed: a name of the school can't be read, since its key "
                           "is missing: restore the vault first (klasboek doctor)."
                         : "Nothing was changed: the vault can't be read just now; try again.");
    }
    describe(*draft, files);
    if (draft->refused) return ended(ImportEnd::refused);
    if (options_.plan_only) return ended(ImportEnd::planned);
    if (roster::changes_nothing(draft->plan)) return ended(ImportEnd::unchanged);
    return carry_out(*draft, files);
  }

 private:
  ImportReport ended(ImportEnd end) {
    report_.end = end;
    return std::move(report_);
  }

  ImportReport stopped(std::string why) {
    report_.why = std::move(why);
    return ended(ImportEnd::stopped);
  }

  void describe(const roster::Draft& draft, std::span<const roster::NamedFile> files) {
    const auto language =
        options_.language == "nl" ? roster::Language::dutch : roster::Language::english;
    for (const auto* problems : {&draft.reading.problems, &draft.plan.problems}) {
      for (const auto& problem : *problems) {
        report_.problems.push_back(
            {problem.where.file < files.size() ? files[problem.where.file].name : "",
             std::string(roster::name_of(roster::kind_of(problem.code).severity)),
             roster::message(problem, language), roster::remedy(problem, language)});
      }
    }
    report_.plan_json = roster::to_json(draft.plan, draft.reading.problems, language);
    if (!draft.refused) report_.text = roster::render_plan(draft.plan, language);
  }

  ImportReport carry_out(const roster::Draft& draft, std::span<const roster::NamedFile> files) {
    roster::ImportOrder order;
    order.school = school_;
    order.id = node_.new_id<events::RosterImportId>();
    order.actor = {{}, events::Role::operator_, {}};
    order.leavers = options_.leavers;
    order.digest = roster::digest_of(node_, school_, files);
    const auto bar = progress_bar(toolbox_, "import");
    const auto outcome =
        roster::apply(node_, order, draft, [&](std::uint32_t done, std::uint32_t all) {
          if (bar) bar(done, all);
          return true;
        });
    switch (outcome.end) {
      case roster::ApplyEnd::completed:
        return ended(ImportEnd::imported);
      case roster::ApplyEnd::not_confirmed:
        report_.leavers = draft.plan.requires_confirmation->leavers;
        return ended(ImportEnd::not_confirmed);
      case roster::ApplyEnd::school_changed: {
        const auto rejection = aggregates::rejection_by_name(outcome.rejection);
        return stopped(
            "Somebody changed the school meanwhile" +
            (rejection ? " (" + std::string(aggregates::row_of(*rejection).english) + ")" : "") +
            ". What was imported stays; import the same files again for the rest.");
      }
      case roster::ApplyEnd::cut_off:
      case roster::ApplyEnd::unavailable:
        return stopped(
            "The import was cut off. What was imported stays; import the same files again for "
            "the rest.");
    }
    std::abort();
  }

  const Toolbox& toolbox_;
  const reactions::Node& node_;
  const events::SchoolId school_;
  const ImportOptions& options_;
  ImportReport report_;
};

}  // namespace

int import_command(const Toolbox& toolbox, const std::string& school_name,
                   const ImportOptions& options) {
  const auto files = read_files(toolbox, options.files);
  if (!files) return kUsage;
  if (!options.server.empty()) {
    return tell(toolbox, import_by_server(toolbox, school_name, options, *files));
  }
  const auto installation = open_installation(toolbox);
  if (!installation) return kCannotOpen;
  const auto school = school_named(toolbox, *installation, school_name);
  if (!school) return kUsage;
  return tell(toolbox, LocalImport(toolbox, installation->node(), *school, options).run(*files));
}

}  // namespace klasboek::tools
