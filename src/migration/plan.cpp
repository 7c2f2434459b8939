// `pgwraith plan`: everything is looked at, and tried on a shadow inside a transaction that is rolled back.
#include <fmt/format.h>

#include <algorithm>

#include "advice.h"
#include "board.h"
#include "check_throttle.h"
#include "connections.h"
#include "context.h"
#include "identity.h"
#include "objects.h"
#include "pgwraith/carry/swap.h"
#include "pgwraith/catalog/flags.h"
#include "pgwraith/migration/migration.h"
#include "pgwraith/online/recipes.h"
#include "plan_expand.h"
#include "survey.h"
#include "trial.h"
#include "unfinished.h"
#include "waiting.h"
#include "way.h"
#include "why_way.h"

namespace pgwraith::migration {

namespace {

void add_columns(Plan& plan, const plan::Mapping& mapping) {
    for (const auto& column : mapping.columns) {
        plan.columns.push_back({column.name, column.type_sql, column.old_name.value_or(""),
                                column.expression.value_or(""), column.origin});
    }
    plan.dropped_columns = mapping.dropped;
}

void add_swap(std::vector<PlanStep>& steps, const config::Settings& settings, const carry::SwapPlan& swap) {
    constexpr const char* lock = "ACCESS EXCLUSIVE, for milliseconds";
    steps.push_back({"keep vacuum and DDL away from all tables that the swap locks, until its end",
                     "SHARE UPDATE EXCLUSIVE, which stops no reader or writer", ""});
    steps.push_back(
        {fmt::format("swap the tables: lock, apply the last changes, rename (an attempt waits {} at most for the "
                     "locks and keeps others waiting {} at most)",
                     format_duration(settings.cutover.lock_timeout), format_duration(settings.cutover.max_blocked)),
         lock, ""});
    bool alone = true;
    for (const auto& needed : swap.locks) {
        if (needed.turn == carry::Turn::live || needed.turn == carry::Turn::shadow) continue;
        alone = false;
        steps.push_back(
            {fmt::format("  with it: {} {}", needed.kind, needed.name.sql()), lock, needed.statement, true});
    }
    if (!alone) {
        steps.push_back(
            {"  for long transactions that overlap without a gap on several of these, cutover.lock_timeout must "
             "be about four times the longest",
             "the same", "", true});
    }
    for (const auto& statement : swap.statements) {
        steps.push_back({"  in it", "the same", statement, true});
    }
    steps.push_back({"  in it: owner, privileges and settings of the new table are compared with what they are to be",
                     "the same", "", true});
    for (const auto& statement : swap.after_commit) {
        steps.push_back({"after it", "none that keeps the table's writers waiting", statement});
    }
}

// With the names of the tables that stand-ins play.
std::string shown(std::string statement, const plan::UserSql& sql) {
    for (const auto& reference : sql.references) {
        const auto stand_in = QualifiedName{reference.stand_in, reference.table.name}.sql();
        auto name = quote_identifier(reference.table.name);
        if (!reference.table.schema.empty()) name = reference.table.sql();
        for (auto at = statement.find(stand_in); at != std::string::npos; at = statement.find(stand_in, at)) {
            statement.replace(at, stand_in.size(), name);
        }
    }
    return statement;
}

std::string in_words(const plan::LeftOut& one) { return fmt::format("line {}, {}: {}", one.line, one.text, one.why); }

void add_steps(Plan& plan, const config::Settings& settings, const Survey& survey, const shadow::Blueprint& blueprint,
               const plan::UserSql& sql, const MigrationNames& names, const carry::SwapPlan& swap) {
    auto rows = survey.table.row_estimate < 0
                    ? std::string("an unknown number of")
                    : "about " + format_count(static_cast<std::uint64_t>(survey.table.row_estimate));
    auto& steps = plan.steps;
    QualifiedName shadow{names.new_schema, survey.table.name.name};
    steps.push_back({"create the empty shadow table " + shadow.sql(), "ACCESS SHARE, for an instant", ""});
    for (const auto& statement : sql.statements) {
        if (!statement.sequence)
            steps.push_back({"  on it: " + statement.summary, "none", shown(statement.shadow_sql, sql), true});
    }
    for (const auto& left_out : sql.left_out) plan.left_out.push_back(in_words(left_out));
    for (const auto& sequence : blueprint.sequences) {
        steps.push_back({fmt::format("  in the swap: ALTER SEQUENCE {} {}", sequence.name.sql(), sequence.options),
                         "SHARE ROW EXCLUSIVE on the sequence, for milliseconds", "", true});
    }
    if (survey.key->borrows_identity) {
        steps.push_back(
            {fmt::format("make index {} the table's replica identity (now {}) for the time of the migration, "
                         "before there is a publication (a try waits {} at most, with growing pauses)",
                         quote_identifier(survey.key->index), survey.table.identity().sql(),
                         format_duration(settings.cutover.lock_timeout)),
             "SHARE UPDATE EXCLUSIVE, then ACCESS EXCLUSIVE, for milliseconds",
             fmt::format("ALTER TABLE ONLY {} REPLICA IDENTITY {}", survey.table.name.sql(),
                         survey.key->identity().sql())});
    }
    steps.push_back({"create publication " + names.publication + " of the key columns",
                     "SHARE UPDATE EXCLUSIVE, for an instant", ""});
    steps.push_back(
        {"create replication slot " + names.slot + " (waits for transactions that run at that moment)", "none", ""});
    steps.push_back({fmt::format("copy {} rows ({}) in physical order, {} workers, chunks of about {}", rows,
                                 format_size(survey.table.heap_bytes + survey.table.toast_bytes), settings.copy.workers,
                                 format_duration(settings.copy.chunk_target)),
                     "ACCESS SHARE, per chunk", ""});
    steps.push_back({"take rows that changed meanwhile out of the shadow", "none", ""});
    for (const auto& index : blueprint.indexes) {
        const char* why = index.helper ? ", to find rows by the key that is followed; it is dropped in the swap" : "";
        steps.push_back({"build " + index.name + why, "none", index.create_sql});
    }
    for (const auto& constraint : blueprint.after_build_sql) steps.push_back({"add constraint", "none", constraint});
    steps.push_back({"apply changes until few are pending", "ACCESS SHARE, per batch", ""});
    if (settings.verify == config::Verify::full) {
        steps.push_back({"compare every row of both tables, both ways", "ACCESS SHARE, per range", ""});
    }
    if (settings.cutover.mode == config::CutoverMode::manual)
        steps.push_back({"wait for `pgwraith cutover`", "none", ""});
    add_swap(steps, settings, swap);
    steps.push_back(
        {settings.old_table == config::OldTable::drop
             ? "drop the old table, the slot and the publication"
             : fmt::format("drop the slot and the publication; the old table stays in schema {}", names.old_schema),
         "none", ""});
    if (!survey.key->borrows_identity) return;
    const QualifiedName old{names.old_schema, survey.table.name.name};
    steps.push_back(
        {"give the old table its replica identity back (the new one has it from the swap on; `pgwraith abort` "
         "gives it back as well)",
         "none", fmt::format("ALTER TABLE ONLY {} REPLICA IDENTITY {}", old.sql(), survey.table.identity().sql())});
}

// As ALTER TABLE … DROP COLUMN does it: what is the table's own goes with the column. It should be no surprise.
Task<void> warn_of_what_goes(postgres::Connection& connection, Oid live, Plan& plan) {
    std::vector<std::string_view> dropped(plan.dropped_columns.begin(), plan.dropped_columns.end());
    auto rows = co_await connection.query(
        "SELECT DISTINCT i.type || ' ' || i.identity, quote_ident(a.attname) FROM pg_depend d "
        "JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid, "
        "LATERAL pg_identify_object(d.classid, d.objid, 0) AS i "
        "WHERE d.refclassid = 'pg_class'::regclass AND d.refobjid = $1::oid AND a.attname = ANY ($2::name[]) "
        "AND d.classid IN ('pg_constraint'::regclass, 'pg_statistic_ext'::regclass, 'pg_class'::regclass) "
        "AND i.type IN ('index', 'table constraint', 'statistics object') ORDER BY 1",
        postgres::params(std::to_string(live), postgres::array_literal(dropped)));
    for (int row = 0; row < rows.rows(); ++row) {
        plan.warnings.push_back(
            fmt::format("{} goes with the dropped column {}", rows.text(row, 0), rows.text(row, 1)));
    }
}

void warn_of_sequences(const catalog::Table& live, Plan& plan) {
    for (const auto& sequence : live.sequences) {
        const auto name = sequence.name.sql();
        auto warning = fmt::format(
            "the sequence {} is locked with the table: clients that call nextval() before they lock the table, mixed "
            "with others that do it the other way round and without any pause between them, keep the swap from its "
            "locks; each attempt takes up to cutover.lock_timeout of their time",
            name);
        if (!sequence.identity) {
            warning += fmt::format(
                ". ALTER SEQUENCE {} OWNED BY NONE before the migration, and OWNED BY {} after it, keeps the sequence "
                "out of it",
                name, live.name.sql() + "." + quote_identifier(live.column_at(sequence.column)->name));
        }
        plan.warnings.push_back(std::move(warning));
    }
    if (std::ranges::any_of(live.sequences, &catalog::Sequence::identity)) {
        plan.warnings.emplace_back(
            "an identity column's sequence is another one after the swap: it goes on some numbers further, and a "
            "session that asks for currval() must have called nextval() since");
    }
}

Task<void> try_out(postgres::Connection& connection, const config::Settings& settings, const Survey& survey,
                   const MigrationNames& names, Plan& plan, std::vector<catalog::EventTrigger> event_triggers) {
    TrialInput input{settings, names, survey.table, *survey.key, schema_marker(settings.table), event_triggers};
    auto trial = co_await try_shadow(connection, std::move(input));
    plan.refusals = trial.refusals;
    if (!plan.refusals.empty()) co_return;
    const auto& blueprint = trial.blueprint;
    auto swap = co_await carry::plan_swap(connection, trial.context, blueprint);
    add_columns(plan, blueprint.mapping);
    plan.warnings.insert(plan.warnings.end(), trial.warnings.begin(), trial.warnings.end());
    warn_of_sequences(survey.table, plan);
    for (const auto& lock : swap.locks) plan.locks.push_back({lock.kind, lock.name.sql(), lock.mode});
    if (!plan.dropped_columns.empty()) co_await warn_of_what_goes(connection, survey.table.oid, plan);
    add_steps(plan, settings, survey, blueprint, trial.sql, names, swap);
}

const char* name_of(config::Strategy strategy) {
    if (strategy == config::Strategy::direct) return "direct";
    return strategy == config::Strategy::shadow ? "shadow" : "auto";
}

void add_way(Plan& plan, const ChosenWay& chosen) {
    plan.way = plan::way_name(chosen.way);
    plan.way_why = chosen.why;
    plan.passed_over = chosen.passed_over;
    for (std::size_t at = 0; at < chosen.parts.size(); ++at) {
        const auto& part = chosen.parts[at];
        const auto& way = chosen.ways[at];
        plan.parts.push_back({part.sql.empty() ? part.expression.value_or("") : part.sql, part.summary,
                              plan::way_name(way.way), way.why, way.lock, way.reads_table, way.writes_rows,
                              chosen.says.rewrites.contains(at)});
        if (part.standing && chosen.direct()) {
            plan.warnings.push_back(
                fmt::format("column {} is filled in rows in which it is NULL, and no other; `strategy: shadow` "
                            "computes it anew for every row",
                            part.columns.front()));
        }
    }
    const auto advice = advise(chosen.parts);
    plan.before = advice.before;
    plan.after = advice.after;
}

Task<void> choose(postgres::Connection& connection, config::Settings settings, catalog::Table live, Plan& plan,
                  ChosenWay& chosen) {
    chosen = co_await choose_way(connection, settings, live);
    add_way(plan, chosen);
}

// What the step may wait for.
std::string with_limit(const online::Step& step, const catalog::Table& live, const config::Settings& settings) {
    if (step.kind != online::StepKind::fill || live.heap_bytes < settings.fill.dead_rows_from) return step.what;
    return fmt::format("{} (waits for autovacuum while more than {:.0f}% of the rows are dead)", step.what,
                       100 * settings.fill.max_dead_rows);
}

Task<void> plan_direct(postgres::Connection& connection, config::Settings settings, catalog::Table live,
                       ChosenWay chosen, Plan& plan) {
    for (auto& line : co_await online::keep_one_moment(connection, chosen.parts)) {
        plan.warnings.push_back(std::move(line));
    }
    for (const auto& left_out : chosen.left_out) plan.left_out.push_back(in_words(left_out));
    const auto steps = co_await plan_steps(connection, chosen, live);
    for (const auto& step : steps) {
        const bool fills = step.kind == online::StepKind::fill;
        const bool alone = step.statements.size() == 1 && step.kind != online::StepKind::check;  // a check's are long
        plan.steps.push_back({with_limit(step, live, settings), step.lock(),
                              fills   ? update_of(step)
                              : alone ? step.statements.front()
                                      : ""});
        for (const auto& lock : step.locks) {
            if (lock.table != live.name) plan.locks.push_back({"table", lock.table.sql(), lock.mode});
        }
        if (!alone) {
            for (const auto& statement : step.statements) {
                plan.steps.push_back({"  in it", "the same", statement, true});
            }
        }
        if (!step.kept.empty()) plan.warnings.push_back("an abort cannot take back: " + step.kept);
    }
    plan.duration = time_of_steps(steps, live, chosen.weighed ? chosen.weighed->in_place_seconds : 0);
    plan.blocking = locks_of_steps(steps, settings);
    if (chosen.weighed) plan.space_bytes = chosen.weighed->in_place_bytes;
}

// What speaks against the shadow is asked only when there is to be one.
Task<void> plan_shadow(postgres::Connection& connection, config::Settings settings, Survey so_far, MigrationNames names,
                       Plan& plan) {
    auto survey = co_await migration::survey(connection, std::move(so_far), settings);
    co_await check_connections(connection, settings, survey);
    plan.warnings.insert(plan.warnings.end(), survey.warnings.begin(), survey.warnings.end());
    plan.refusals.insert(plan.refusals.end(), survey.refusals.begin(), survey.refusals.end());
    // The new heap and its indexes beside the old; WAL for both.
    plan.space_bytes = survey.table.total_bytes();
    plan.duration = time_of_shadow(survey.table, settings);
    plan.blocking = fmt::format(
        "readers and writers wait once, for milliseconds, when the tables are swapped; an "
        "attempt that does not succeed keeps them waiting {} at most",
        format_duration(settings.cutover.max_blocked));
    if (!survey.key) co_return;
    for (const auto& column : survey.key->columns) plan.key.push_back(column.name);
    plan.key_index = survey.key->index;
    plan.key_why = survey.key->why;
    if (survey.key->borrows_identity) {
        plan.borrowed_identity = BorrowedIdentity{survey.table.identity(), survey.key->identity(), false}.in_words();
    }
    if (!plan.refusals.empty()) co_return;

    const auto event_triggers = co_await catalog::read_event_triggers(connection);
    auto trial = try_out(connection, settings, survey, names, plan, event_triggers);
    co_await in_trial(connection, event_triggers, std::move(trial));
}

Task<Plan> look_at_everything(config::Settings settings) {
    postgres::Sessions sessions(settings.connection);
    settings.table = co_await with_schema(sessions, settings.table);
    auto connection = co_await sessions.open_for_rows("plan");
    auto oid = co_await find_live_table(*connection, settings.table);
    if (!settings.expand.empty()) co_return co_await plan_expand(*connection, settings, oid);
    auto survey = co_await survey_table(*connection, oid);
    auto identity = co_await make_identity(*connection, settings, oid);
    const auto names = identity.names();

    Plan plan;
    plan.table = settings.table.sql();
    plan.strategy = name_of(settings.strategy);
    auto of_rows = co_await survey_rows_session(*connection);
    plan.refusals = of_rows.refusals;
    const auto of_throttle = co_await check_throttle(*connection, settings);
    plan.refusals.insert(plan.refusals.end(), of_throttle.begin(), of_throttle.end());
    const auto of_hooks = check_hooks(settings);
    plan.refusals.insert(plan.refusals.end(), of_hooks.begin(), of_hooks.end());
    postgres::Settings row_settings;
    for (const auto& setting : of_rows.settings) {
        row_settings[setting.name] = setting.value;
        // Custom ones may hold secrets.
        if (!setting.built_in) plan.settings.push_back({setting.name, setting.custom ? "(set)" : setting.value});
    }
    const auto begun = co_await unfinished(*connection, settings, oid);
    plan.refusals.insert(plan.refusals.end(), begun.begin(), begun.end());
    const auto as_read = as_read_by_the_role(settings, row_settings);
    ChosenWay chosen;
    if (!survey.refusals.empty() && settings.strategy != config::Strategy::shadow) {
        plan.refusals.insert(plan.refusals.end(), survey.refusals.begin(), survey.refusals.end());
    }
    if (!plan.refusals.empty() && settings.strategy != config::Strategy::shadow) co_return plan;
    if (survey.refusals.empty()) {
        const auto so_far = plan.refusals.size();
        co_await collect(plan.refusals, choose(*connection, as_read, survey.table, plan, chosen));
        if (plan.refusals.size() > so_far) co_return plan;
    }
    if (survey.refusals.empty() && chosen.direct()) {
        plan.warnings.insert(plan.warnings.end(), survey.warnings.begin(), survey.warnings.end());
        if (plan.refusals.empty()) {
            co_await collect(plan.refusals, plan_direct(*connection, as_read, survey.table, chosen, plan));
        }
        co_return plan;
    }
    co_await collect(plan.refusals, plan_shadow(*connection, as_read, std::move(survey), names, plan));
    if (!plan.refusals.empty()) add_why_shadow(settings, chosen, plan.refusals);
    co_return plan;
}

// A lock that was not granted, with whoever holds it.
Task<std::exception_ptr> with_holder(config::Settings settings, postgres::PgError error) {
    const postgres::Sessions sessions(settings.connection);
    const auto who = co_await who_is_in_the_way(sessions, co_await with_schema(sessions, settings.table));
    if (who.empty()) co_return std::make_exception_ptr(error);
    co_return std::make_exception_ptr(postgres::PgError(error.sqlstate(), error.said() + ": " + who));
}

}  // namespace

Task<Plan> make_plan(config::Settings settings) {
    std::exception_ptr failure;
    std::optional<postgres::PgError> locked;
    Plan plan;
    try {
        plan = co_await look_at_everything(settings);
    } catch (const postgres::PgError& error) {
        if (error.is(postgres::sqlstate::lock_not_available)) locked = error;
        failure = std::current_exception();
    } catch (...) {
        failure = std::current_exception();
    }
    if (locked) failure = co_await with_holder(settings, *locked);
    if (failure)
        std::rethrow_exception(
            in_context(failure, "the plan could not be made", "Nothing was changed.", "Nothing was changed."));
    co_return plan;
}

}  // namespace pgwraith::migration
