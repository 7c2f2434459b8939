#include "pgwraith/transfer/purge.h"

#include <fmt/format.h>

#include "pgwraith/base/faults.h"
#include "pgwraith/capture/origin.h"
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

}  // namespace

Task<std::uint64_t> purge(const postgres::Sessions& sessions, const store::Ledger& ledger, shadow::Pair pair) {
    const auto anything = co_await ledger.read("", 1);
    if (anything.empty()) co_return 0;

    std::string definition, match;
    int n = 0;
    for (const auto& column : pair.mapping.key) {
        ++n;
        definition += fmt::format("{}k{} {}", n == 1 ? "" : ", ", n, column.live.base_type_sql);
        match += fmt::format("{}s.{} {} k.k{}::{}", n == 1 ? "" : " AND ", quote_identifier(column.shadow_name),
                             column.live.equals, n, column.shadow_type_sql);
    }
    auto connection = co_await capture::open_writer(sessions, pair.slot, "purge");
    // A hash join, whatever the planner believes of a shadow that was only just filled.
    co_await connection->script("SET work_mem = '64MB'; SET enable_nestloop = off");
    // In the schema that is ours, for the time of one transaction: a temporary table would take a right on the database
    // that nothing else needs. (An event trigger may have put every new table under row level security.)
    const QualifiedName listed{pair.shadow.schema, fmt::format("pgwraith_keys_{}", pair.shadow_oid)};
    co_await connection->script(
        fmt::format("BEGIN; SET LOCAL default_tablespace = ''; CREATE UNLOGGED TABLE {0} ({1}) USING heap; "
                    "ALTER TABLE {0} NO FORCE ROW LEVEL SECURITY",
                    listed.sql(), definition));
    KeyPages pages(ledger, pair.mapping.key.size());
    auto keys = co_await connection->copy_in(fmt::format("COPY {} FROM STDIN", listed.sql()),
                                             [&pages] { return pages.next(); });
    co_await connection->script("ANALYZE " + listed.sql());
    fault_point("purge.before_delete");
    auto removed = co_await connection->query(
        fmt::format("DELETE FROM ONLY {} AS s USING {} AS k WHERE {}", pair.shadow.sql(), listed.sql(), match));
    co_await connection->script(fmt::format("DROP TABLE {}; COMMIT", listed.sql()));
    spdlog::debug("purge: {} changed keys, {} rows removed", keys, removed.affected());
    co_return removed.affected();
}

}  // namespace pgwraith::transfer
