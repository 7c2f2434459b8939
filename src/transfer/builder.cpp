#include "pgwraith/transfer/builder.h"

#include <fmt/format.h>

#include <set>

#include "build_order.h"
#include "failing_index.h"
#include "failing_rows.h"
#include "pgwraith/base/faults.h"
#include "pgwraith/catalog/holders.h"

namespace pgwraith::transfer {

namespace {

bool is_duplicate(const postgres::PgError& error) {
    return error.is(postgres::sqlstate::unique_violation) || error.is(postgres::sqlstate::exclusion_violation);
}

}  // namespace

Builder::Builder(Context context) : context_(context) { progress_.indexes_total = context_.blueprint.indexes.size(); }

Task<void> Builder::run() {
    auto executor = co_await asio::this_coro::executor;
    co_await find_missing();
    auto all = std::move(missing_);
    missing_.clear();
    std::ranges::copy_if(all, std::back_inserter(missing_), [](const auto* index) { return index->first; });
    co_await work_off(executor, 1);
    std::ranges::copy_if(all, std::back_inserter(missing_), [](const auto* index) { return !index->first; });
    co_await work_off(executor, static_cast<std::size_t>(context_.settings.build.workers));
    co_await finish();
    first_.reset();  // sessions may be few
}

Task<void> Builder::work_off(asio::any_io_executor executor, std::size_t workers) {
    TaskGroup group(executor);
    const auto count = std::min(workers, missing_.size());
    for (std::size_t number = 0; number < count; ++number) group.spawn(work(static_cast<int>(number)));
    co_await group.join();
}

Task<void> Builder::vacuum() {
    progress_.activity = {"vacuuming the shadow"};
    first_ = co_await open(0);
    co_await first_->script(fmt::format("VACUUM (ANALYZE) {}", context_.pair.shadow.sql()));
}

Task<std::unique_ptr<postgres::Connection>> Builder::open(int number) {
    auto connection = co_await context_.sessions.open_for_rows(fmt::format("build {}", number + 1));
    co_await connection->script(
        fmt::format("SET maintenance_work_mem = '{}kB'", context_.settings.build.maintenance_work_mem / 1024));
    co_return connection;
}

Task<void> Builder::find_missing() {
    auto standing = co_await first_->query(
        "SELECT c.relname, i.indisvalid AND i.indisready FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid "
        "WHERE i.indrelid = $1::oid",
        postgres::params(std::to_string(context_.pair.shadow_oid)));
    std::set<std::string> valid;
    for (int row = 0; row < standing.rows(); ++row) {
        auto name = standing.str(row, 0);
        if (standing.boolean(row, 1)) {
            valid.insert(name);
        } else {
            QualifiedName invalid{context_.pair.shadow.schema, name};
            co_await first_->script("DROP INDEX " + invalid.sql());
        }
    }
    missing_ = missing_indexes(context_.blueprint, valid);
    progress_.indexes_done = progress_.indexes_total - missing_.size();
}

Task<void> Builder::work(int number) {
    std::unique_ptr<postgres::Connection> own;
    if (number > 0) own = co_await open(number);
    auto& connection = number > 0 ? *own : *first_;
    const throttle::Turn turn{number, context_.settings.build.workers, [this] { return missing_.empty(); }};
    for (;;) {
        const bool may_work = co_await context_.gate.pass(turn);
        if (!may_work) break;
        const auto* index = missing_.back();
        missing_.pop_back();
        progress_.activity = {"building " + index->name};
        const Busy busy(progress_.busy);
        const auto helpers =
            context_.gate.helpers(parallel_workers(context_.settings.build, progress_.busy, missing_.size()));
        co_await connection.script(fmt::format("SET max_parallel_maintenance_workers = {}", helpers));
        co_await run_statement(connection, index->create_sql, "index " + quote_identifier(index->name));
        ++progress_.indexes_done;
        fault_point("build.index");
    }
    context_.gate.look_again();
}

// Values that a new unique index or EXCLUDE constraint may hold only once, or that an index cannot take at all, become
// an error that names their rows.
Task<void> Builder::run_statement(postgres::Connection& connection, std::string sql, std::string name) {
    auto failure = co_await postgres::try_script(connection, sql);
    if (failure && is_duplicate(*failure)) {
        auto refused = co_await duplicates_refused(context_.sessions, context_.pair, context_.blueprint, *failure);
        throw refused;
    }
    if (failure && failure->state_class() == postgres::SqlStateClass::definitive) {
        progress_.activity = {"looking for the rows that " + name + " cannot take"};
        auto refused = co_await index_refused(context_.sessions, context_.pair, name, sql, *failure);
        throw refused;
    }
    if (failure) throw *failure;
}

// Somebody may read the shadow for hours, a pg_dump does: the changes are followed meanwhile.
Task<void> Builder::wait_for_lock(postgres::Connection& connection, std::string sql) {
    for (auto pause = milliseconds{500};; pause = std::min(pause * 2, milliseconds{60'000})) {
        std::optional<postgres::PgError> refused;
        try {
            co_await catalog::script_naming_holders(connection, sql, context_.pair.shadow_oid,
                                                    catalog::LockStrength::access_exclusive);
        } catch (const postgres::PgError& error) {
            if (!error.is(postgres::sqlstate::lock_not_available)) throw;
            refused = error;
        }
        if (!refused) co_return;
        spdlog::warn("constraints of the new table wait: {}; trying again in {}", refused->message(),
                     format_duration(pause));
        progress_.activity = {"waiting to add constraints: " + refused->message(), Waits::others};
        co_await sleep_for(pause);
    }
}

// Promoting an index to a constraint takes ACCESS EXCLUSIVE on the shadow: only after all builds.
Task<void> Builder::finish() {
    progress_.activity = {"adding constraints"};
    auto standing = co_await first_->query("SELECT conname FROM pg_constraint WHERE conrelid = $1::oid",
                                           postgres::params(std::to_string(context_.pair.shadow_oid)));
    std::set<std::string> constraints;
    for (int row = 0; row < standing.rows(); ++row) constraints.insert(standing.str(row, 0));

    co_await wait_for_lock(*first_, constraints_sql(context_.blueprint, constraints));
    fault_point("build.constraints");
    for (const auto& statement : missing_constraints(context_.blueprint, constraints)) {
        co_await context_.gate.pass();
        co_await run_statement(*first_, statement, "the constraint of `" + statement + "`");
        fault_point("build.after_statement");
    }
}

Task<bool> refresh_statistics(postgres::Connection& connection, shadow::Pair pair) {
    // As autovacuum decides, with its default settings.
    auto stale = co_await connection.query(
        "SELECT pg_stat_get_mod_since_analyze(oid) > 50 + 0.1 * greatest(reltuples, 0) "
        "  OR EXISTS (SELECT FROM pg_index WHERE indrelid = c.oid AND indexprs IS NOT NULL) "
        "FROM pg_class c WHERE oid = $1::oid",
        postgres::params(std::to_string(pair.shadow_oid)));
    const bool needed = !stale.empty() && stale.boolean(0, 0);
    if (!needed) co_return false;
    bool gathered = false;
    try {
        co_await connection.script("ANALYZE " + pair.shadow.sql());
        gathered = true;
    } catch (const postgres::PgError& error) {
        // Worth no stop: autovacuum, which may be at it already, does the same later.
        if (error.connection_lost()) throw;
        spdlog::warn("the new table's statistics could not be gathered again: {}", error.message());
    }
    co_return gathered;
}

}  // namespace pgwraith::transfer
