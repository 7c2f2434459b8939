#include "trial.h"

#include "pgwraith/carry/not_rehearsed.h"
#include "pgwraith/carry/swap.h"
#include "pgwraith/carry/views.h"

namespace pgwraith::migration {

namespace {

using postgres::Connection;

constexpr const char* foreseen_remedy =
    "Give the migration's role the right that is missing, or remove what forbids it; nothing was changed.";

// Views and functions on the table that the change leaves no way for.
Task<void> check_views(Connection& connection, config::Dependents dependents, catalog::Table live,
                       shadow::Blueprint blueprint) {
    auto shadow = co_await catalog::read_table(connection, blueprint.shadow_oid);
    auto refusals = co_await carry::check_views(connection, live, shadow, blueprint, dependents);
    if (!refusals.empty()) throw catalog::Refused(std::move(refusals));
}

}  // namespace

Task<void> collect(std::vector<catalog::Refusal>& refusals, Task<void> check) {
    try {
        co_await std::move(check);
    } catch (const catalog::Refused& refused) {
        refusals.insert(refusals.end(), refused.refusals().begin(), refused.refusals().end());
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::refused) throw;
        refusals.push_back({error.message(), error.hint()});
    }
}

Task<void> in_trial(Connection& connection, std::vector<catalog::EventTrigger> event_triggers, Task<void> work) {
    std::exception_ptr failure;
    co_await connection.script("BEGIN");
    try {
        co_await std::move(work);
    } catch (...) {
        failure = std::current_exception();
    }
    if (!is_cancellation(failure)) co_await postgres::rollback_quietly(connection);
    if (failure) rethrow_as_refusal(failure, event_triggers);
}

Task<Trial> try_shadow(Connection& connection, TrialInput input) {
    const auto& settings = input.settings;
    Trial trial;
    trial.sql = plan::parse_user_sql(settings.sql, settings.table, input.names.new_schema);
    shadow::CreateOptions options{input.names.new_schema, input.schema_comment, settings.values, input.event_triggers};
    trial.blueprint = co_await shadow::create_shadow(connection, input.live, input.key, trial.sql, options);
    trial.context = carry_context(input.live, trial.blueprint, input.names, settings);
    trial.warnings = trial.blueprint.warnings;
    for (auto& column : plan::unverified_columns(trial.blueprint.mapping)) {
        trial.warnings.push_back(std::move(column.why));
    }
    auto& refusals = trial.refusals;
    co_await collect(refusals, carry::check_carry(connection, trial.context));
    co_await collect(refusals, check_views(connection, settings.dependents, input.live, trial.blueprint));
    const bool carries = refusals.empty();
    co_await collect(refusals,
                     carry::rehearse(connection, trial.context, trial.blueprint, input.event_triggers, carries));
    const auto guards = co_await catalog::read_object_guards(connection);
    if (guards.empty() || !refusals.empty()) co_return trial;
    const auto swap = co_await carry::plan_swap(connection, trial.context, trial.blueprint);
    for (auto& warning : carry::not_rehearsed(swap, input.live.name, guards)) {
        trial.warnings.push_back(std::move(warning));
    }
    co_return trial;
}

carry::CarryContext carry_context(const catalog::Table& live, const shadow::Blueprint& blueprint,
                                  const MigrationNames& names, const config::Settings& settings) {
    QualifiedName made{names.new_schema, live.name.name};
    shadow::Pair pair{live.oid, live.name, blueprint.shadow_oid, made, blueprint.mapping, names.slot};
    return {live, pair, names.old_schema, settings.dependents};
}

void rethrow_as_refusal(const std::exception_ptr& failure, const std::vector<catalog::EventTrigger>& event_triggers) {
    try {
        std::rethrow_exception(failure);
    } catch (const postgres::PgError& error) {
        if (error.state_class() != postgres::SqlStateClass::definitive) throw;
        throw Error(
            ErrorKind::refused,
            "the server does not let us prepare the migration: " + catalog::message_with_origin(event_triggers, error),
            catalog::remedy_for(event_triggers, error, foreseen_remedy));
    }
}

}  // namespace pgwraith::migration
