#include "watch.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "pgwraith/base/faults.h"
#include "pgwraith/capture/publication.h"

namespace pgwraith::migration {

namespace {

constexpr milliseconds interval{300};
constexpr milliseconds definition_interval{2'000};

// Is the table's every change in our publication, and would that make UPDATE and DELETE fail? As
// CheckCmdReplicaIdentity() and pub_collist_contains_invalid_column() of the server decide it.
constexpr const char* publication_sql = R"sql(
SELECT pr.oid IS NOT NULL AND p.pubinsert AND p.pubupdate AND p.pubdelete AND p.pubtruncate,
       pr.oid IS NOT NULL AND (p.pubupdate OR p.pubdelete) AND CASE c.relreplident
         WHEN 'n' THEN true
         WHEN 'f' THEN pr.prattrs IS NOT NULL
         ELSE NOT EXISTS (
           SELECT FROM pg_index x
            WHERE x.indrelid = c.oid AND x.indisvalid AND x.indisunique AND x.indimmediate AND x.indpred IS NULL
              AND CASE c.relreplident WHEN 'd' THEN x.indisprimary ELSE x.indisreplident END
              AND (pr.prattrs IS NULL
                   OR ARRAY(SELECT k FROM unnest(x.indkey::int2[]) WITH ORDINALITY AS u (k, n) WHERE n <= x.indnkeyatts)
                        <@ pr.prattrs::int2[]))
       END,
       CASE c.relreplident WHEN 'n' THEN 'NOTHING' WHEN 'f' THEN 'FULL'
         WHEN 'd' THEN coalesce('the primary key, on ' || i.columns, 'the primary key, and there is none')
         ELSE coalesce('the index on ' || i.columns, 'an index that is gone') END
  FROM pg_class c
  LEFT JOIN pg_publication p ON p.pubname = $2
  LEFT JOIN pg_publication_rel pr ON pr.prrelid = c.oid AND pr.prpubid = p.oid
  LEFT JOIN LATERAL (
    SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum)
      FROM pg_index x JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY (x.indkey)
     WHERE x.indrelid = c.oid AND x.indisvalid
       AND CASE c.relreplident WHEN 'd' THEN x.indisprimary ELSE x.indisreplident END) AS i (columns) ON true
 WHERE c.oid = $1::oid)sql";

constexpr const char* start_anew =
    "The changes since then are not in the change stream, so that this migration cannot go on. The live table is "
    "untouched. Give the table the replica identity that it is to keep, then `pgwraith abort` and start anew; until "
    "then "
    "the replication slot keeps WAL on the server.";

}  // namespace

Watch::Watch(AttemptContext context)
    : context_(context), board_(context.board), state_(context.store.journal()), names_(context.identity.names()) {}

std::string against_publication(const PublicationState& found, const QualifiedName& table,
                                const std::string& publication, bool preparing) {
    if (found.harms) {
        return fmt::format(
            "the replica identity of {} is {} now: while our publication had the table, the server refused its UPDATE "
            "and DELETE. The publication {} was made to publish nothing at once; they work again",
            table.sql(), found.identity, publication);
    }
    if (found.there || preparing) return "";
    return fmt::format("the publication {} of {} is gone: somebody dropped or altered it, or took the table out of it",
                       publication, table.sql());
}

// It must not wait behind a lock of others: its messages can wait.
Task<void> Watch::open() {
    if (connection_ && connection_->is_open()) co_return;  // what ended preparing may have cancelled a question
    connection_ = co_await context_.sessions.open("watch");
    co_await connection_->script("SET lock_timeout = '200ms'");
}

Task<void> Watch::look(postgres::Connection& connection) {
    const auto before = co_await state_.publication_silenced();
    if (before) verdict_ = Error(ErrorKind::stopped, *before, start_anew);
    if (!before) co_await look_at_publication(connection, false);
    if (verdict_) throw Error(*verdict_);
}

Task<void> Watch::while_preparing() {
    co_await open();
    for (;;) {
        co_await look_at_publication(*connection_, true);
        if (verdict_) break;
        co_await sleep_for(interval);
    }
    throw Error(*verdict_);
}

Task<void> Watch::run(catalog::Definition start) {
    co_await open();
    auto looked = Clock::now();
    for (;;) {
        co_await look_at_publication(*connection_, false);
        if (verdict_) break;
        if (Clock::now() - looked >= definition_interval && board_.progress.phase < Phase::cutover) {
            co_await look_at_definition(*connection_, start);
            looked = Clock::now();
        }
        co_await sleep_for(interval);
    }
    throw Error(*verdict_);
}

Task<void> Watch::look_at_publication(postgres::Connection& connection, bool preparing) {
    auto row = co_await connection.query(
        publication_sql, postgres::params(std::to_string(context_.identity.table_oid), names_.publication));
    if (row.empty()) co_return;  // the table is gone; others say so
    const bool harms = row.boolean(0, 1) && !broken_on_purpose("replica_identity");
    const PublicationState found{row.boolean(0, 0), harms, row.str(0, 2)};
    const auto why = against_publication(found, context_.identity.table, names_.publication, preparing);
    if (why.empty()) co_return;
    // It is not dropped: that takes a lock on the table, or would race with its writers.
    if (harms) co_await capture::silence_publication(connection, names_.publication);
    verdict_ = Error(ErrorKind::stopped, why, start_anew);
    if (harms && !preparing) co_await state_.set_publication_silenced(why);
}

// A session that alters the table may hold its lock for long; then the change is said later.
Task<void> Watch::look_at_definition(postgres::Connection& connection, const catalog::Definition& start) {
    try {
        if (seen_) {
            const auto changed = co_await catalog::changed_since(connection, *seen_);
            if (changed.empty()) co_return;
        }
        co_await connection.script("BEGIN ISOLATION LEVEL REPEATABLE READ");
        const auto now = co_await catalog::read_definition(connection, context_.identity.table_oid);
        seen_ = co_await catalog::take_fingerprint(connection, context_.identity.table_oid);
        co_await connection.script("COMMIT");
        say(catalog::changes(start, now));
        co_return;
    } catch (const postgres::PgError& error) {
        if (error.connection_lost()) throw;
        spdlog::debug("what others did to the table is looked at later: {}", error.message());
    }
    seen_.reset();
    co_await postgres::rollback_quietly(connection);
}

void Watch::say(const catalog::DefinitionChanges& changes) {
    board_.progress.drift = changes.drift;
    std::vector<std::string> news;
    for (const auto& line : changes.drift) {
        if (said_.insert(line).second) news.push_back(line);
    }
    if (!news.empty()) {
        spdlog::warn(
            "{} was altered: {}. The new table would lack that, so nothing will be swapped unless it is undone before "
            "the cutover",
            context_.identity.table.sql(), fmt::join(news, "; "));
    }
    news.clear();
    for (const auto& line : changes.taken_along) {
        if (said_.insert(line).second) news.push_back(line);
    }
    if (!news.empty()) {
        spdlog::info("{} was altered: {}. The swap takes that along", context_.identity.table.sql(),
                     fmt::join(news, "; "));
    }
}

}  // namespace pgwraith::migration
