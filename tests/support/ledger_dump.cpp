#include "tests/support/ledger_dump.h"

#include <rocksdb/db.h>

#include <memory>
#include <stdexcept>
#include <vector>

namespace klasboek::tests {

std::map<std::string, std::string> dump_ledger(const std::filesystem::path& directory) {
  const auto check = [&](const rocksdb::Status& status) {
    if (!status.ok()) throw std::runtime_error(directory.string() + ": " + status.ToString());
  };
  std::vector<std::string> names;
  check(rocksdb::DB::ListColumnFamilies({}, directory.string(), &names));
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  for (const auto& name : names) families.emplace_back(name, rocksdb::ColumnFamilyOptions{});
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* raw = nullptr;
  check(rocksdb::DB::OpenForReadOnly({}, directory.string(), families, &handles, &raw));
  const std::unique_ptr<rocksdb::DB> db(raw);
  std::map<std::string, std::string> rows;
  for (std::size_t i = 0; i < handles.size(); ++i) {
    const std::unique_ptr<rocksdb::Iterator> it(db->NewIterator({}, handles[i]));
    for (it->SeekToFirst(); it->Valid(); it->Next()) {
      rows[names[i] + "/" + it->key().ToString()] = it->value().ToString();
    }
    check(it->status());
  }
  for (auto* handle : handles) db->DestroyColumnFamilyHandle(handle);
  return rows;
}

}  // namespace klasboek::tests
