#include "database.h"

#include <fmt/format.h>

namespace pgwraith::store {

StoreUnavailable::StoreUnavailable(std::string what)
    : Error(ErrorKind::stopped, std::move(what),
            "Nothing that was reported durable is lost. Free space on the disk under state_dir or mend it, then start "
            "the same command again.") {}

void throw_damaged(const std::string& detail) {
    throw Error(
        ErrorKind::stopped, fmt::format("The store under state_dir is damaged: {}.", detail),
        "It was left as it is. Restore it from a backup of the moment at which the process last stopped, or run "
        "`pgwraith abort`, which needs no state, and start the migration over.");
}

void check(const rocksdb::Status& status, const char* operation) {
    if (status.ok()) return;
    if (status.IsCorruption()) throw_damaged(status.ToString());
    throw StoreUnavailable(fmt::format("The store under state_dir could not {}: {}.", operation, status.ToString()));
}

Store::Database::~Database() { close(); }

void Store::Database::close() {
    if (!db) return;
    for (auto* family : {base, journal, ledger}) {
        if (family != nullptr) db->DestroyColumnFamilyHandle(family);
    }
    // A failure is one of the disk's; what was promised is durable already.
    db->Close().PermitUncheckedError();
    db.reset();
}

void Store::Database::write(rocksdb::WriteBatch& batch, const char* operation) {
    check(db->Write(rocksdb::WriteOptions(), &batch), operation);
    ++writes_;
}

void Store::Database::sync() {
    const std::uint64_t target = writes_.load();
    std::uint64_t before = synced_writes_.load();
    if (before >= target) return;
    if (sync_failed_.load()) throw StoreUnavailable("The store under state_dir could not make its writes durable.");
    if (const auto status = db->SyncWAL(); !status.ok()) {
        sync_failed_ = true;
        check(status, "make its writes durable");
    }
    while (before < target && !synced_writes_.compare_exchange_weak(before, target)) {
    }
}

void Store::Database::resume() {
    // Flushes the memtables to new files, so that what a WAL of doubtful state holds no longer matters.
    auto status = db->Resume();
    if (status.ok() && sync_failed_.load()) {
        status = db->Flush(rocksdb::FlushOptions(), {base, journal, ledger});
        if (status.ok()) sync_failed_ = false;
    }
    if (status.ok()) return;
    throw StoreUnavailable(fmt::format("The store under state_dir does not take writes yet: {}.", status.ToString()));
}

}  // namespace pgwraith::store
