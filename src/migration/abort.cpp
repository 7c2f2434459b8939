// `pgwraith abort` of a migration whose process is gone.
#include <fmt/format.h>

#include "objects.h"
#include "owner.h"
#include "pgwraith/cutover/cutover.h"
#include "pgwraith/migration/migration.h"
#include "pgwraith/store/store.h"
#include "prepare.h"

namespace pgwraith::migration {

namespace {

// The swap may have happened before the process died: then there is nothing to undo, but something left to do.
Task<void> look_for_swap(const postgres::Sessions& sessions, Pool& pool, config::Settings settings, Aborted& aborted) {
    std::optional<Xid> xid;
    std::optional<Identity> identity;
    std::vector<std::string> left;
    co_await pool.run([&] {
        try {
            const auto store = store::Store::open(settings.state_dir, false);
            const State state(store->journal());
            xid = state.cutover_xid();
            identity = state.identity();
            left = state.after_commit();
        } catch (const Error& error) {
            spdlog::debug("{}", error.message());  // a store that cannot be read is no obstacle
        }
    });
    if (!xid || !identity) co_return;
    MigrationNames names(identity->database, identity->table_oid);
    auto outcome = co_await cutover::find_outcome(sessions, *xid, identity->table_oid, names.old_schema);
    if (outcome != cutover::Outcome::committed) co_return;
    aborted.swapped = true;
    aborted.left = std::move(left);
}

}  // namespace

Task<Aborted> abort_migration(config::Settings settings,
                              std::function<void(const std::vector<std::string>&)> announce) {
    Pool pool(2);
    postgres::Sessions sessions(settings.connection, search_path_for(settings.table), pool);
    auto connection = co_await sessions.open("abort");

    // Neither the state directory nor the table may have another owner. A store that cannot be read is no obstacle:
    // what is in the database says itself what it is.
    bool has_store = store::Store::exists(settings.state_dir);
    auto all = co_await find_objects(*connection, settings.table);
    std::vector<std::unique_ptr<Owner>> owners;
    for (const auto& made : all) owners.push_back(co_await Owner::acquire(sessions, made.table, milliseconds{1'000}));

    Aborted aborted;
    auto& found = aborted.removed;
    for (const auto& made : all) {
        for (auto& line : made.describe()) found.push_back(std::move(line));
    }
    if (has_store) found.push_back("state directory " + settings.state_dir.string());
    const bool has_record = store::Store::record(settings.state_dir).has_value();
    if (has_record) found.push_back("record of a migration that is done, in " + settings.state_dir.string());
    if (found.empty()) co_return aborted;
    aborted.swapped = has_record;
    if (has_store) co_await look_for_swap(sessions, pool, settings, aborted);
    announce(found);
    for (auto& made : all) co_await drop_objects(*connection, made);
    if (has_store) co_await pool.run([&] { store::Store::destroy(settings.state_dir); });
    if (has_record) store::Store::remove_record(settings.state_dir);
    co_return aborted;
}

}  // namespace pgwraith::migration
