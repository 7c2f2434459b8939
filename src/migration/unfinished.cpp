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

// nullopt: the directory holds none, or one that stands expanded, which the database says better.
Task<std::optional<Plan::Reason>> begun_without_shadow(std::filesystem::path state_dir) {
    const auto store = co_await store::Store::look_into(state_dir);
    if (!store) co_return std::nullopt;
    const State state(store->journal());
    const auto identity = co_await state.identity();
    const auto phase = co_await state.phase();
    if (!identity || !identity->direct() || phase == Phase::done || phase == Phase::expanded) co_return std::nullopt;
    co_return not_finished(fmt::format("state directory {} (of {}, in phase {})", state_dir.string(),
                                       identity->table.sql(), phase_name(phase)),
                           phase == Phase::contract ? "contract" : "run");
}

// What `run` would say of it.
Task<std::optional<Error>> being_taken_back(std::filesystem::path state_dir, Oid table) {
    const auto store = co_await store::Store::look_into(state_dir);
    if (!store) co_return std::nullopt;
    const State state(store->journal());
    const auto identity = co_await state.identity();
    if (!identity || identity->table_oid != table) co_return std::nullopt;
    std::optional<Error> refused;
    try {
        co_await require_not_taken_back(*store, *identity);
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::refused) throw;
        refused = error;
    }
    co_return refused;
}

Task<std::optional<Error>> expanded(postgres::Connection& connection, Oid table) {
    std::optional<Error> refused;
    try {
        co_await online::refuse_expanded(connection, table);
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::refused) throw;
        refused = error;
    }
    co_return refused;
}

}  // namespace

Task<std::vector<Plan::Reason>> unfinished(postgres::Connection& connection, config::Settings settings, Oid table) {
    const auto taken_back = co_await being_taken_back(settings.state_dir, table);
    if (taken_back) co_return std::vector<Plan::Reason>{{taken_back->message(), taken_back->hint()}};
    std::vector<Plan::Reason> refusals;
    for (const auto& made : co_await find_objects(connection, settings.table)) {
        refusals.push_back(not_finished(fmt::format("{}", fmt::join(made.describe(), ", ")), "run"));
    }
    if (!refusals.empty()) co_return refusals;
    const auto who = co_await Owner::held_by(connection, table);
    const auto here = co_await begun_without_shadow(settings.state_dir);
    if (!who.empty()) {
        refusals.push_back({fmt::format("another process is migrating this table: {}", who),
                            "Use `pgwraith status` there, or wait until it has ended."});
    } else if (here) {
        refusals.push_back(*here);
    } else if (const auto refused = co_await expanded(connection, table)) {
        refusals.push_back({refused->message(), refused->hint()});
    }
    co_return refusals;
}

Task<void> refuse_begun_elsewhere(postgres::Connection& connection, const postgres::Sessions& sessions,
                                  config::Settings settings) {
    const auto table = co_await catalog::find_relation(connection, settings.table);
    if (!table) co_return;
    const auto owner = co_await Owner::acquire(sessions, *table, milliseconds{1'000});
    const auto refused = co_await expanded(connection, *table);
    if (refused) throw Error(ErrorKind::stopped, refused->message(), refused->hint());
}

}  // namespace pgwraith::migration
