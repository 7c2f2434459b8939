#include "blocking_ledger.h"

#include <rocksdb/write_batch.h>

#include <array>

#include "pgwraith/base/faults.h"

#include "database.h"
#include "ledger_value.h"

namespace pgwraith::store {

namespace {

// One slice of keys is looked up under the lock at a time: long enough to profit from RocksDB's batching, short
// enough that add() never waits long.
constexpr std::size_t slice_entries = 256;
// What a WriteBatch puts around a key and a value beyond what ChangedKeys does, at most.
constexpr std::size_t batch_overhead = 4;

LedgerValue decode_value(const rocksdb::Slice& bytes) { return value_of(bytes.ToStringView()); }

// One batched look-up of at most slice_entries keys; nullopt where there is none.
class Lookup {
  public:
    explicit Lookup(const Database& database) : database_(database) {}

    void add(const std::string& key) { keys_[count_++] = key; }
    std::size_t size() const { return count_; }

    void run() {
        database_.rocks().MultiGet(rocksdb::ReadOptions(), database_.ledger, count_, keys_.data(), values_.data(),
                                   statuses_.data());
    }

    std::optional<LedgerValue> operator[](std::size_t i) const {
        if (statuses_[i].IsNotFound()) return std::nullopt;
        check(statuses_[i], "look up a changed key");
        return decode_value(values_[i]);
    }

  private:
    const Database& database_;
    std::size_t count_ = 0;
    std::array<rocksdb::Slice, slice_entries> keys_;
    std::array<rocksdb::PinnableSlice, slice_entries> values_;
    std::array<rocksdb::Status, slice_entries> statuses_;
};

std::vector<LedgerEntry> scan(const Database& database, const std::string& after, std::size_t max) {
    std::vector<LedgerEntry> found;
    const std::unique_ptr<rocksdb::Iterator> at(database.rocks().NewIterator(rocksdb::ReadOptions(), database.ledger));
    at->Seek(after);
    if (!after.empty() && at->Valid() && at->key() == after) at->Next();
    for (; at->Valid() && found.size() < max; at->Next()) {
        found.push_back(entry_of(at->key().ToString(), decode_value(at->value())));
    }
    check(at->status(), "read the changed keys");
    return found;
}

// (One transaction may change a key more than once, and what it did last be recorded later than what it did first.)
bool unchanged(const LedgerEntry& read, const LedgerValue& now) {
    return value_of(read) == now || broken_on_purpose("remove_early");
}

}  // namespace

BlockingLedger::BlockingLedger(Database& database) : database_(database) { adopt_if_small(); }

void BlockingLedger::adopt_if_small() const {
    const auto all = scan(database_, "", Resident::max_keys + 1);
    resident_.begin();
    for (const auto& entry : all) resident_.put(entry);
}

std::optional<LedgerEntry> BlockingLedger::pending(const std::string& key) const {
    if (resident_.complete()) {
        const auto* found = resident_.find(key);
        if (found == nullptr) return std::nullopt;
        return *found;
    }
    Lookup lookup(database_);
    lookup.add(key);
    lookup.run();
    const auto found = lookup[0];
    if (!found) return std::nullopt;
    return entry_of(key, *found);
}

// A repair of a key that is pending anyway: a real change is on its way, with the transaction that must be visible
// first. But a row that the shadow has too many of is not missed by a change that left one.
LedgerEntry BlockingLedger::joined(const LedgerEntry& entry) const {
    if (entry.xid != 0) return entry;
    auto change = pending(entry.key).value_or(entry);
    change.stands = entry.stands;
    return change;
}

void BlockingLedger::add(std::span<const LedgerEntry> entries, std::optional<Lsn> position) {
    const std::scoped_lock lock(mutex_);
    rocksdb::WriteBatch batch;
    std::vector<LedgerEntry> recorded;
    recorded.reserve(entries.size());
    for (const auto& entry : entries) {
        ensure(!entry.key.empty(), "an empty key in the ledger");
        recorded.push_back(joined(entry));
        std::array<char, ledger_value_bytes> value{};
        put_value(value.data(), value_of(recorded.back()));
        check(batch.Put(database_.ledger, entry.key, {value.data(), value.size()}), "record changed keys");
    }
    put_position(batch, position);
    write(batch);
    for (const auto& entry : recorded) resident_.put(entry);
}

void BlockingLedger::add_changes(const ChangedKeys& changes, std::optional<Lsn> position) {
    // In their order: RocksDB finds the place of each beside that of the one before (options.cpp).
    const auto newest = changes.newest();
    const std::scoped_lock lock(mutex_);
    rocksdb::WriteBatch batch(changes.bytes() + newest.size() * batch_overhead + 64);
    auto* family = database_.ledger;
    for (const auto& [key, value] : newest) {
        check(batch.Put(family, {key.data(), key.size()}, {value.data(), value.size()}), "record changed keys");
    }
    put_position(batch, position);
    write(batch);
    if (!resident_.complete()) return;
    for (const auto& record : newest) resident_.put(entry_of(std::string(record.key), value_of(record.value)));
}

void BlockingLedger::put_position(rocksdb::WriteBatch& batch, std::optional<Lsn> position) const {
    if (!position) return;
    std::string value;
    append_u64(value, position->value);
    check(batch.Put(database_.base, std::string(position_key), value), "record the stream's position");
}

void BlockingLedger::write(rocksdb::WriteBatch& batch) {
    try {
        database_.write(batch, "record changed keys");
    } catch (...) {
        resident_.drop();  // whether it was written is not known
        throw;
    }
}

void BlockingLedger::reread() {
    const std::scoped_lock lock(mutex_);
    resident_.drop();
    adopt_if_small();
}

void BlockingLedger::sync() { database_.sync(); }

std::optional<Lsn> BlockingLedger::position() const {
    std::string value;
    const auto status =
        database_.rocks().Get(rocksdb::ReadOptions(), database_.base, std::string(position_key), &value);
    if (status.IsNotFound()) return std::nullopt;
    check(status, "read the stream's position");
    if (value.size() != 8) throw_damaged("the stream's position has the wrong length");
    return Lsn{read_u64(value.data())};
}

std::vector<LedgerEntry> BlockingLedger::read(const std::string& after, std::size_t max) const {
    {
        const std::scoped_lock lock(mutex_);
        if (resident_.complete()) return resident_.read(after, max);
    }
    auto found = scan(database_, after, max);
    // The whole ledger fitted into one answer: few are left, so go on in memory from here.
    if (after.empty() && found.size() < max && found.size() < Resident::max_keys / 2) {
        const std::scoped_lock lock(mutex_);
        if (!resident_.complete()) adopt_if_small();
    }
    return found;
}

std::size_t BlockingLedger::remove_unchanged(std::span<const LedgerEntry> entries) {
    std::size_t removed = 0;
    while (!entries.empty()) {
        const auto slice = entries.first(std::min(slice_entries, entries.size()));
        entries = entries.subspan(slice.size());
        removed += remove_slice(slice);
    }
    return removed;
}

std::size_t BlockingLedger::remove_slice(std::span<const LedgerEntry> entries) {
    const std::scoped_lock lock(mutex_);
    std::vector<const LedgerEntry*> removable;
    removable.reserve(entries.size());
    if (resident_.complete()) {
        for (const auto& entry : entries) {
            const auto* now = resident_.find(entry.key);
            if (now != nullptr && unchanged(entry, value_of(*now))) removable.push_back(&entry);
        }
    } else {
        Lookup lookup(database_);
        for (const auto& entry : entries) lookup.add(entry.key);
        lookup.run();
        for (std::size_t i = 0; i < entries.size(); ++i) {
            const auto now = lookup[i];
            if (now && unchanged(entries[i], *now)) removable.push_back(&entries[i]);
        }
    }
    if (removable.empty()) return 0;
    rocksdb::WriteBatch batch;
    for (const auto* entry : removable) check(batch.Delete(database_.ledger, entry->key), "remove applied keys");
    try {
        database_.write(batch, "remove applied keys");
    } catch (...) {
        resident_.drop();
        throw;
    }
    for (const auto* entry : removable) resident_.erase(entry->key);
    return removable.size();
}

std::vector<bool> BlockingLedger::contains(std::span<const std::string> keys) const {
    std::vector<bool> found;
    found.reserve(keys.size());
    while (!keys.empty()) {
        const auto slice = keys.first(std::min(slice_entries, keys.size()));
        keys = keys.subspan(slice.size());
        {
            const std::scoped_lock lock(mutex_);
            if (resident_.complete()) {
                for (const auto& key : slice) found.push_back(resident_.find(key) != nullptr);
                continue;
            }
        }
        Lookup lookup(database_);
        for (const auto& key : slice) lookup.add(key);
        lookup.run();
        for (std::size_t i = 0; i < slice.size(); ++i) found.push_back(lookup[i].has_value());
    }
    return found;
}

std::uint64_t BlockingLedger::pending_estimate() const {
    {
        const std::scoped_lock lock(mutex_);
        if (resident_.complete()) return resident_.size();
    }
    std::uint64_t keys = 0;
    database_.rocks().GetIntProperty(database_.ledger, rocksdb::DB::Properties::kEstimateNumKeys, &keys);
    return keys;
}

std::uint64_t BlockingLedger::bytes() const {
    std::uint64_t all = 0;
    for (const auto* property :
         {&rocksdb::DB::Properties::kTotalSstFilesSize, &rocksdb::DB::Properties::kSizeAllMemTables}) {
        std::uint64_t bytes = 0;
        if (database_.rocks().GetIntProperty(database_.ledger, *property, &bytes)) all += bytes;
    }
    return all;
}

}  // namespace pgwraith::store
