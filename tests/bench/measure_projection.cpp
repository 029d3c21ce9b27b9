#include <rocksdb/db.h>

#include <algorithm>
#include <chrono>
#include <random>
#include <sstream>
#include <stdexcept>

#include "events/log/rocks.h"
#include "projections/projector.h"
#include "tests/bench/history.h"
#include "tests/bench/require.h"
#include "tests/bench/run.h"

namespace klasboek::bench {

namespace {

/// A log long enough that views get a few files each.
constexpr std::size_t kSchoolsMax = 4;
constexpr std::size_t kPlainPutsPerEvent = 2;
constexpr std::size_t kPlainValueBytes = 100;

struct Row {
  std::size_t family = 0;
  std::string key;
  std::string value;
};

/// Views that are there and have seen nothing yet.
void make_empty_views(const std::filesystem::path& directory) {
  const auto store = require(projections::ViewStore::open(directory));
  for (const auto& view : projections::all_views()) {
    const auto name = store->new_family_name(*view);
    require(store->switch_to(*view, name, require(store->create_family(name)), 0));
  }
}

/// Opening them carries the whole log in; in seconds. `rows`: what they came to, in an order that
/// has nothing to do with their keys.
double follow(const log::Ledger& ledger, std::uint64_t seed, std::vector<Row>& rows) {
  const tests::TemporaryDirectory directory;
  make_empty_views(directory / "views");
  const auto start = Clock::now();
  const auto projector = require(projections::Projector::open(directory / "views", ledger));
  const double took_s = seconds_since(start);
  rows.clear();
  const auto& store = projector->store();
  for (std::size_t v = 0; v < projections::all_views().size(); ++v) {
    const auto family = store.family_of(projections::all_views()[v]->name());
    const std::unique_ptr<rocksdb::Iterator> it(
        store.db().NewIterator(log::rocks::scan_options(nullptr), family->handle()));
    for (it->SeekToFirst(); it->Valid(); it->Next()) {
      rows.push_back({v, it->key().ToString(), it->value().ToString()});
    }
    require(it->status());
  }
  std::ranges::shuffle(rows, std::mt19937_64(seed));
  return took_s;
}

/// Puts them into a bare database in so many writes, not synced; in seconds.
double put_all(const std::vector<Row>& rows, std::size_t writes) {
  const tests::TemporaryDirectory directory;
  auto options = log::rocks::db_options();
  options.create_if_missing = true;
  options.create_missing_column_families = true;
  std::vector<rocksdb::ColumnFamilyDescriptor> families{
      {rocksdb::kDefaultColumnFamilyName, log::rocks::family_options()}};
  for (const auto& view : projections::all_views()) {
    families.emplace_back(std::string(view->name()), log::rocks::family_options());
  }
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* opened = nullptr;
  require(rocksdb::DB::Open(options, (directory / "raw").string(), families, &handles, &opened));
  const std::unique_ptr<rocksdb::DB> db(opened);
  const auto start = Clock::now();
  const auto rows_per_write =
      std::max<std::size_t>(1, rows.size() / std::max<std::size_t>(1, writes));
  rocksdb::WriteBatch batch;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    require(batch.Put(handles[rows[i].family + 1], rows[i].key, rows[i].value));
    if ((i + 1) % rows_per_write != 0 && i + 1 != rows.size()) continue;
    require(db->Write({}, &batch));
    batch.Clear();
  }
  const double took_s = seconds_since(start);
  for (auto* handle : handles) db->DestroyColumnFamilyHandle(handle);
  return took_s;
}

/// Two rows an event in one family, under keys as a view has them.
std::vector<Row> plain_rows(std::uint64_t events, std::uint64_t seed) {
  std::mt19937_64 dice(seed);
  std::vector<Row> rows;
  for (std::uint64_t i = 0; i < events * kPlainPutsPerEvent; ++i) {
    rows.push_back({0, log::rocks::Key{}.u64(dice() % kSchoolsMax).u64(0).u64(dice()).u64(i).str(),
                    std::string(kPlainValueBytes, static_cast<char>(dice()))});
  }
  return rows;
}

}  // namespace

void measure_projection(const Effort& effort, const Say& say, Report& report) {
  auto shorter = effort;
  shorter.history_schools = std::min(effort.history_schools, kSchoolsMax);
  const History history(shorter, [&](const std::string& what) { say("P7: " + what); });
  const auto events = static_cast<double>(history.events());
  Line same{"P7", "", "ev/s", {}, {}, {Goal::Kind::ratio_at_least, 0.8}};
  Line plain{"P7", "against 2 puts per event", "ev/s", {}, {}, {}};
  std::vector<Row> rows;
  for (int round = 1; round <= effort.rounds; ++round) {
    say("P7: round " + std::to_string(round));
    const auto followed_s = follow(history.ledger(), effort.seed, rows);
    const auto writes = history.commits() / projections::kCommitsPerWriteMax;
    same.ours.push_back(events / followed_s);
    same.raw.push_back(events / put_all(rows, writes));
    plain.ours.push_back(same.ours.back());
    plain.raw.push_back(events / put_all(plain_rows(history.events(), effort.seed), writes));
  }
  same.what = "live views, " + std::to_string(rows.size()) + " rows";
  report.lines.push_back(same);
  report.lines.push_back(plain);
  std::ostringstream note;
  note << "P7: " << history.events() << " events in " << history.commits() << " commits of "
       << shorter.history_schools << " schools";
  report.notes.push_back(note.str());
}

}  // namespace klasboek::bench
