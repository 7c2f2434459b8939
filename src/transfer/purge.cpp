#include "pgwraith/transfer/purge.h"

#include <fmt/format.h>

#include "pgwraith/base/faults.h"
#include "pgwraith/capture/origin.h"
#include "pgwraith/transfer/chunks.h"
#include "pgwraith/transfer/keys.h"

namespace pgwraith::transfer {

namespace {

constexpr std::size_t page = 10'000;

// The ledger's keys as COPY text, page by page.
class KeyPages {
  public:
    KeyPages(const store::Ledger& ledger, std::size_t columns) : ledger_(ledger), columns_(columns) {}

    Task<std::string> next() {
        auto entries = co_await ledger_.read(last_, page);
        std::string text = copy_text(entries, columns_);
        if (!entries.empty()) last_ = entries.back().key;
        co_return text;
    }

  private:
    const store::Ledger& ledger_;
    std::size_t columns_;
    std::string last_;
};

// The keys, in a table. A temporary one is nobody else's, not even a dump's, and goes with the session. A table in the
// schema that is ours, for the time of one transaction, takes no right on the database.
class KeyList {
  public:
    enum class Place { temporary, ours };

    KeyList(const shadow::Pair& pair, Place place)
        : pair_(pair),
          place_(place),
          name_{place == Place::temporary ? "pg_temp" : pair.shadow.schema,
                fmt::format("pgwraith_keys_{}", pair.shadow_oid)} {}

    // REQUIRES: a transaction. (An event trigger may have put every new table under row level security.)
    std::string create_sql() const {
        std::string definition;
        for (std::size_t n = 0; n < pair_.mapping.key.size(); ++n) {
            definition += fmt::format("{}k{} {}", n == 0 ? "" : ", ", n + 1, pair_.mapping.key[n].live.base_type_sql);
        }
        return fmt::format(
            "SET LOCAL default_tablespace = ''; SET LOCAL temp_tablespaces = ''; CREATE {0} TABLE {1} ({2}) USING "
            "heap; "
            "ALTER TABLE {1} NO FORCE ROW LEVEL SECURITY",
            place_ == Place::temporary ? "TEMPORARY" : "UNLOGGED", name_.sql(), definition);
    }

    // Returns how many there are.
    Task<std::uint64_t> fill(postgres::Connection& connection, const store::Ledger& ledger) const {
        KeyPages pages(ledger, pair_.mapping.key.size());
        const auto keys = co_await connection.copy_in(fmt::format("COPY {} FROM STDIN", name_.sql()),
                                                      [&pages] { return pages.next(); });
        co_await connection.script("ANALYZE " + name_.sql());
        co_return keys;
    }

    std::string delete_sql() const {
        std::string match;
        for (std::size_t n = 0; n < pair_.mapping.key.size(); ++n) {
            const auto& column = pair_.mapping.key[n];
            match += fmt::format("{}s.{} {} k.k{}::{}", n == 0 ? "" : " AND ", quote_identifier(column.shadow_name),
                                 column.live.equals, n + 1, column.shadow_type_sql);
        }
        return fmt::format("DELETE FROM ONLY {} AS s USING {} AS k WHERE {}", pair_.shadow.sql(), name_.sql(), match);
    }

    std::string drop_sql() const { return "DROP TABLE " + name_.sql(); }

  private:
    const shadow::Pair& pair_;
    Place place_;
    QualifiedName name_;
};

Task<std::unique_ptr<postgres::Connection>> open_session(const postgres::Sessions& sessions, std::string slot) {
    auto connection = co_await capture::open_writer(sessions, std::move(slot), "purge");
    // A hash join, whatever the planner believes of a shadow that was only just filled.
    co_await connection->script("SET work_mem = '64MB'; SET enable_nestloop = off");
    co_return connection;
}

// False: the role may not, or an event trigger does not want it.
Task<bool> make_temporary(postgres::Connection& connection, const KeyList& list) {
    try {
        co_await connection.script("BEGIN; " + list.create_sql());
        co_return true;
    } catch (const postgres::PgError& error) {
        if (error.state_class() != postgres::SqlStateClass::definitive) throw;
        spdlog::debug("purge: no temporary table: {}", error.message());
    }
    co_await postgres::rollback_quietly(connection);
    co_return false;
}

Task<std::uint32_t> blocks_of(postgres::Connection& connection, Oid table) {
    const auto size = co_await connection.query("SELECT pg_relation_size($1::oid) / current_setting('block_size')::int",
                                                postgres::params(std::to_string(table)));
    co_return static_cast<std::uint32_t>(size.uint64(0, 0));
}

Task<std::uint64_t> delete_by_ranges(Context context, postgres::Connection& connection, std::string sql,
                                     std::uint64_t keys) {
    const auto& settings = context.settings;
    const auto most = [&] { return blocks_for_bytes(settings.copy.chunk_max_bytes, 1, 0); };
    BlockQueue queue(co_await blocks_of(connection, context.pair.shadow_oid), {});
    ChunkSizer sizer(settings.copy.chunk_target, most());
    std::uint64_t removed = 0;
    for (;;) {
        co_await context.gate.pass();
        sizer.set_target(settings.copy.chunk_target);
        sizer.set_max_blocks(most());
        const auto range = queue.take(purge_blocks(sizer.blocks(), keys));
        if (!range) co_return removed;
        const auto started = Clock::now();
        const auto deleted =
            co_await connection.query(sql + " AND " + shadow::block_range(range->begin, range->end, "s."));
        fault_point("purge.range");
        removed += deleted.affected();
        const auto elapsed = std::chrono::duration_cast<milliseconds>(Clock::now() - started);
        sizer.took(range->end - range->begin, elapsed);
        const auto idle = idle_time(elapsed, settings);
        if (idle > milliseconds{0}) co_await sleep_for(idle);
    }
}

// Where the role may make no temporary table, and while changes are applied.
Task<std::uint64_t> delete_at_once(postgres::Connection& connection, const store::Ledger& ledger,
                                   const shadow::Pair& pair) {
    const KeyList list(pair, KeyList::Place::ours);
    co_await connection.script("BEGIN; " + list.create_sql());
    const auto keys = co_await list.fill(connection, ledger);
    const auto deleted = co_await connection.query(list.delete_sql());
    co_await connection.script(list.drop_sql() + "; COMMIT");
    spdlog::debug("purge: {} changed keys, {} rows removed", keys, deleted.affected());
    co_return deleted.affected();
}

}  // namespace

std::uint32_t purge_blocks(std::uint32_t fitting, std::uint64_t keys) {
    constexpr std::uint64_t keys_per_block = 10;
    constexpr std::uint64_t most = 1U << 30;
    return std::max(fitting, static_cast<std::uint32_t>(std::min(keys / keys_per_block, most)));
}

Task<std::uint64_t> purge_by_ranges(Context context) {
    const auto anything = co_await context.store.ledger().read("", 1);
    if (anything.empty()) co_return 0;
    const KeyList list(context.pair, KeyList::Place::temporary);
    auto connection = co_await open_session(context.sessions, context.pair.slot);
    const bool made = co_await make_temporary(*connection, list);
    if (!made) {
        const auto removed = co_await delete_at_once(*connection, context.store.ledger(), context.pair);
        co_return removed;
    }
    const auto keys = co_await list.fill(*connection, context.store.ledger());
    co_await connection->script("COMMIT");
    fault_point("purge.listed");
    const auto removed = co_await delete_by_ranges(context, *connection, list.delete_sql(), keys);
    spdlog::debug("purge: {} changed keys, {} rows removed", keys, removed);
    co_return removed;
}

Task<std::uint64_t> purge_at_once(const postgres::Sessions& sessions, const store::Ledger& ledger, shadow::Pair pair) {
    auto connection = co_await open_session(sessions, pair.slot);
    const auto removed = co_await delete_at_once(*connection, ledger, pair);
    co_return removed;
}

}  // namespace pgwraith::transfer
