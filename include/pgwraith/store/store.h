// The RocksDB database under state_dir that holds journal and ledger.
#pragma once

#include <filesystem>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>

#include "pgwraith/base/async.h"
#include "pgwraith/base/error.h"
#include "pgwraith/store/journal.h"
#include "pgwraith/store/key.h"
#include "pgwraith/store/ledger.h"

namespace pgwraith::store {

// The disk under state_dir does not take writes now (full, I/O error). Nothing that was reported durable is lost; later
// writes may be. Only try_resume() brings the store back.
class StoreUnavailable : public Error {
  public:
    explicit StoreUnavailable(std::string what);
};

class BlockingStore;

// Owns the database, its lock, and the threads that wait for the disk: one process per directory. `directory` is always
// the state directory: the database lies in its subdirectory "store", the lock in "owner.json", and other files in it
// are not ours.
class Store {
  public:
    // True when `directory` holds a store (of whatever version or state).
    static bool exists(const std::filesystem::path& directory);

    // Opens, or creates when `create`. Throws Error(stopped) with what to do when the directory is locked by
    // another process (names it), damaged, of another format version, or not ours; Error(usage) when it cannot
    // be made. Never replaces what it cannot read.
    static Task<std::unique_ptr<Store>> open(std::filesystem::path directory, bool create);
    // Opens journal and ledger as they are at this moment, for reading, without the lock: a process that owns the
    // store, or is about to open it, is not disturbed. nullptr when there is no store. Throws as open() does.
    static Task<std::unique_ptr<Store>> look_into(std::filesystem::path directory);
    // Deletes the store's files, and the directory when we made it and nothing else is in it. Not while it is open.
    static Task<void> destroy(std::filesystem::path directory);
    // The same for one that is open: `store` is empty from the moment at which it is closed.
    static Task<void> destroy(std::unique_ptr<Store>& store);

    // "process 12 on host h (since 2026-…)", as its owner wrote it down; empty when nobody did. Not whether it lives.
    static std::string owner(const std::filesystem::path& directory);

    // A small document beside the store, which outlives it (done.json). record(): nullopt when there is none, or none
    // that can be read. leave_record() is durable on return; the directory is made when it is not there.
    static std::optional<nlohmann::json> record(const std::filesystem::path& directory);
    static Task<void> leave_record(std::filesystem::path directory, nlohmann::json document);
    // And the directory when we made it and nothing else is in it.
    static void remove_record(const std::filesystem::path& directory);
    // As leave_record(), in the caller's thread.
    static void rewrite_record(const std::filesystem::path& directory, const nlohmann::json& document);

    ~Store();  // closes it
    Journal& journal() { return journal_; }
    Ledger& ledger() { return ledger_; }

    // After StoreUnavailable: opens the database again, as after a crash. What had not been synced may be gone. Throws
    // StoreUnavailable when it cannot; then it is to be called again before anything else.
    // REQUIRES: nobody uses journal or ledger meanwhile.
    Task<void> try_resume();

  private:
    Store(std::filesystem::path directory, std::unique_ptr<BlockingStore> blocking, std::unique_ptr<Pool> pool);
    std::filesystem::path directory_;
    std::unique_ptr<BlockingStore> blocking_;
    std::unique_ptr<Pool> pool_;  // goes first: it waits for what still runs
    Journal journal_;
    Ledger ledger_;
};

}  // namespace pgwraith::store
