// What there is to know of a migration whose process is gone.
#include <nlohmann/json.hpp>

#include "pgwraith/catalog/table.h"
#include "pgwraith/cutover/cutover.h"
#include "pgwraith/migration/migration.h"
#include "state.h"
#include "survey.h"

namespace pgwraith::migration {

Task<std::optional<Progress>> read_progress(config::Settings settings) {
    const auto store = co_await store::Store::look_into(settings.state_dir);
    if (!store) co_return std::nullopt;
    const State state(store->journal());
    const auto identity = co_await state.identity();
    if (!identity) co_return std::nullopt;
    Progress progress;
    progress.phase = co_await state.phase();
    progress.rehearsal = identity->rehearsal;
    progress.direct = identity->direct();
    progress.expands = identity->expands();
    progress.aborting = co_await state.taken_back();
    const bool slot_made = co_await state.slot_made();
    progress.slot = slot_made && progress.phase != Phase::done;
    const auto borrowed = co_await state.borrowed_identity();
    if (borrowed && progress.phase != Phase::done) progress.borrowed_identity = borrowed->in_words();
    for (const auto& chunk : co_await store->journal().chunks()) {
        if (chunk.done) progress.rows_copied += chunk.rows;
    }
    progress.row_estimate = progress.rows_copied;
    progress.pending_changes = co_await store->ledger().pending_estimate();
    const auto verified = co_await state.verified();
    if (verified) {
        progress.rows_verified = verified->rows_live;
        progress.shadow_rows_verified = verified->rows_shadow;
        progress.differences_repaired = verified->repaired;
    }
    co_return progress;
}

Task<Remembered> remember(config::Settings settings) {
    Remembered began;
    try {
        const auto store = co_await store::Store::look_into(settings.state_dir);
        if (!store) co_return began;
        const auto identity = co_await State(store->journal()).identity();
        if (identity) began = {identity->database, identity->table_oid, identity->table};
    } catch (const Error& error) {
        spdlog::debug("{}", error.message());  // being made or removed at this moment
    }
    co_return began;
}

namespace {

// The swap of the transaction that the store knows of, or any: then another table has the name.
Task<Ended> ask_server(config::Settings settings, Remembered began, std::optional<Xid> swap) {
    const postgres::Sessions sessions(settings.connection);
    if (swap) {
        MigrationNames names(began.database, began.table);
        auto outcome = co_await cutover::find_outcome(sessions, *swap, began.table, began.name, names.old_schema);
        co_return outcome == cutover::Outcome::committed ? Ended::swapped : Ended::stopped;
    }
    settings.table = co_await with_schema(sessions, settings.table);
    auto connection = co_await sessions.open("outcome");
    auto now = co_await catalog::find_relation(*connection, settings.table);
    const bool another = now.has_value() && *now != began.table;
    co_return another ? Ended::swapped : Ended::aborted;
}

}  // namespace

Task<Ended> find_end(config::Settings settings, Remembered began) {
    std::optional<Xid> swap;
    bool kept = false;
    const auto store = co_await store::Store::look_into(settings.state_dir);
    if (store) {
        const State state(store->journal());
        const auto phase = co_await state.phase();
        if (phase == Phase::done) co_return Ended::swapped;
        swap = co_await state.cutover_xid();
        const auto identity = co_await state.identity();
        if (!swap || !identity) co_return Ended::stopped;
        began = {identity->database, identity->table_oid, identity->table};
        kept = true;
    }
    if (!kept && done_since(settings)) co_return Ended::swapped;
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
