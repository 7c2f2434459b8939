// What there is to know of a migration whose process is gone.
#include "pgwraith/catalog/table.h"
#include "pgwraith/cutover/cutover.h"
#include "pgwraith/migration/migration.h"
#include "prepare.h"
#include "state.h"

namespace pgwraith::migration {

bool read_progress(const config::Settings& settings, Progress& progress) {
    const auto store = store::Store::look_into(settings.state_dir);
    if (!store) return false;
    const State state(store->journal());
    progress.phase = state.phase();
    progress.slot = state.slot_made() && progress.phase != Phase::done;
    for (const auto& chunk : store->journal().chunks()) {
        if (chunk.done) progress.rows_copied += chunk.rows;
    }
    progress.row_estimate = progress.rows_copied;
    progress.pending_changes = store->ledger().pending_estimate();
    if (const auto verified = state.verified()) {
        progress.rows_verified = verified->rows_live;
        progress.shadow_rows_verified = verified->rows_shadow;
        progress.differences_repaired = verified->repaired;
    }
    return state.identity().has_value();
}

Remembered remember(const config::Settings& settings) {
    Remembered began;
    try {
        const auto store = store::Store::look_into(settings.state_dir);
        const auto identity = store ? State(store->journal()).identity() : std::nullopt;
        if (identity) began = {identity->database, identity->table_oid};
    } catch (const Error& error) {
        spdlog::debug("{}", error.message());  // being made or removed at this moment
    }
    return began;
}

namespace {

// The swap of the transaction that the store knows of, or any: then another table bears the name.
Task<Ended> ask_server(config::Settings settings, Remembered began, std::optional<Xid> swap) {
    Pool pool(1);
    const postgres::Sessions sessions(settings.connection, pool);
    if (swap) {
        MigrationNames names(began.database, began.table);
        auto outcome = co_await cutover::find_outcome(sessions, *swap, began.table, names.old_schema);
        co_return outcome == cutover::Outcome::committed ? Ended::swapped : Ended::stopped;
    }
    settings.table = co_await with_schema(sessions, settings.table);
    auto connection = co_await sessions.open("outcome");
    auto now = co_await catalog::find_relation(*connection, settings.table);
    co_return now&&* now != began.table ? Ended::swapped : Ended::aborted;
}

}  // namespace

Task<Ended> find_end(config::Settings settings, Remembered began) {
    std::optional<Xid> swap;
    bool kept = false;
    if (const auto store = store::Store::look_into(settings.state_dir)) {
        const State state(store->journal());
        if (state.phase() == Phase::done) co_return Ended::swapped;
        swap = state.cutover_xid();
        const auto identity = state.identity();
        if (!swap || !identity) co_return Ended::stopped;
        began = {identity->database, identity->table_oid};
        kept = true;
    }
    if (!kept && store::Store::record(settings.state_dir)) co_return Ended::swapped;
    if (!kept && began.table == 0) co_return Ended::stopped;
    auto ended = Ended::unknown;
    try {
        ended = co_await ask_server(settings, began, swap);
    } catch (const postgres::PgError& error) {
        spdlog::debug("{}", error.message());
    }
    co_return ended;
}

}  // namespace pgwraith::migration
