#include "database.h"

#include <fmt/format.h>
#include <rocksdb/perf_level.h>

#include "options.h"
#include "pgwraith/store/store.h"

namespace pgwraith::store {

StoreUnavailable::StoreUnavailable(std::string what)
    : Error(ErrorKind::stopped, std::move(what),
            "Nothing that was reported durable is lost. Free space on the disk under state_dir or fix it, then start "
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

Database::~Database() { close(); }

void Database::close() {
    if (!db) return;
    for (auto* family : {base, journal, ledger}) {
        if (family != nullptr) db->DestroyColumnFamilyHandle(family);
    }
    // A failure is one of the disk's; what was promised is durable already.
    db->Close().PermitUncheckedError();
    db.reset();
    base = journal = ledger = nullptr;
}

void Database::open(const std::filesystem::path& path, Opening how) {
    failure = std::make_shared<DiskFailure>();
    files = watched_files(failure);
    auto options = database_options(how == Opening::create);
    options.env = files.get();
    std::vector<rocksdb::ColumnFamilyHandle*> handles;
    rocksdb::DB* opened = nullptr;
    const auto families = column_families();
    const auto status = how == Opening::to_read
                            ? rocksdb::DB::OpenForReadOnly(options, path.string(), families, &handles, &opened)
                            : rocksdb::DB::Open(options, path.string(), families, &handles, &opened);
    if (!status.ok()) {
        if (status.IsCorruption() || status.IsInvalidArgument() || status.IsPathNotFound()) {
            throw_damaged(status.ToString());
        }
        check(status, "be opened");
    }
    db.reset(opened);
    base = handles.at(0);
    journal = handles.at(1);
    ledger = handles.at(2);
    writes_ = 0;
    synced_writes_ = 0;
}

rocksdb::DB& Database::rocks() const {
    // RocksDB counts what it does for each thread, every comparison of two keys: a fifth of what a write costs.
    rocksdb::SetPerfLevel(rocksdb::PerfLevel::kDisable);
    if (!db) throw StoreUnavailable("The store under state_dir could not be opened again after a failure.");
    return *db;
}

void Database::require_intact() const {
    if (!failure->happened()) return;
    throw StoreUnavailable(
        fmt::format("The store under state_dir could not make its writes durable: {}.", failure->text()));
}

void Database::write(rocksdb::WriteBatch& batch, const char* operation) {
    if (const auto status = rocks().Write(rocksdb::WriteOptions(), &batch); !status.ok()) {
        failure->note(status.ToString());
        check(status, operation);
    }
    ++writes_;
}

void Database::sync() {
    const std::uint64_t target = writes_.load();
    if (synced_writes_.load() >= target) return;
    // One at a time: of two who sync the same file the kernel tells one that it failed.
    const std::scoped_lock lock(syncing_);
    if (synced_writes_.load() >= target) return;
    require_intact();
    if (const auto status = rocks().SyncWAL(); !status.ok()) {
        failure->note(status.ToString());
        check(status, "make its writes durable");
    }
    require_intact();  // a failure in the background, of this file too perhaps
    synced_writes_ = target;
}

void Database::reopen() {
    close();
    open(directory, Opening::existing);
}

}  // namespace pgwraith::store
