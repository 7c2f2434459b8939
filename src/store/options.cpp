#include "options.h"

#include <rocksdb/cache.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/slice_transform.h>
#include <rocksdb/table.h>
#include <rocksdb/utilities/table_properties_collectors.h>

#include <spdlog/spdlog.h>

#include <array>
#include <cstdarg>
#include <cstdio>

#include "database.h"

namespace pgwraith::store {

namespace {

constexpr std::size_t mebibyte = 1u << 20;
// Together about 60 MiB at the worst: the process as a whole must stay below 128 MiB.
constexpr std::size_t block_cache_bytes = 16 * mebibyte;
constexpr std::size_t ledger_memtable_bytes = 12 * mebibyte;
constexpr int ledger_memtables = 3;
constexpr std::size_t small_memtable_bytes = 2 * mebibyte;

// Instead of RocksDB's LOG file: Debian's library is built with assertions, and one of them ends the process when
// the LOG is written to again after the disk was full.
class LogToOurs : public rocksdb::Logger {
  public:
    LogToOurs() : rocksdb::Logger(rocksdb::InfoLogLevel::WARN_LEVEL) {}
    using rocksdb::Logger::Logv;
    void Logv(const char* /*format*/, va_list /*arguments*/) override {}
    void Logv(const rocksdb::InfoLogLevel level, const char* format, va_list arguments) override {
        if (level < rocksdb::InfoLogLevel::WARN_LEVEL || level == rocksdb::InfoLogLevel::HEADER_LEVEL) return;
        std::array<char, 512> text{};
        std::vsnprintf(text.data(), text.size(), format, arguments);
        spdlog::debug("RocksDB: {}", text.data());
    }
};

rocksdb::BlockBasedTableOptions table_options(const std::shared_ptr<rocksdb::Cache>& cache) {
    rocksdb::BlockBasedTableOptions table;
    table.block_cache = cache;
    table.block_size = 8192;
    table.format_version = 5;
    // Index and filter of 10 million keys are 12 MiB: in partitions, in the cache, they come and go.
    table.cache_index_and_filter_blocks = true;
    table.cache_index_and_filter_blocks_with_high_priority = true;
    table.index_type = rocksdb::BlockBasedTableOptions::kTwoLevelIndexSearch;
    table.partition_filters = true;
    table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
    return table;
}

rocksdb::ColumnFamilyOptions family_options(const std::shared_ptr<rocksdb::Cache>& cache, std::size_t memtable) {
    rocksdb::ColumnFamilyOptions options;
    options.write_buffer_size = memtable;
    options.max_write_buffer_number = 2;
    options.compression = rocksdb::kLZ4Compression;
    options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table_options(cache)));
    return options;
}

rocksdb::ColumnFamilyOptions ledger_options(const std::shared_ptr<rocksdb::Cache>& cache) {
    auto options = family_options(cache, ledger_memtable_bytes);
    options.max_write_buffer_number = ledger_memtables;
    options.target_file_size_base = 16 * mebibyte;
    options.max_bytes_for_level_base = 128 * mebibyte;
    // Keys come and go in batches that are in their order: the search for the place of each begins at that of the one
    // before, which is a fraction of the work. All keys have the same prefix, none: they share one place.
    options.memtable_insert_with_hint_prefix_extractor.reset(rocksdb::NewCappedPrefixTransform(0));
    // Random keys, as of uuid tables: rather let level 0 grow for a while than slow down the change stream.
    options.level0_file_num_compaction_trigger = 8;
    options.level0_slowdown_writes_trigger = 48;
    options.level0_stop_writes_trigger = 64;
    // Almost every key that is looked up is there.
    options.optimize_filters_for_hits = true;
    // Applied keys leave tombstones; a file of which half are such is compacted without waiting for its level.
    options.table_properties_collector_factories.push_back(
        rocksdb::NewCompactOnDeletionCollectorFactory(4096, 2048, 0.5));
    return options;
}

}  // namespace

rocksdb::DBOptions database_options(bool create) {
    rocksdb::DBOptions options;
    options.create_if_missing = create;
    options.create_missing_column_families = create;
    options.error_if_exists = create;
    options.paranoid_checks = true;
    // After a crash of the operating system the WAL ends in whatever reached the disk: a torn record, or pages
    // missing before pages that are there. What sync() promised is a prefix of it, whole. This mode takes the longest
    // whole prefix. kTolerateCorruptedTailRecords and kAbsoluteConsistency would refuse, for good, a tail nobody was
    // promised. The price: bytes that went bad *within* the promised prefix look like a torn tail as well; who knows
    // what was acknowledged to the slot must compare it with Ledger::position() (docs/formats.md).
    options.wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
    // The small column families are written all the time and hardly ever full: without a limit they keep every WAL.
    options.max_total_wal_size = 48 * mebibyte;
    options.max_background_jobs = 2;
    options.max_subcompactions = 1;
    options.max_open_files = 256;
    options.bytes_per_sync = mebibyte;
    options.wal_bytes_per_sync = mebibyte;
    options.info_log = std::make_shared<LogToOurs>();
    options.stats_dump_period_sec = 0;
    options.stats_persist_period_sec = 0;
    return options;
}

std::vector<rocksdb::ColumnFamilyDescriptor> column_families() {
    const auto cache = rocksdb::NewLRUCache(block_cache_bytes, 2);
    return {{rocksdb::kDefaultColumnFamilyName, family_options(cache, small_memtable_bytes)},
            {journal_family, family_options(cache, small_memtable_bytes)},
            {ledger_family, ledger_options(cache)}};
}

}  // namespace pgwraith::store
