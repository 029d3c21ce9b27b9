// Opening the database of the vault: what may be wrong with it, named, before anybody uses it.
#include <string>

#include "vault/secret_store.h"

namespace klasboek::vault {

namespace {

constexpr std::int64_t kApplicationId = 0x4B42564C;  // "KBVL"

OpenError error_of(OpenFault fault, const std::filesystem::path& file, const std::string& text) {
  return {fault, file.string() + ": " + text};
}

OpenError error_of(VaultFault fault, const std::filesystem::path& file) {
  switch (fault) {
    case VaultFault::busy:
      return error_of(OpenFault::busy, file,
                      "another klasboek has this vault open for writing; stop that one first");
    case VaultFault::disk_full:
      return error_of(OpenFault::disk_full, file, "the disk is full; make room and start again");
    case VaultFault::read_only:
      return error_of(OpenFault::not_permitted, file,
                      "can't be opened or made; check that this user owns the directory");
    case VaultFault::damaged:
    case VaultFault::broken:
    case VaultFault::unreachable:
      break;
  }
  return error_of(OpenFault::corrupted, file,
                  "is damaged; nothing was changed in it. Put back the newest backup of the vault");
}

std::optional<OpenError> failed(const std::expected<void, VaultFault>& outcome,
                                const std::filesystem::path& file) {
  if (outcome) return std::nullopt;
  return error_of(outcome.error(), file);
}

}  // namespace

std::expected<std::unique_ptr<SecretStore>, OpenError> SecretStore::open(
    const std::filesystem::path& directory, Wrapping wrapping, StoreOptions options) {
  std::unique_ptr<SecretStore> store(new SecretStore(wrapping));
  store->access_ = options.access;
  const auto file = directory / kVaultFileName;
  if (auto error = store->open_files(directory, options)) return std::unexpected(*error);
  const bool may_create = options.access == Access::write;
  if (auto error = store->check_schema(file, may_create, wrapping)) {
    return std::unexpected(*error);
  }
  if (auto error = failed(store->prepare_statements(), file)) return std::unexpected(*error);
  return store;
}

std::optional<OpenError> SecretStore::open_files(const std::filesystem::path& directory,
                                                 const StoreOptions& options) {
  const auto file = directory / kVaultFileName;
  std::error_code ignored;
  if (options.access == Access::write) {
    if (std::filesystem::create_directories(directory, ignored)) {
      std::filesystem::permissions(directory, std::filesystem::perms::owner_all, ignored);
    }
    auto lock = FileLock::take(directory / "vault.lock");
    if (!lock) return error_of(lock.error(), file);
    lock_ = std::move(*lock);
    auto writer = Connection::open(file, Connection::Mode::write, options.busy_wait_ms);
    if (!writer) return error_of(writer.error(), file);
    writer_ = std::move(*writer);
    std::string settings =
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON; "
        "PRAGMA temp_store = MEMORY; PRAGMA cell_size_check = ON; PRAGMA trusted_schema = OFF;";
    if (options.pages_max > 0) {
      settings += "PRAGMA max_page_count = " + std::to_string(options.pages_max);
    }
    if (auto error = failed(writer_.run(settings), file)) return error;
  } else if (!std::filesystem::exists(file, ignored)) {
    return error_of(OpenFault::not_a_vault, file, "isn't there; is this the vault's directory?");
  }
  auto reader = Connection::open(file, Connection::Mode::read, options.busy_wait_ms);
  if (!reader) return error_of(reader.error(), file);
  reader_ = std::move(*reader);
  return failed(reader_.run("PRAGMA temp_store = MEMORY; PRAGMA cell_size_check = ON; "
                            "PRAGMA trusted_schema = OFF;"),
                file);
}

std::optional<OpenError> SecretStore::check_schema(const std::filesystem::path& file,
                                                   bool may_create, Wrapping& wrapping) {
  const auto tables = reader_.number("SELECT count(*) FROM sqlite_schema");
  if (!tables) {
    // Where the first page is something else altogether, SQLite says so in the same word.
    return error_of(tables.error(), file);
  }
  if (*tables == 0 && may_create) {
    if (auto error = failed(create_schema(wrapping.master_id()), file)) return error;
  }
  const auto application = reader_.number("PRAGMA application_id");
  if (!application) return error_of(application.error(), file);
  if (*application != kApplicationId) {
    return error_of(OpenFault::not_a_vault, file,
                    "is the database of another program; name another directory");
  }
  const auto version = reader_.number("PRAGMA user_version");
  if (!version) return error_of(version.error(), file);
  if (*version > kSchemaVersion) {
    return error_of(OpenFault::newer_schema, file,
                    "has schema " + std::to_string(*version) + " and this klasboek knows " +
                        std::to_string(kSchemaVersion) + "; start the newer klasboek");
  }
  return choose_master_key(file, wrapping);
}

std::optional<OpenError> SecretStore::choose_master_key(const std::filesystem::path& file,
                                                        Wrapping& wrapping) {
  const auto stored = master_ids();
  if (!stored) return error_of(stored.error(), file);
  for (const auto& id : {std::optional(stored->master), stored->next}) {
    if (!id || wrapping.opens(*id)) continue;
    const std::string why =
        stored->next ? "is being wrapped anew and needs two master keys, of which one is missing ("
                     : "was made with another master key (";
    return error_of(OpenFault::wrong_master_key, file,
                    why + events::to_hex(*id) + "; the one given is " +
                        events::to_hex(wrapping.master_id()) +
                        "); give the master key that belongs to it");
  }
  wrapping.wrap_with(stored->next.value_or(stored->master));
  return std::nullopt;
}

std::expected<void, VaultFault> SecretStore::create_schema(const MasterKeyId& master_id) {
  const std::string sql =
      "BEGIN IMMEDIATE;"
      "CREATE TABLE secret (kind INTEGER NOT NULL, key BLOB NOT NULL, about BLOB NOT NULL,"
      " value BLOB NOT NULL, PRIMARY KEY (kind, key)) WITHOUT ROWID;"
      "CREATE INDEX secret_about ON secret (kind, about);"
      "CREATE TABLE meta (name TEXT PRIMARY KEY, value NOT NULL) WITHOUT ROWID;"
      "INSERT INTO meta VALUES ('master_id', x'" +
      events::to_hex(master_id) +
      "');"
      "PRAGMA application_id = " +
      std::to_string(kApplicationId) +
      ";"
      "PRAGMA user_version = " +
      std::to_string(kSchemaVersion) +
      ";"
      "COMMIT;";
  auto outcome = writer_.run(sql);
  if (!outcome) static_cast<void>(writer_.run("ROLLBACK"));
  return outcome;
}

}  // namespace klasboek::vault
