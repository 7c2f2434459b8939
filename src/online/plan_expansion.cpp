#include "pgwraith/online/plan_expansion.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "column_settings.h"
#include "expand_company.h"
#include "expand_twins.h"
#include "pgwraith/base/error.h"
#include "pgwraith/catalog/qualified.h"
#include "pgwraith/plan/statements.h"

namespace pgwraith::online {

namespace {

using catalog::Table;
using config::ExpandColumn;
using postgres::Connection;
using postgres::PgError;

// Everything that the plan is made of, on its way.
struct Making {
    Connection& connection;
    const Table& live;
    const std::vector<ExpandColumn>& wanted;
    QualifiedName stand_in;
    std::vector<catalog::EventTrigger> event_triggers;
    ExpansionPlan plan = {};
    bool with_expressions = false;  // something is computed, other than a column as it is
    bool immutable = true;

    void refuse(const std::string& reason, const std::string& remedy) { plan.refusals.push_back({reason, remedy}); }
    void refuse(const std::string& where, const PgError& error) {
        refuse(fmt::format("{}: the server refuses it: {}", where, catalog::message_with_origin(event_triggers, error)),
               catalog::remedy_for(event_triggers, error, error.hint().empty() ? "Correct it." : error.hint()));
    }
    std::string alter(const std::string& what) const { return fmt::format("ALTER TABLE {} {}", stand_in.sql(), what); }
};

std::string where_of(const ExpandColumn& column) { return "expand: " + column.name; }

// What the table alone can tell.
void check_old_column(Making& making, const ExpandColumn& column, const std::string& old) {
    const auto* found = making.live.column(old);
    if (found == nullptr) {
        making.refuse(fmt::format("{}: {} has no column {}", where_of(column), making.live.name.sql(), old),
                      "Write the column as it is named, without SQL's quotes.");
    } else if (found->generated != catalog::Generated::none) {
        making.refuse(fmt::format("{}: the old column {} is generated: nobody writes it", where_of(column), old),
                      "Add the new column as a generated one by `sql`, and drop the old one later.");
    }
}

void check_names(Making& making) {
    for (const auto& column : making.wanted) {
        if (making.live.column(column.name) != nullptr) {
            making.refuse(
                fmt::format("{}: {} has a column of that name already", where_of(column), making.live.name.sql()),
                "Choose another name for the new column.");
        }
        if (!column.from.empty()) check_old_column(making, column, column.from);
        for (const auto& [old, expression] : column.down) check_old_column(making, column, old);
    }
}

Task<void> make_stand_in(Making& making) {
    const auto schema = quote_identifier(making.stand_in.schema);
    co_await making.connection.script(fmt::format("DROP TABLE IF EXISTS {0}; CREATE TABLE {0} (LIKE {1})",
                                                  making.stand_in.sql(), making.live.name.sql()));
}

// Whether the server takes it; whatever it did is undone if it does not.
Task<std::optional<PgError>> try_out(Making& making, std::string sql) {
    co_await making.connection.script("SAVEPOINT pgwraith_expand");
    auto failure = co_await postgres::try_script(making.connection, std::move(sql));
    std::string end = "RELEASE SAVEPOINT pgwraith_expand";
    if (failure) end = "ROLLBACK TO SAVEPOINT pgwraith_expand; " + end;
    co_await making.connection.script(end);
    co_return failure;
}

struct Expression {
    std::vector<std::string> reads;
    bool calls_others = false;  // functions or operators that PostgreSQL does not come with
};

// As a CHECK, which is over one row: the server says what it reads. nullopt: it was refused.
Task<std::optional<Expression>> look_at(Making& making, std::string where, std::string expression) {
    auto refused = co_await try_out(
        making, making.alter(fmt::format("ADD CONSTRAINT pgwraith_expression CHECK (({}) IS NULL)", expression)));
    if (refused) {
        making.refuse(where, *refused);
        co_return std::nullopt;
    }
    const auto found = co_await making.connection.query(
        "SELECT coalesce((SELECT pg_catalog.jsonb_agg(a.attname) FROM pg_catalog.pg_attribute a "
        "  WHERE a.attrelid = c.conrelid AND a.attnum = ANY (c.conkey)), '[]'), coalesce(0 = ANY (c.conkey), false), "
        "EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_constraint'::regclass "
        "        AND d.objid = c.oid AND d.refclassid IN ('pg_catalog.pg_proc'::regclass, "
        "                                                 'pg_catalog.pg_operator'::regclass)) "
        "FROM pg_catalog.pg_constraint c WHERE c.conrelid = pg_catalog.to_regclass($1) "
        "AND c.conname = 'pgwraith_expression'",
        postgres::params(making.stand_in.sql()));
    Expression looked;
    looked.reads = nlohmann::json::parse(found.text(0, 0)).get<std::vector<std::string>>();
    looked.calls_others = found.boolean(0, 2);
    if (found.boolean(0, 1)) {
        making.refuse(where + ": the expression takes the whole row", "Name the columns that it reads.");
        co_return std::nullopt;
    }
    refused = co_await try_out(
        making, fmt::format("CREATE INDEX ON {} ((true)) WHERE ({}) IS NULL", making.stand_in.sql(), expression));
    if (refused) making.immutable = false;
    co_await making.connection.script(making.alter("DROP CONSTRAINT pgwraith_expression"));
    making.plan.expansion.as_owner = making.plan.expansion.as_owner || looked.calls_others;
    co_return looked;
}

// The text without comments around it, checked to be one expression; empty: refused.
std::string one_expression(Making& making, const std::string& text, const std::string& where) {
    try {
        return plan::check_expression(text, where);
    } catch (const Error& error) {
        making.refuse(error.message(), error.hint());
        return {};
    }
}

// By its name in the stand-in, where names come out qualified.
Task<std::pair<std::string, std::string>> type_of(Making& making, QualifiedName relation, std::string column) {
    const auto found = co_await catalog::query_qualified(
        making.connection,
        fmt::format("SELECT format_type(a.atttypid, a.atttypmod), CASE WHEN a.attcollation <> t.typcollation THEN "
                    "(SELECT format('%I.%I', n.nspname, c.collname) FROM pg_collation c JOIN pg_namespace n ON n.oid = "
                    "c.collnamespace WHERE c.oid = a.attcollation) END FROM pg_attribute a JOIN pg_type t ON t.oid = "
                    "a.atttypid WHERE a.attrelid = {}::regclass AND a.attname = {}",
                    quote_literal(relation.sql()), quote_literal(column)));
    ensure(!found.empty(), "the column is there");
    co_return std::pair(found.str(0, 0), found.str(0, 1));
}

// What `up` gives, when no type is said.
Task<std::string> type_of_expression(Making& making, std::string expression) {
    const QualifiedName view{making.stand_in.schema, "pgwraith_up"};
    co_await making.connection.script(
        fmt::format("CREATE VIEW {} AS SELECT ({}) AS up FROM {}", view.sql(), expression, making.stand_in.sql()));
    const auto type = co_await type_of(making, view, "up");
    co_await making.connection.script("DROP VIEW " + view.sql());
    co_return type.first;
}

// Adds the column to the stand-in and to the plan; false: it was refused.
Task<bool> add_column(Making& making, const ExpandColumn& wanted) {
    NewColumn column;
    column.name = wanted.name;
    column.from = wanted.from;
    auto type = wanted.type;
    std::string collation;
    if (!wanted.from.empty()) {
        const auto& old = *making.live.column(wanted.from);
        column.up.column = wanted.from;
        column.reads = {wanted.from};
        if (type.empty()) {
            type = old.type_sql;
            collation = old.collation_sql;
        }
    } else {
        column.up.sql = one_expression(making, wanted.up, where_of(wanted) + ", up");
        if (column.up.sql.empty()) co_return false;
        const auto looked = co_await look_at(making, where_of(wanted) + ", up", column.up.sql);
        if (!looked) co_return false;
        column.reads = looked->reads;
        if (column.reads.empty()) {
            making.refuse(where_of(wanted) + ": `up` reads no column", "Say how the old columns give the new one.");
            co_return false;
        }
        if (type.empty()) type = co_await type_of_expression(making, column.up.sql);
        column.null_instead = true;
        making.with_expressions = true;
    }
    auto add = fmt::format("ADD COLUMN {} {}", quote_identifier(column.name), type);
    if (!collation.empty()) add += " COLLATE " + collation;
    const auto refused = co_await try_out(making, making.alter(add));
    if (refused) {
        making.refuse(where_of(wanted), *refused);
        co_return false;
    }
    const auto found = co_await type_of(making, making.stand_in, column.name);
    column.type = found.first;
    column.collation = found.second;
    making.plan.expansion.columns.push_back(std::move(column));
    co_return true;
}

// As an assignment if that is possible, which is stricter than a cast (a text that is too long is not cut).
Task<bool> settle_value(Making& making, std::string where, std::string target, std::string type, Value& value) {
    const auto update = [&] {
        return fmt::format("UPDATE {} SET {} = {}", making.stand_in.sql(), quote_identifier(target), over_row(value));
    };
    auto refused = co_await try_out(making, update());
    if (!refused) co_return true;
    if (!value.column.empty()) {
        value.cast = type;
        refused = co_await try_out(making, update());
        if (!refused) co_return true;
    }
    making.refuse(where, *refused);
    co_return false;
}

// True when every value of one type has one of the other.
Task<bool> always_fits(Making& making, std::string from, std::string to) {
    const auto found = co_await making.connection.query(
        "SELECT EXISTS (SELECT FROM pg_catalog.pg_cast WHERE castsource = pg_catalog.to_regtype($1) AND casttarget = "
        "pg_catalog.to_regtype($2) AND castcontext = 'i') AND pg_catalog.strpos($2, '(') = 0",
        postgres::params(from, to));
    co_return found.boolean(0, 0);
}

Task<void> settle_rename(Making& making, NewColumn& column) {
    const auto& old = *making.live.column(column.from);
    Down down{column.from, old.type_sql, {column.name}};
    const auto where = "expand: " + column.name;
    const bool up = co_await settle_value(making, where, column.name, column.type, column.up);
    const bool back = co_await settle_value(making, where, column.from, old.type_sql, down.value);
    if (!up || !back) co_return;
    const bool same = old.type_sql == column.type;
    if (!same) {
        making.with_expressions = true;
        const auto cast = fmt::format("({})::{}", quote_identifier(column.from), column.type);
        co_await look_at(making, where, cast);
        const bool fits = co_await always_fits(making, old.type_sql, column.type);
        column.null_instead = !fits && !old.not_null;
        if (!fits) making.plan.may_fail.push_back(column.name);
        if (!fits && old.not_null) {
            making.plan.warnings.push_back(fmt::format(
                "an old version of the application that writes a value of {} which is none of type {} gets an error, "
                "from the beginning on, because {} is NOT NULL",
                column.from, column.type, column.from));
        }
        const bool back_fits = co_await always_fits(making, column.type, old.type_sql);
        if (!back_fits) {
            making.plan.warnings.push_back(fmt::format(
                "a new version of the application that writes a value of {} which does not fit {} (type {}) gets the "
                "server's error, until `pgwraith contract`",
                column.name, column.from, old.type_sql));
        }
    }
    column.down.push_back(std::move(down));
}

Task<void> settle_expressions(Making& making, const ExpandColumn& wanted, NewColumn& column) {
    const auto where = where_of(wanted);
    const bool taken = co_await settle_value(making, where + ", up", column.name, column.type, column.up);
    if (!taken) co_return;
    making.plan.may_fail.push_back(column.name);
    for (const auto& [old, text] : wanted.down) {
        const auto here = fmt::format("{}, down: {}", where, old);
        Down down{old, making.live.column(old)->type_sql, {}};
        down.value.sql = one_expression(making, text, here);
        if (down.value.sql.empty()) continue;
        const auto looked = co_await look_at(making, here, down.value.sql);
        if (!looked) continue;
        if (std::ranges::find(looked->reads, column.name) == looked->reads.end()) {
            making.refuse(fmt::format("{}: the expression does not read {}", here, column.name),
                          "Say how the new column gives the old one.");
            continue;
        }
        const bool fits = co_await settle_value(making, here, old, down.type, down.value);
        if (fits) column.down.push_back(std::move(down));
    }
}

// BEFORE triggers of each row, by whose names they run.
Task<void> name_trigger(Making& making) {
    auto& expansion = making.plan.expansion;
    const auto found = co_await making.connection.query(
        "SELECT tgname FROM pg_catalog.pg_trigger WHERE tgrelid = $1::oid AND NOT tgisinternal AND tgtype & 3 = 3",
        postgres::params(std::to_string(making.live.oid)));
    std::set<std::string> others;
    for (int row = 0; row < found.rows(); ++row) others.insert(found.str(row, 0));
    auto name = last_trigger_name(making.live.oid, others);
    if (!name) {
        making.refuse(
            "a trigger of the table has a name behind which none of ours sorts; ours must be the last that "
            "runs before a row is written",
            "Rename it (ALTER TRIGGER … RENAME TO …) so that it begins with a letter.");
        co_return;
    }
    expansion.trigger = *name;
    expansion.function = fmt::format("pgwraith_expand_{}", making.live.oid);
}

// What is computed must not depend on who writes.
Task<void> give_function_settings(Making& making) {
    if (!making.with_expressions) co_return;
    auto& settings = making.plan.expansion.function_settings;
    const auto path = co_await making.connection.query(
        "SELECT pg_catalog.concat_ws(', ', (SELECT pg_catalog.string_agg(pg_catalog.quote_ident(s), ', ' ORDER BY n) "
        "FROM pg_catalog.unnest(pg_catalog.current_schemas(false)) WITH ORDINALITY AS p (s, n) "
        "WHERE s NOT LIKE 'pg\\_temp\\_%'), 'pg_temp')");
    settings.push_back("search_path = " + path.str(0, 0));
    if (making.immutable) co_return;
    making.plan.warnings.emplace_back(
        "an expression is not immutable: it is computed under the settings of the migration's role (TimeZone, "
        "DateStyle "
        "…), whoever writes; what changes with time or with other rows makes old and new differ");
    for (const char* name : {"TimeZone", "DateStyle", "IntervalStyle", "bytea_output", "extra_float_digits"}) {
        const auto value = co_await making.connection.query("SELECT pg_catalog.current_setting($1)",
                                                            postgres::params(std::string(name)));
        settings.push_back(fmt::format("{} = {}", quote_identifier(name), quote_literal(value.str(0, 0))));
    }
}

void collect_old_columns(Expansion& expansion) {
    for (const auto& column : expansion.columns) {
        for (const auto& down : column.down) {
            auto& old = expansion.old_columns;
            if (std::ranges::find(old, down.column) == old.end()) old.push_back(down.column);
        }
    }
}

void plan_fills(ExpansionPlan& plan) {
    for (const auto& column : plan.expansion.columns) {
        plan::Part part;
        part.kind = plan::PartKind::fill;
        part.summary = fmt::format("fill {} in old rows", column.name);
        part.columns = {column.name};
        part.expression = over_row(column.up);
        plan.fills.push_back(std::move(part));
    }
}

Task<void> make(Making& making) {
    check_names(making);
    if (!making.plan.refusals.empty()) co_return;
    auto& expansion = making.plan.expansion;
    expansion.oid = making.live.oid;
    expansion.table = making.live.name;
    co_await make_stand_in(making);
    for (const auto& wanted : making.wanted) co_await add_column(making, wanted);
    if (!making.plan.refusals.empty()) co_return;
    for (std::size_t i = 0; i < making.wanted.size(); ++i) {
        const auto& wanted = making.wanted[i];
        auto& column = expansion.columns[i];
        if (wanted.from.empty()) {
            co_await settle_expressions(making, wanted, column);
        } else {
            co_await settle_rename(making, column);
        }
    }
    if (!making.plan.refusals.empty()) co_return;
    collect_old_columns(expansion);
    co_await name_trigger(making);
    co_await give_function_settings(making);
    for (auto& warning : co_await warn_of_company(making.connection, expansion)) {
        making.plan.warnings.push_back(std::move(warning));
    }
    plan_fills(making.plan);
    making.plan.add_columns = column_statements(making.live, expansion);
    co_await make_stand_in(making);
    co_await plan_twins(making.connection, making.live, making.stand_in, making.plan);
    if (!making.plan.refusals.empty()) co_return;
    // What could not be altered in the end must not begin.
    co_await make_stand_in(making);
    making.plan.inheritance.defaults =
        co_await defaults_after(making.connection, making.live, making.stand_in, expansion);
    making.plan.inheritance.references = co_await read_references(making.connection, expansion);
    // The function is tried in its place: its schema, our rights, event triggers.
    const auto user = co_await making.connection.query("SELECT CURRENT_USER");
    if (user.text(0, 0) != making.live.owner) expansion.owner = making.live.owner;
    std::string sql;
    for (const auto& statement : trigger_statements(expansion)) {
        if (statement.find(" FUNCTION ") < 10) sql += statement + "; ";
    }
    const auto refused = co_await try_out(making, sql);
    if (refused) making.refuse("the trigger's function cannot be made", *refused);
}

Task<ExpansionPlan> make_and_return(Making& making) {
    std::optional<PgError> refused;
    co_await making.connection.script(fmt::format("CREATE SCHEMA {}", quote_identifier(making.stand_in.schema)));
    try {
        co_await make(making);
    } catch (const PgError& error) {
        if (error.state_class() == postgres::SqlStateClass::transient) throw;
        refused = error;
    }
    if (refused) making.refuse("expand", *refused);
    co_return std::move(making.plan);
}

}  // namespace

Task<ExpansionPlan> plan_expansion(Connection& connection, Table live, std::vector<ExpandColumn> wanted,
                                   std::string schema) {
    auto event_triggers = co_await catalog::read_event_triggers(connection);
    Making making{connection, live, wanted, {schema, live.name.name}, std::move(event_triggers)};
    co_return co_await postgres::undone(connection, make_and_return(making));
}

}  // namespace pgwraith::online
