#include "plan_expand.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "advice.h"
#include "expansion.h"
#include "identity.h"
#include "survey.h"
#include "unfinished.h"

namespace pgwraith::migration {

namespace {

void add_columns(const online::Expansion& expansion, Plan& plan) {
    for (const auto& column : expansion.columns) {
        plan.columns.push_back({column.name, column.type, column.from, online::over_row(column.up), "expand"});
    }
}

// One statement is shown, several can be unfolded; what a look asks is long.
void add_step(Plan& plan, std::string what, const std::string& lock, const std::vector<std::string>& statements,
              bool look = false) {
    const bool alone = statements.size() == 1 && !look;
    plan.steps.push_back({std::move(what), lock, alone ? statements.front() : ""});
    if (alone) return;
    for (const auto& statement : statements) plan.steps.push_back({"  in it", "the same", statement, true});
}

void add_steps(const online::ExpansionPlan& expand, const std::vector<online::Step>& steps, const catalog::Table& live,
               Plan& plan) {
    if (!expand.may_fail.empty()) {
        plan.steps.push_back({fmt::format("look for rows that give no value for {}", fmt::join(expand.may_fail, ", ")),
                              "ACCESS SHARE, per chunk", ""});
    }
    for (const auto& step : steps) {
        const bool fills = step.kind == online::StepKind::fill;
        std::vector<std::string> statements = step.statements;
        if (fills) statements = {update_of(step)};
        add_step(plan, step.what, step.lock(), statements, step.kind == online::StepKind::check);
    }
    plan.steps.push_back({"compare old and new columns in all rows", "ACCESS SHARE, per chunk", ""});
    plan.steps.push_back(
        {"`run` ends: old and new versions of the application may run side by side, until no old one is "
         "left",
         "none", ""});
    const auto work = online::contraction(expand.expansion, live, expand.inheritance);
    add_step(plan, "`pgwraith contract`: compare once more, drop the trigger and the old columns",
             "ACCESS EXCLUSIVE, for milliseconds", work.statements);
    for (const auto& lock : work.locks) plan.locks.push_back({"table", lock.table.sql(), lock.mode});
}

// What is the role's and the database's own, and matters for a value.
Task<void> add_settings(postgres::Connection& connection, Plan& plan, postgres::Settings& row_settings) {
    const auto of_rows = co_await survey_rows_session(connection);
    plan.refusals.insert(plan.refusals.end(), of_rows.refusals.begin(), of_rows.refusals.end());
    for (const auto& setting : of_rows.settings) {
        row_settings[setting.name] = setting.value;
        if (!setting.built_in) plan.settings.push_back({setting.name, setting.custom ? "(set)" : setting.value});
    }
}

Task<void> try_out(postgres::Connection& connection, const config::Settings& settings, Identity identity,
                   catalog::Table live, Plan& plan) {
    const auto expand = co_await plan_expansion(connection, settings, identity, live);
    plan.refusals.insert(plan.refusals.end(), expand.refusals.begin(), expand.refusals.end());
    plan.warnings.insert(plan.warnings.end(), expand.warnings.begin(), expand.warnings.end());
    if (!plan.refusals.empty()) co_return;
    add_columns(expand.expansion, plan);
    plan.dropped_columns = expand.expansion.old_columns;
    for (const auto& user : co_await online::read_users_of_columns(connection, expand.expansion)) {
        plan.warnings.push_back(
            fmt::format("{} depends on the old columns: `pgwraith contract` is refused until it is "
                        "changed or dropped",
                        user));
    }
    const auto facts = co_await online::read_facts(connection, live, expand.parts);
    const auto steps = online::expand_steps(expand, live, connection.server_version(), facts);
    add_steps(expand, steps, live, plan);
    plan.duration = time_of_expansion(steps, live);
    plan.blocking = locks_of_steps(steps, settings) + "; once more, likewise, for `pgwraith contract`";
}

// What the plan begins with.
void add_answer(Plan& plan) {
    std::vector<std::string> names;
    std::vector<std::string> old;
    for (const auto& column : plan.columns) names.push_back(column.name);
    for (const auto& name : plan.dropped_columns) old.push_back(name);
    const auto added = fmt::format("{}", fmt::join(names, ", "));
    const auto dropped = fmt::format("{}", fmt::join(old, ", "));
    plan.way_why = fmt::format(
        "{} beside {}, kept equal by a trigger: old and new versions of the application run side by side from the end "
        "of `run` until `pgwraith contract` drops {}",
        added, dropped, dropped);
    plan.after = {fmt::format("a new version may read and write {} when `run` has ended with 0, not before", added),
                  fmt::format("no version may know {} any more when `pgwraith contract` is called", dropped),
                  "SELECT * gives both until then"};
}

}  // namespace

Task<Plan> plan_expand(postgres::Connection& connection, const config::Settings& settings, Oid oid) {
    Plan plan;
    plan.table = settings.table.sql();
    auto identity = co_await make_identity(connection, settings, oid);
    const auto survey = co_await survey_table(connection, oid);
    plan.refusals = survey.refusals;
    const auto of_hooks = check_hooks(settings);
    plan.refusals.insert(plan.refusals.end(), of_hooks.begin(), of_hooks.end());
    plan.warnings = survey.warnings;
    co_await add_settings(connection, plan, identity.settings);
    // The new columns' values, in new versions of all rows.
    plan.space_bytes = survey.table.heap_bytes + survey.table.index_bytes;
    if (!plan.refusals.empty()) co_return plan;
    plan.refusals = co_await unfinished(connection, settings, oid);
    if (!plan.refusals.empty()) co_return plan;
    plan.strategy = "auto";
    plan.way = plan::way_name(plan::Way::in_place);
    co_await try_out(connection, settings, identity, survey.table, plan);
    if (plan.refusals.empty()) add_answer(plan);
    co_return plan;
}

}  // namespace pgwraith::migration
