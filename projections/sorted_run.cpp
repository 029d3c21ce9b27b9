#include "projections/sorted_run.h"

#include "events/log/rocks.h"

namespace klasboek::projections {

namespace {

void require(const rocksdb::Status& status) {
  if (!status.ok()) throw RunNotWritten("a view can't be built: " + status.ToString());
}

rocksdb::Slice slice_of(std::string_view bytes) { return {bytes.data(), bytes.size()}; }

}  // namespace

SortedRun::SortedRun(ViewStore& store, const View& view, rocksdb::ColumnFamilyHandle* family)
    : store_(store),
      family_(family),
      rows_file_(store.build_file(view, "rows")),
      place_file_(store.build_file(view, "place")) {}

SortedRun::~SortedRun() { remove_files(); }

std::unique_ptr<rocksdb::SstFileWriter> SortedRun::open(const std::filesystem::path& path) {
  const rocksdb::Options options(log::rocks::db_options(store_.db().GetEnv()),
                                 log::rocks::family_options());
  auto writer = std::make_unique<rocksdb::SstFileWriter>(rocksdb::EnvOptions(), options, family_);
  require(writer->Open(path.string()));
  return writer;
}

void SortedRun::add(const events::SchoolId& school, const FoldRows& rows) {
  auto key = log::rocks::Key{}.uuid(school.value).str();
  const auto prefix_size = key.size();
  rows.for_each([&](std::string_view key_within, const std::string_view* value) {
    if (!writer_) writer_ = open(rows_file_);
    key.resize(prefix_size);
    key.append(key_within);
    require(value == nullptr ? writer_->Delete(key) : writer_->Put(key, slice_of(*value)));
  });
}

void SortedRun::finish() {
  if (writer_ && !is_finished_) require(writer_->Finish());
  is_finished_ = true;
}

void SortedRun::take_in(const BuildPlace& place) {
  finish();
  const auto place_writer = open(place_file_);
  require(place_writer->Put(slice_of(kBuildPlaceKey), encode(place)));
  require(place_writer->Finish());
  std::vector<std::string> files{place_file_.string()};
  // A file without rows can't be finished, so there is none.
  if (writer_) files.insert(files.begin(), rows_file_.string());
  rocksdb::IngestExternalFileOptions ingest;
  ingest.move_files = true;
  require(store_.db().IngestExternalFile(family_, files, ingest));
  writer_.reset();
  is_finished_ = false;
  remove_files();
}

void SortedRun::remove_files() {
  writer_.reset();
  // What can't be removed now is removed when views are opened.
  for (const auto& file : {rows_file_, place_file_}) {
    static_cast<void>(store_.db().GetEnv()->DeleteFile(file.string()));
  }
}

}  // namespace klasboek::projections
