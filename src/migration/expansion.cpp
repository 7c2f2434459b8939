#include "expansion.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "identity.h"
#include "pgwraith/postgres/transactions.h"
#include "speed.h"
#include "survey.h"

namespace pgwraith::migration {

namespace {

online::CameTo show(Board& board) {
    return [&board, speed = Speed()](std::uint64_t done, std::uint64_t all) mutable {
        auto& progress = board.progress;
        progress.units_done = done;
        progress.units_total = all;
        const auto blocks = speed.measure(Clock::now(), progress.phase, done);
        if (blocks) progress.eta = time_left(done, *blocks, progress.fraction());
        // Nothing but the comparison is left to do.
        if (blocks && progress.phase == Phase::compare && !progress.contracts) progress.eta_total = progress.eta;
    };
}

std::string columns_of(const online::Expansion& expansion) {
    std::vector<std::string> names;
    for (const auto& column : expansion.columns) names.push_back(column.name);
    return fmt::format("{}", fmt::join(names, ", "));
}

Task<void> look_at_rows(const postgres::Sessions& sessions, Board& board, catalog::Table live,
                        online::ExpansionPlan plan) {
    if (plan.may_fail.empty()) co_return;
    board.progress.activity = {"looking for rows that cannot be computed"};
    const auto found = co_await online::find_not_computable(sessions, board.gate, board.settings.copy.chunk_target,
                                                            live, plan.expansion, plan.may_fail, show(board));
    if (found.different == 0) co_return;
    const auto what = fmt::format("give no value for {}", fmt::join(plan.may_fail, ", "));
    throw Error(ErrorKind::refused, online::in_words(found, live.name.sql(), what),
                "Nothing was changed. Correct these rows, or the expression, then run again.");
}

}  // namespace

Task<online::ExpansionPlan> plan_expansion(postgres::Connection& connection, config::Settings settings,
                                           Identity identity, catalog::Table live) {
    const auto as_read = as_read_by_the_role(settings, identity.settings);
    co_return co_await online::plan_expansion(connection, live, as_read.expand, identity.names().new_schema);
}

Task<std::vector<online::Step>> begin_expansion(const postgres::Sessions& sessions, Board& board, store::Store& store,
                                                Identity identity) {
    auto connection = co_await sessions.open_for_rows("steps");
    const auto live = co_await catalog::read_table(*connection, identity.table_oid);
    auto plan = co_await plan_expansion(*connection, board.settings, identity, live);
    if (!plan.refusals.empty()) throw refusal(identity.table, plan.refusals);
    for (const auto& warning : plan.warnings) spdlog::warn("{}", warning);
    const auto facts = co_await online::read_facts(*connection, live, plan.parts);
    auto steps = online::expand_steps(plan, live, connection->server_version(), facts);
    connection->close();
    co_await look_at_rows(sessions, board, live, plan);
    co_await store.journal().put(plan.expansion);
    co_return steps;
}

Task<void> compare_columns(const postgres::Sessions& sessions, Board& board, store::Store& store, bool refuse) {
    const auto expansion = co_await store.journal().get<online::Expansion>();
    ensure(expansion.has_value(), "an expansion is recorded");
    auto connection = co_await sessions.open("compare");
    const auto live = co_await catalog::read_table(*connection, expansion->oid);
    connection->close();
    board.progress.activity = {"comparing old and new columns"};
    const auto found = co_await online::compare_columns(sessions, board.gate, board.settings.copy.chunk_target, live,
                                                        *expansion, show(board));
    board.progress.rows_verified = found.rows;
    if (found.different == 0) {
        spdlog::info("old and new columns agree in {} rows of {}", format_count(found.rows), live.name.sql());
        co_return;
    }
    const auto what = fmt::format("have old and new columns that do not agree ({} and {})",
                                  fmt::join(expansion->old_columns, ", "), columns_of(*expansion));
    throw Error(
        refuse ? ErrorKind::refused : ErrorKind::stopped, online::in_words(found, live.name.sql(), what),
        "Correct these rows (write either side of them), then run the same command again; `pgwraith abort` goes "
        "back to the old columns.");
}

Task<bool> contracted(const postgres::Sessions& sessions, store::Store& store) {
    const auto begun = co_await store.journal().get<ContractionBegun>();
    if (!begun) co_return false;
    auto connection = co_await sessions.open("outcome");
    const auto status = co_await postgres::final_xact_status(*connection, begun->xid);
    if (status == postgres::XactStatus::forgotten) {
        // Whether the old columns are there tells as much.
        const auto expansion = co_await store.journal().get<online::Expansion>();
        const auto live = co_await catalog::read_table(*connection, expansion.value().oid);
        co_return live.column(expansion->old_columns.front()) == nullptr;
    }
    co_return status == postgres::XactStatus::committed;
}

}  // namespace pgwraith::migration
