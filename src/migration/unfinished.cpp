#include "unfinished.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "direct.h"
#include "objects.h"
#include "owner.h"
#include "pgwraith/catalog/table.h"
#include "pgwraith/online/plan_expansion.h"
#include "state.h"

namespace pgwraith::migration {

namespace {

Plan::Reason not_finished(const std::string& found, const char* carries_on) {
    const auto text = fmt::format("an earlier migration is not finished: {}", found);
    return {
        text,
        fmt::format("`pgwraith {}` with the `state_dir` that it had carries on, `pgwraith abort` drops it. What comes "
                    "after it can be planned then.",
                    carries_on)};
}

// What `check` refuses.
Task<std::optional<Error>> refusal_of(Task<void> check) {
    std::optional<Error> refused;
    try {
        co_await std::move(check);
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::refused) throw;
        refused = error;
    }
    co_return refused;
}

struct OfStateDir {
    std::optional<Error> taken_back;    // an abort of this table's migration has begun: what `run` says of that
    std::optional<Plan::Reason> begun;  // a migration without a shadow; not one that stands expanded, which the
                                        // database says better
};

Task<OfStateDir> read_state_dir(std::filesystem::path state_dir, Oid table) {
    OfStateDir found;
    const auto store = co_await store::Store::look_into(state_dir);
    if (!store) co_return found;
    const State state(store->journal());
    const auto identity = co_await state.identity();
    const auto phase = co_await state.phase();
    if (!identity) co_return found;
    if (identity->table_oid == table) found.taken_back = co_await refusal_of(require_not_taken_back(*store, *identity));
    if (!identity->direct() || phase == Phase::done || phase == Phase::expanded) co_return found;
    found.begun = not_finished(fmt::format("state directory {} (of {}, in phase {})", state_dir.string(),
                                           identity->table.sql(), phase_name(phase)),
                               phase == Phase::contract ? "contract" : "run");
    co_return found;
}

}  // namespace

Task<std::vector<Plan::Reason>> unfinished(postgres::Connection& connection, config::Settings settings, Oid table) {
    std::vector<Plan::Reason> refusals;
    const auto here = co_await read_state_dir(settings.state_dir, table);
    if (here.taken_back) {
        refusals.push_back({here.taken_back->message(), here.taken_back->hint()});
        co_return refusals;
    }
    for (const auto& made : co_await find_objects(connection, settings.table)) {
        refusals.push_back(not_finished(fmt::format("{}", fmt::join(made.describe(), ", ")), "run"));
    }
    if (!refusals.empty()) co_return refusals;
    const auto who = co_await Owner::held_by(connection, table);
    if (!who.empty()) {
        refusals.push_back({fmt::format("another process is migrating this table: {}", who),
                            "Use `pgwraith status` there, or wait until it has ended."});
    } else if (here.begun) {
        refusals.push_back(*here.begun);
    } else if (const auto refused = co_await refusal_of(online::refuse_expanded(connection, table))) {
        refusals.push_back({refused->message(), refused->hint()});
    }
    co_return refusals;
}

Task<void> refuse_begun_elsewhere(postgres::Connection& connection, const postgres::Sessions& sessions,
                                  config::Settings settings) {
    const auto table = co_await catalog::find_relation(connection, settings.table);
    if (!table) co_return;
    const auto owner = co_await Owner::acquire(sessions, *table, milliseconds{1'000});
    const auto refused = co_await refusal_of(online::refuse_expanded(connection, *table));
    if (refused) throw Error(ErrorKind::stopped, refused->message(), refused->hint());
}

}  // namespace pgwraith::migration
