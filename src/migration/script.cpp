// `pgwraith plan --sql`: a script of several tables is divided by table, and each gets its plan.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "pgwraith/migration/migration.h"
#include "pgwraith/plan/by_table.h"
#include "pgwraith/postgres/error.h"
#include "pgwraith/postgres/sessions.h"

namespace pgwraith::migration {

namespace {

using plan::ScriptStatement;
using About = ScriptStatement::About;

constexpr const char* table_sql = R"sql(
SELECT n.nspname, c.relname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
 WHERE c.oid = pg_catalog.to_regclass($1))sql";

constexpr const char* index_sql = R"sql(
SELECT n.nspname, c.relname FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indrelid
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE i.indexrelid = pg_catalog.to_regclass($1))sql";

constexpr const char* sequence_sql = R"sql(
SELECT n.nspname, c.relname FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_class c ON c.oid = d.refobjid
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
 WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = pg_catalog.to_regclass($1)
   AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refobjsubid > 0)sql";

constexpr const char* statistics_sql = R"sql(
SELECT n.nspname, c.relname FROM pg_catalog.pg_statistic_ext s JOIN pg_catalog.pg_class c ON c.oid = s.stxrelid
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace JOIN pg_catalog.pg_namespace m ON m.oid = s.stxnamespace
 WHERE s.stxname = $1 AND CASE WHEN $2 = '' THEN pg_catalog.pg_statistics_obj_is_visible(s.oid) ELSE m.nspname = $2 END)sql";

std::string as_written(const QualifiedName& name) {
    return name.schema.empty() ? quote_identifier(name.name) : name.sql();
}

class Divider {
  public:
    explicit Divider(postgres::Connection& connection) : connection_(connection) {}

    // The table that a statement is about, nullopt with `why` when there is none.
    Task<std::optional<QualifiedName>> table_of(ScriptStatement statement, std::string& why);

  private:
    Task<std::optional<QualifiedName>> find(const char* sql, QualifiedName name);

    postgres::Connection& connection_;
    std::vector<std::pair<std::string, QualifiedName>> created_;  // indexes and statistics of the script, their tables
    std::map<std::string, int> left_;                             // what the script makes and is left, with its line
};

Task<std::optional<QualifiedName>> Divider::find(const char* sql, QualifiedName name) {
    auto parameters = postgres::params(as_written(name));
    if (sql == statistics_sql) parameters = postgres::params(name.name, name.schema);
    const auto found = co_await connection_.query(sql, std::move(parameters));
    if (found.empty()) co_return std::nullopt;
    co_return QualifiedName{found.str(0, 0), found.str(0, 1)};
}

Task<std::optional<QualifiedName>> Divider::table_of(ScriptStatement statement, std::string& why) {
    const char* sql = nullptr;
    const char* kind = "";
    switch (statement.about) {
        case About::table:
            sql = table_sql;
            kind = "table";
            break;
        case About::index:
            sql = index_sql;
            kind = "index";
            break;
        case About::sequence:
            sql = sequence_sql;
            kind = "sequence of a table's column";
            break;
        case About::statistics:
            sql = statistics_sql;
            kind = "statistics object";
            break;
        case About::makes:
            left_[statement.creates.name] = statement.line;
            why = "it makes something new: run it before the files of tables that refer to it";
            co_return std::nullopt;
        case About::rows:
            why = "it changes rows, not the shape of a table: run it before or after the files, whichever it needs";
            co_return std::nullopt;
        case About::block:
            why = "what a DO block does is not known: write the statements in it by themselves";
            co_return std::nullopt;
        default:
            why = "it is no change of one table's shape";
            co_return std::nullopt;
    }
    auto table = co_await find(sql, statement.name);
    if (!table) {
        const auto made =
            std::ranges::find(created_, statement.name.name, &std::pair<std::string, QualifiedName>::first);
        if (made != created_.end()) table = made->second;
    }
    if (!table) {
        why = fmt::format("there is no {} {}", kind, as_written(statement.name));
        const auto left = left_.find(statement.name.name);
        if (left != left_.end()) {
            why = fmt::format("it is about {}, which the script makes in line {}: run it with that", left->first,
                              left->second);
            if (!statement.creates.name.empty()) left_[statement.creates.name] = statement.line;
        }
    }
    if (table && !statement.creates.name.empty()) created_.emplace_back(statement.creates.name, *table);
    co_return table;
}

// Whether it says what is so already, as a tool says it in front of everything. Of the search_path: whether names mean
// the same with it.
Task<bool> is_in_force(postgres::Connection& connection, std::string setting, std::string set) {
    const auto in_force =
        fmt::format("SELECT {}", setting == "search_path"
                                     ? "pg_catalog.current_schemas(true)::pg_catalog.text"
                                     : fmt::format("pg_catalog.current_setting({}, true)", quote_literal(setting)));
    const auto before = co_await connection.query(in_force);
    co_await connection.script("BEGIN");
    const auto failure = co_await postgres::try_script(connection, std::move(set));
    bool same = false;
    if (!failure && !before.is_null(0, 0)) {
        const auto with_it = co_await connection.query(in_force);
        same = with_it.text(0, 0) == before.text(0, 0);
    }
    co_await connection.script("ROLLBACK");
    co_return same;
}

// What the script itself makes, the server does not know yet.
void explain(const std::vector<ScriptStatement>& statements, const ScriptPlan& script, Plan& plan) {
    for (auto& refusal : plan.refusals) {
        for (const auto& other : script.tables) {
            const auto said = fmt::format("referenced table \"{}\"", other.settings.table.name);
            if (refusal.reason.find("no unique constraint") == std::string::npos ||
                refusal.reason.find(said) == std::string::npos)
                continue;
            refusal.remedy =
                fmt::format("If the script makes it: run the file of {} first, then plan again.", other.plan.table);
        }
        for (const auto& statement : statements) {
            if (statement.about != About::makes) continue;
            const auto said = statement.creates.name + "\" does not exist";
            const auto at = refusal.reason.find(said);
            if (at == std::string::npos || at == 0 || std::string_view("\".").find(refusal.reason[at - 1]) > 1)
                continue;
            refusal.remedy = fmt::format(
                "The script makes it in line {}, which is left to you: run that first, then "
                "plan again.",
                statement.line);
        }
    }
}

}  // namespace

Task<ScriptPlan> make_script_plan(config::Settings settings, std::string script) {
    ScriptPlan result;
    const auto statements = plan::read_script(script);
    const postgres::Sessions sessions(settings.connection);
    auto connection = co_await sessions.open_for_rows("script");
    Divider divider(*connection);
    std::string around;
    for (const auto& statement : statements) {
        if (statement.about == About::around) {
            if (!statement.name.name.empty()) {
                const bool same = co_await is_in_force(*connection, statement.name.name, statement.text);
                if (same) continue;
            }
            around += statement.text + ";\n";
            for (auto& table : result.tables) table.settings.sql += statement.text + ";\n";
            continue;
        }
        std::string why;
        const auto name = co_await divider.table_of(statement, why);
        if (!name) {
            result.left.push_back({statement.text, why, statement.line});
            continue;
        }
        auto table = std::ranges::find_if(result.tables,
                                          [&](const ScriptPlan::Table& one) { return one.settings.table == *name; });
        if (table == result.tables.end()) {
            ScriptPlan::Table fresh{settings, {}};
            fresh.settings.table = *name;
            fresh.settings.sql = around;
            table = result.tables.insert(table, std::move(fresh));
        }
        table->settings.sql += statement.text + ";\n";
    }
    connection->close();
    for (auto& table : result.tables) {
        table.plan = co_await make_plan(table.settings);
    }
    for (auto& table : result.tables) {
        explain(statements, result, table.plan);
    }
    co_return result;
}

}  // namespace pgwraith::migration
