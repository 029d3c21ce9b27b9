#include <rocksdb/db.h>
#include <rocksdb/sst_file_writer.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <random>
#include <sstream>
#include <stdexcept>

#include "events/log/rocks.h"
#include "projections/rebuild.h"
#include "projections/view_store.h"
#include "tests/bench/history.h"
#include "tests/bench/require.h"
#include "tests/bench/run.h"

namespace klasboek::bench {

namespace {

using Rows = std::vector<std::pair<std::string, std::string>>;

/// Rows in an order that has nothing to do with their keys, as events come.
Rows shuffled_rows(rocksdb::DB& db, rocksdb::ColumnFamilyHandle* family, std::uint64_t seed) {
  Rows rows;
  const std::unique_ptr<rocksdb::Iterator> it(
      db.NewIterator(log::rocks::scan_options(nullptr), family));
  for (it->SeekToFirst(); it->Valid(); it->Next()) {
    if (it->key().ToStringView() == projections::kBuildPlaceKey) continue;
    rows.emplace_back(it->key().ToString(), it->value().ToString());
  }
  require(it->status());
  std::ranges::shuffle(rows, std::mt19937_64(seed));
  return rows;
}

/// Sorts, writes one sorted file and lets a family take it in; in seconds.
double sort_and_ingest(projections::ViewStore& store, const projections::View& view, Rows rows) {
  const auto name = store.new_family_name(view);
  const auto family = require(store.create_family(name));
  const auto path = store.build_file(view, "rows").string();
  const auto start = Clock::now();
  std::ranges::sort(rows);
  const rocksdb::Options options(log::rocks::db_options(), log::rocks::family_options());
  rocksdb::SstFileWriter writer(rocksdb::EnvOptions(), options, family->handle());
  require(writer.Open(path));
  for (const auto& [key, value] : rows) require(writer.Put(key, value));
  require(writer.Finish());
  rocksdb::IngestExternalFileOptions ingest;
  ingest.move_files = true;
  require(store.db().IngestExternalFile(family->handle(), {path}, ingest));
  const double took_s = seconds_since(start);
  store.drop_family(name);
  return took_s;
}

/// What of some views was measured, round by round.
struct Rebuilt {
  std::size_t rows = 0;
  std::vector<double> raw_s;
  std::vector<double> ours_s;
};

/// Families that views are built into, gone afterwards.
class Families {
 public:
  Families(projections::ViewStore& store, const log::Ledger& ledger,
           std::span<const projections::View* const> views)
      : store_(store) {
    for (const auto* view : views) {
      names_.push_back(store.new_family_name(*view));
      families_.push_back(require(store.create_family(names_.back())));
      builds_.push_back({view, families_.back()->handle(),
                         projections::beginning(*view, ledger, projections::end_of(ledger))});
    }
  }
  ~Families() {
    for (const auto& name : names_) store_.drop_family(name);
  }
  Families(const Families&) = delete;
  Families& operator=(const Families&) = delete;

  /// In seconds.
  double build(const log::Ledger& ledger) {
    const auto start = Clock::now();
    require(projections::build_views(builds_, ledger, store_, {}, {}));
    return seconds_since(start);
  }
  [[nodiscard]] rocksdb::ColumnFamilyHandle* handle(std::size_t view) const {
    return families_[view]->handle();
  }

 private:
  projections::ViewStore& store_;
  std::vector<std::string> names_;
  std::vector<std::shared_ptr<projections::ViewFamily>> families_;
  std::vector<projections::Build> builds_;
};

/// One view alone, and the raw side of its rows.
void measure_view(const History& history, const projections::View& view,
                  projections::ViewStore& store, std::uint64_t seed, Rebuilt& rebuilt) {
  const std::array only{&view};
  Rows rows;
  {
    Families families(store, history.ledger(), only);
    rebuilt.ours_s.push_back(families.build(history.ledger()));
    rows = shuffled_rows(store.db(), families.handle(0), seed);
  }
  rebuilt.rows = rows.size();
  // A view without rows has nothing to sort.
  rebuilt.raw_s.push_back(rows.empty() ? 0 : sort_and_ingest(store, view, std::move(rows)));
}

Line line_of(const std::string& what, double events, const Rebuilt& rebuilt, const Goal& goal) {
  Line line{"P6", what, "ev/s", {}, {}, goal};
  for (const auto took_s : rebuilt.raw_s) line.raw.push_back(events / took_s);
  for (const auto took_s : rebuilt.ours_s) line.ours.push_back(events / took_s);
  return line;
}

}  // namespace

void measure_rebuild(const Effort& effort, const Say& say, Report& report) {
  const History history(effort, [&](const std::string& what) { say("P6: " + what); });
  const tests::TemporaryDirectory directory;
  const auto store = require(projections::ViewStore::open(directory / "views"));
  std::vector<const projections::View*> views;
  for (const auto& view : projections::all_views()) views.push_back(view.get());
  std::vector<Rebuilt> each(views.size());
  Rebuilt all;
  for (int round = 1; round <= effort.rounds; ++round) {
    say("P6: round " + std::to_string(round));
    for (std::size_t v = 0; v < views.size(); ++v) {
      measure_view(history, *views[v], *store, effort.seed, each[v]);
    }
    all.ours_s.push_back(Families(*store, history.ledger(), views).build(history.ledger()));
    all.raw_s.push_back(0);
    for (const auto& one : each) all.raw_s.back() += one.raw_s.back();
  }
  const auto events = static_cast<double>(history.events());
  for (std::size_t v = 0; v < views.size(); ++v) {
    all.rows += each[v].rows;
    if (each[v].rows == 0) continue;
    report.lines.push_back(line_of("view " + std::string(views[v]->name()) + " alone, " +
                                       std::to_string(each[v].rows) + " rows",
                                   events, each[v], {}));
  }
  const Goal goal{Goal::Kind::ratio_at_least, 0.5};
  report.lines.push_back(
      line_of("all views together, " + std::to_string(all.rows) + " rows", events, all, goal));
  std::ostringstream note;
  note << "P6: " << history.events() << " events in " << history.commits() << " commits of "
       << effort.history_schools << " schools";
  report.notes.push_back(note.str());
}

}  // namespace klasboek::bench
