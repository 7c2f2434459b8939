#include "autovacuum.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

namespace pgwraith::shadow {

namespace {

constexpr std::array<std::string_view, 2> switches{"autovacuum_enabled", "toast.autovacuum_enabled"};

// By these a vacuum to prevent wraparound begins on a table that is minutes old; no switch keeps it away.
constexpr std::array<std::string_view, 4> ages{"autovacuum_freeze_max_age", "autovacuum_multixact_freeze_max_age",
                                               "toast.autovacuum_freeze_max_age",
                                               "toast.autovacuum_multixact_freeze_max_age"};

bool is_among(std::string_view name, const auto& names) { return std::ranges::find(names, name) != names.end(); }

}  // namespace

AutovacuumOff autovacuum_off(const std::string& table, const std::vector<StorageParameter>& parameters) {
    std::vector<std::string> reset_now;
    std::vector<std::string> reset_at_swap(switches.begin(), switches.end());
    std::vector<std::string> set_at_swap;
    bool touched = false;
    for (const auto& [name, value] : parameters) {
        if (is_among(name, ages)) reset_now.push_back(name);
        if (!is_among(name, switches)) reset_at_swap.push_back(name);
        touched = touched || is_among(name, ages) || is_among(name, switches);
        set_at_swap.push_back(fmt::format("{} = {}", name, quote_literal(value)));
    }
    AutovacuumOff off;
    off.now = fmt::format("ALTER TABLE {} ", table);
    if (!reset_now.empty()) off.now += fmt::format("RESET ({}), ", fmt::join(reset_now, ", "));
    off.now += fmt::format("SET ({} = false)", fmt::join(switches, " = false, "));
    // What is set again comes last in the catalog, and in a dump: so if one must be, all are.
    if (!touched) reset_at_swap.assign(switches.begin(), switches.end());
    off.at_swap = fmt::format("ALTER TABLE {} RESET ({})", table, fmt::join(reset_at_swap, ", "));
    if (touched) off.at_swap += fmt::format(", SET ({})", fmt::join(set_at_swap, ", "));
    return off;
}

Task<void> keep_autovacuum_off(postgres::Connection& connection, QualifiedName shadow, Blueprint& blueprint) {
    const auto rows = co_await connection.query(
        "SELECT p.prefix || o.name, o.value FROM pg_class c LEFT JOIN pg_class t ON t.oid = c.reltoastrelid, "
        "LATERAL (VALUES (1, '', c.reloptions), (2, 'toast.', t.reloptions)) AS p (place, prefix, options), "
        "LATERAL pg_options_to_table(p.options) WITH ORDINALITY AS o (name, value, number) "
        "WHERE c.oid = $1::oid ORDER BY p.place, o.number",
        postgres::params(std::to_string(blueprint.shadow_oid)));
    auto& parameters = blueprint.storage_parameters;
    for (int row = 0; row < rows.rows(); ++row) parameters.push_back({rows.str(row, 0), rows.str(row, 1)});
    const auto off = autovacuum_off(shadow.sql(), parameters);
    co_await connection.script(off.now);
    blueprint.at_swap_sql.push_back(off.at_swap);
}

}  // namespace pgwraith::shadow
