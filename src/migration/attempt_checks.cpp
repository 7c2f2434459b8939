// What an attempt finds out about names and CHECK constraints on its way.
#include <fmt/format.h>

#include <algorithm>

#include "attempt.h"

namespace pgwraith::migration {

// What was free when the shadow was made need not be so any more; under the lock it is too late to find out.
Task<void> Attempt::check_names() {
    auto connection = co_await sessions_.open("names");
    const auto taken = co_await shadow::find_taken_name(*connection, live_, names_.new_schema);
    if (!taken) co_return;
    throw Error(
        ErrorKind::stopped, *taken,
        "The new table needs that name at the swap; nothing was swapped, the live table is untouched. Rename or "
        "drop the other one, then run the same command again.");
}

bool Attempt::is_untouched(const std::string& check) const {
    return !check.empty() && std::ranges::any_of(blueprint_.untouched_checks, [&](const shadow::UntouchedCheck& one) {
        return one.name == check && !one.set_aside;
    });
}

// Old rows are not judged again by what the change does not touch: the CHECK goes from the shadow and comes back in the
// swap for new rows. What is recorded is dropped by the next attempt should this one end in between.
Task<void> Attempt::set_aside(transfer::DataRefused why) {
    for (auto& check : blueprint_.untouched_checks) check.set_aside = check.set_aside || check.name == why.check();
    co_await state_.set_blueprint(blueprint_);
    auto connection = co_await sessions_.open("set aside");
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
