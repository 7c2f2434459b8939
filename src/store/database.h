// The open RocksDB database and what journal and ledger share of it: column families, durability, errors.
#pragma once

#include <rocksdb/db.h>

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>

#include "directory_lock.h"
#include "pgwraith/base/error.h"
#include "watched_files.h"

namespace pgwraith::store {

// The key of the default column family.
inline constexpr std::string_view position_key = "position";

inline constexpr const char* journal_family = "journal";
inline constexpr const char* ledger_family = "ledger";
inline constexpr int format_version = 1;

// Throws what a failed operation on an open database means: StoreUnavailable when the disk does not take it now,
// Error(stopped) when the data are damaged.
void check(const rocksdb::Status& status, const char* operation);

[[noreturn]] void throw_damaged(const std::string& detail);

enum class Opening { create, existing, to_read };

// Thread contract: everything may be called from several threads.
struct Database {
    std::optional<DirectoryLock>
        owner;  // first in, last out: nothing changes the files without it; none: only for reading
    std::filesystem::path directory;
    std::shared_ptr<DiskFailure> failure;  // of the opening at hand
    std::unique_ptr<rocksdb::Env> files;
    std::unique_ptr<rocksdb::DB> db;  // null when it could not be opened again; see rocks()
    rocksdb::ColumnFamilyHandle* base = nullptr;
    rocksdb::ColumnFamilyHandle* journal = nullptr;
    rocksdb::ColumnFamilyHandle* ledger = nullptr;

    explicit Database(std::optional<DirectoryLock> held) : owner(std::move(held)) {}
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;
    ~Database();

    // What lies in `path`. Throws what check() throws, or Error(stopped) when it is damaged.
    void open(const std::filesystem::path& path, Opening how);
    rocksdb::DB& rocks() const;
    // In the operating system's hands on return.
    void write(rocksdb::WriteBatch& batch, const char* operation);
    // fsync of the WAL; everything that write() had returned for before is durable afterwards. Does not keep
    // others from writing, as a WriteOptions::sync would.
    void sync();
    // After a failure nothing that was not synced is relied on, neither in memory nor in the files: what can be read
    // of them goes to new files, as after a crash, and these are synced before anything is built on them.
    // REQUIRES: nobody uses the database meanwhile. When it throws, the database stays closed.
    void reopen();
    // Before destruction where files are moved away; idempotent.
    void close();

  private:
    std::atomic<std::uint64_t> writes_{0};
    void require_intact() const;

    std::atomic<std::uint64_t> synced_writes_{0};
    std::mutex syncing_;
};

}  // namespace pgwraith::store
