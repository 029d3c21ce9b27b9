#include "tests/bench/raw_log.h"

#include <rocksdb/db.h>
#include <rocksdb/write_batch.h>

#include <algorithm>
#include <map>
#include <semaphore>
#include <stdexcept>
#include <string_view>

#include "events/log/rocks.h"
#include "vault/master_key.h"
#include "vault/secret_store.h"

namespace klasboek::bench {

namespace {

// The ledger's own (events/log/ledger.h), in the order in which it makes them; a row in a batch
// names its family by this number.
constexpr std::array kFamilyNames = {"default",  "records", "sequences", "streams",
                                     "commands", "schools", "tree"};
constexpr std::size_t kMetaFamily = 0;
constexpr std::size_t kSchoolsFamily = 5;

void require(const rocksdb::Status& status, const std::string& what) {
  if (!status.ok()) throw std::runtime_error(what + ": " + status.ToString());
}

std::vector<rocksdb::ColumnFamilyDescriptor> descriptors() {
  std::vector<rocksdb::ColumnFamilyDescriptor> all;
  for (const char* name : kFamilyNames) all.emplace_back(name, log::rocks::family_options());
  return all;
}

/// The ledger of the product's first shard, as it is at this moment, while the product has it open.
class LedgerFiles {
 public:
  explicit LedgerFiles(const Product& product) {
    rocksdb::DB* db = nullptr;
    const auto directory = product.directory() / "shard-0" / "ledger";
    require(rocksdb::DB::OpenForReadOnly(log::rocks::db_options(), directory.string(),
                                         descriptors(), &families_, &db),
            "reading the product's ledger");
    db_.reset(db);
    for (std::size_t i = 0; i < families_.size(); ++i) {
      if (families_[i]->GetID() != i) throw std::runtime_error("the ledger has other families");
    }
  }
  ~LedgerFiles() {
    for (auto* family : families_) db_->DestroyColumnFamilyHandle(family);
  }
  LedgerFiles(const LedgerFiles&) = delete;
  LedgerFiles& operator=(const LedgerFiles&) = delete;
  [[nodiscard]] rocksdb::DB& db() const { return *db_; }

 private:
  std::unique_ptr<rocksdb::DB> db_;
  std::vector<rocksdb::ColumnFamilyHandle*> families_;
};

std::vector<vault::SecretRow> key_rows(const Product& product) {
  const auto& place = product.place();
  const auto master = vault::read_master_key(place.master_key_file, place.data_directory);
  if (!master) throw std::runtime_error(master.error().explanation);
  const vault::Wrapping wrapping(*master, vault::system_random());
  auto store = vault::SecretStore::open(place.data_directory / "vault", wrapping,
                                        {.access = vault::Access::read});
  if (!store) throw std::runtime_error(store.error().explanation);
  auto rows = (*store)->with_key_prefix(vault::RowKind::key, {});
  if (!rows) throw std::runtime_error("the rows of the vault can't be read");
  return *std::move(rows);
}

class RowCollector final : public rocksdb::WriteBatch::Handler {
 public:
  CommitShape shape;
  rocksdb::Status PutCF(std::uint32_t family, const rocksdb::Slice& key,
                        const rocksdb::Slice& value) override {
    const bool shared = family == kMetaFamily || family == kSchoolsFamily;
    (shared ? shape.shared_rows : shape.rows).push_back({family, key.ToString(), value.ToString()});
    return {};
  }
};

RawRow raw_row(const vault::SecretRow& row) {
  return {kMetaFamily, std::string(row.key.begin(), row.key.end()),
          std::string(row.about.begin(), row.about.end()) +
              std::string(row.value.begin(), row.value.end())};
}

}  // namespace

CommitCamera::CommitCamera(const Product& product)
    : product_(product),
      next_write_(LedgerFiles(product).db().GetLatestSequenceNumber() + 1),
      keys_before_(key_rows(product).size()) {}

CommitShapes CommitCamera::take() const {
  const LedgerFiles files(product_);
  std::unique_ptr<rocksdb::TransactionLogIterator> it;
  require(files.db().GetUpdatesSince(next_write_, &it), "reading the product's write-ahead log");
  CommitShapes shapes;
  for (; it->Valid(); it->Next()) {
    const auto batch = it->GetBatch();
    if (batch.sequence < next_write_) continue;
    RowCollector collector;
    require(batch.writeBatchPtr->Iterate(&collector), "reading a batch");
    shapes.commits.push_back(std::move(collector.shape));
  }
  if (shapes.commits.empty()) throw std::runtime_error("the product committed nothing");
  const auto keys = key_rows(product_);
  shapes.keys_minted = keys.size() - keys_before_;
  for (std::size_t k = 0; k < shapes.keys_minted; ++k) {
    const auto at = k * shapes.commits.size() / shapes.keys_minted;
    shapes.commits[at].rows.push_back(raw_row(keys[k]));
  }
  for (const auto& commit : shapes.commits) {
    for (const auto* rows : {&commit.rows, &commit.shared_rows}) {
      for (const auto& row : *rows) {
        ++shapes.rows_per_commit;
        shapes.bytes_per_commit += static_cast<double>(row.key.size() + row.value.size());
      }
    }
  }
  shapes.rows_per_commit /= static_cast<double>(shapes.commits.size());
  shapes.bytes_per_commit /= static_cast<double>(shapes.commits.size());
  return shapes;
}

struct RawLog::Waiting {
  const CommitShape& shape;
  std::binary_semaphore done{0};
};

RawLog::RawLog() {
  auto options = log::rocks::db_options();
  options.create_if_missing = true;
  options.create_missing_column_families = true;
  rocksdb::DB* db = nullptr;
  require(rocksdb::DB::Open(options, (directory_ / "raw").string(), descriptors(), &families_, &db),
          "opening the raw log");
  db_.reset(db);
  committer_ = std::thread([this] { commit_until_closed(); });
}

RawLog::~RawLog() {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }
  work_.notify_one();
  committer_.join();
  for (auto* family : families_) db_->DestroyColumnFamilyHandle(family);
}

void RawLog::commit(const CommitShape& shape) {
  Waiting waiting{shape};
  {
    const std::lock_guard lock(mutex_);
    queue_.push_back(&waiting);
  }
  work_.notify_one();
  waiting.done.acquire();
}

void RawLog::commit_until_closed() {
  for (;;) {
    std::vector<Waiting*> group;
    {
      std::unique_lock lock(mutex_);
      work_.wait(lock, [this] { return closed_ || !queue_.empty(); });
      group.swap(queue_);
    }
    if (group.empty()) return;
    commit_group(group);
    for (auto* waiting : group) waiting->done.release();
  }
}

void RawLog::put(rocksdb::WriteBatch& batch, const RawRow& row) const {
  // The end of each key is replaced by the number of the commit: as long as before, and never used.
  std::string key = row.key;
  for (std::size_t i = 0; i < std::min(key.size(), sizeof commits_); ++i) {
    key[key.size() - 1 - i] = static_cast<char>(commits_ >> (8 * i));
  }
  batch.Put(families_[row.family], key, row.value);
}

void RawLog::commit_group(const std::vector<Waiting*>& group) {
  rocksdb::WriteBatch batch;
  std::map<std::string_view, const RawRow*> shared;
  for (const auto* waiting : group) {
    ++commits_;
    for (const auto& row : waiting->shape.rows) put(batch, row);
    for (const auto& row : waiting->shape.shared_rows) shared[row.key] = &row;
  }
  for (const auto& [key, row] : shared) batch.Put(families_[row->family], row->key, row->value);
  rocksdb::WriteOptions options;
  options.sync = true;
  require(db_->Write(options, &batch), "writing the raw log");
}

}  // namespace klasboek::bench
