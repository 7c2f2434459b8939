// What an attempt finds out about names and CHECK constraints on its way.
#include <fmt/format.h>

#include <algorithm>

#include "attempt.h"

namespace pgwraith::migration {

// What was free when the shadow was made need not be so any more; under the lock it is too late to find out.
Task<void> Attempt::check_names() {
    const auto taken = co_await shadow::find_taken_name(*session_, live_, names_.new_schema);
    if (!taken) co_return;
    throw Error(
        ErrorKind::stopped, *taken,
        "The new table needs that name at the swap; nothing was swapped, the live table is untouched. Rename or "
        "drop the other one, then run the same command again.");
}

namespace {

// What every swap needs, whatever hangs on the table.
constexpr const char* lost_sql = R"sql(
SELECT format('to be %I, which owns %s', o.rolname, c.oid::regclass), format('GRANT %I TO %I.', o.rolname, current_user)
  FROM pg_class c JOIN pg_roles o ON o.oid = c.relowner WHERE c.oid = $1::oid AND NOT pg_has_role(o.oid, 'USAGE')
UNION ALL
SELECT format('to create in schema %I', n.nspname), format('GRANT CREATE ON SCHEMA %I TO %I.', n.nspname, current_user)
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE c.oid = $1::oid AND NOT has_schema_privilege(n.oid, 'CREATE')
UNION ALL
SELECT format('to create schemas in database %I', current_database()),
       format('GRANT CREATE ON DATABASE %I TO %I.', current_database(), current_user)
 WHERE NOT has_database_privilege(current_database(), 'CREATE'))sql";

}  // namespace

// It had them when the shadow was made.
Task<void> Attempt::check_rights(postgres::Connection& connection) {
    std::vector<catalog::Refusal> lost;
    const auto rows =
        co_await connection.query(lost_sql, postgres::params(std::to_string(context_.identity.table_oid)));
    for (int row = 0; row < rows.rows(); ++row) lost.push_back({rows.str(row, 0), rows.str(row, 1)});
    try {
        co_await carry::check_rights(connection, context_.identity.table_oid);
    } catch (const catalog::Refused& refused) {
        lost.insert(lost.end(), refused.refusals().begin(), refused.refusals().end());
    }
    if (lost.empty()) co_return;
    std::string reasons;
    std::string remedies;
    for (const auto& one : lost) {
        reasons += (reasons.empty() ? "" : "; ") + one.reason;
        remedies += one.remedy + " ";
    }
    throw Error(
        ErrorKind::stopped,
        fmt::format("our role has lost a right that it had when the migration began, and that the swap needs: {}",
                    reasons),
        remedies + "Nothing was swapped, the live table is untouched. Then run the same command again.");
}

bool Attempt::is_untouched(const std::string& check) const {
    return !check.empty() && std::ranges::any_of(blueprint_.untouched_checks, [&](const shadow::UntouchedCheck& one) {
        return one.name == check && !one.set_aside;
    });
}

// Old rows are not judged again by what the change does not touch: the CHECK goes from the shadow and comes back in the
// swap for new rows. What is recorded is dropped by the next attempt if this one ends in between.
Task<void> Attempt::set_aside(transfer::DataRefused why) {
    for (auto& check : blueprint_.untouched_checks) check.set_aside = check.set_aside || check.name == why.check();
    co_await state_.set_blueprint(blueprint_);
    auto connection = co_await context_.sessions.open("set aside");
    co_await drop_set_aside(*connection);
    spdlog::warn(
        "rows of {} do not meet its own CHECK {} any more ({}), which the change does not touch: they stay as they "
        "are, "
        "and the new table has the CHECK as NOT VALID, which binds new and changed rows",
        live_.name.sql(), quote_identifier(why.check()), why.rows());
}

Task<void> Attempt::drop_set_aside(postgres::Connection& connection) {
    for (const auto& check : blueprint_.untouched_checks) {
        if (!check.set_aside) continue;
        co_await connection.script(fmt::format("ALTER TABLE {} DROP CONSTRAINT IF EXISTS {}", pair_.shadow.sql(),
                                               quote_identifier(check.name)));
    }
}

}  // namespace pgwraith::migration
