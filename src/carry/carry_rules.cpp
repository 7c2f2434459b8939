#include <fmt/format.h>

#include "attached.h"
#include "carriers.h"
#include "pgwraith/base/error.h"
#include "pgwraith/catalog/event_triggers.h"
#include "pgwraith/catalog/qualified.h"
#include "pgwraith/plan/redirect.h"
#include "pgwraith/plan/server_text.h"
#include "pgwraith/plan/spelling.h"
#include "view_fates.h"

namespace pgwraith::carry {

namespace {

constexpr std::string_view rules_sql = R"sql(
SELECT w.rulename, pg_get_ruledef(w.oid), w.ev_enabled, obj_description(w.oid, 'pg_rewrite'), i.type || ' ' || i.identity
  FROM pg_rewrite w, LATERAL pg_identify_object('pg_rewrite'::regclass, w.oid, 0) AS i
 WHERE w.ev_class = $table AND w.rulename <> '_RETURN'
 ORDER BY w.rulename)sql";

// Rules of other relations whose condition or action names this table. `$ours` are the migration's own schemas.
constexpr std::string_view foreign_rules_sql = R"sql(
SELECT DISTINCT w.oid, w.rulename, pg_get_ruledef(w.oid), w.ev_enabled, obj_description(w.oid, 'pg_rewrite'),
       n.nspname, c.relname, c.relkind, pg_get_userbyid(c.relowner), c.oid,
       (SELECT string_agg(format('%I %s', a.attname, format_type(a.atttypid, a.atttypmod)), ', ' ORDER BY a.attnum)
          FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped)
  FROM pg_depend d
  JOIN pg_rewrite w ON w.oid = d.objid
  JOIN pg_class c ON c.oid = w.ev_class
  JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE d.classid = 'pg_rewrite'::regclass AND d.refclassid = 'pg_class'::regclass AND d.refobjid = $table
   AND w.ev_class <> $table AND w.rulename <> '_RETURN' AND c.relpersistence <> 't'
   AND n.nspname NOT IN ('pgwraith_new_$table', 'pgwraith_old_$table')
 ORDER BY n.nspname, c.relname, w.rulename)sql";

std::vector<std::string> settings(const std::string& name, char enabled, const std::optional<std::string>& comment,
                                  const std::string& target) {
    std::vector<std::string> sql;
    const std::string state = enabled_word(enabled);
    if (!state.empty()) sql.push_back(fmt::format("ALTER TABLE {} {} RULE {}", target, state, name));
    if (comment) sql.push_back(fmt::format("COMMENT ON RULE {} ON {} IS {}", name, target, quote_literal(*comment)));
    return sql;
}

}  // namespace

Task<std::vector<Attached>> read_rules(postgres::Connection& connection, Oid live, std::string target) {
    const postgres::Result rows = co_await catalog::query_qualified(connection, catalog::for_table(rules_sql, live));
    std::vector<Attached> rules;
    for (int row = 0; row < rows.rows(); ++row) {
        Attached rule;
        rule.identity = rows.str(row, 4);
        rule.sql.push_back(plan::in_same_words(plan::without_semicolon(plan::rule_on_table(rows.str(row, 1), target))));
        const std::string name = quote_identifier(rows.text(row, 0));
        for (auto& sql : settings(name, catalog::catalog_char(rows.text(row, 2)), rows.optional_text(row, 3), target)) {
            rule.sql.push_back(std::move(sql));
        }
        rules.push_back(std::move(rule));
    }
    co_return rules;
}

// Replaced in place: the text is the same, the table's name in it now means the new one.
Task<Carried> carry_foreign_rules(postgres::Connection& connection, CarryContext context) {
    const std::string query = catalog::for_table(foreign_rules_sql, context.live.oid);
    const postgres::Result rows = co_await catalog::query_qualified(connection, query);
    Carried carried;
    for (int row = 0; row < rows.rows(); ++row) {
        constexpr std::string_view create = "CREATE RULE ";
        std::string definition = plan::without_semicolon(rows.str(row, 2));
        ensure(definition.starts_with(create), "the definition of a rule");
        definition = "CREATE OR REPLACE RULE " + definition.substr(create.size());
        const QualifiedName relation{rows.str(row, 5), rows.str(row, 6)};
        if (rows.text(row, 7) == "v") {
            carried.locks.push_back(
                {Turn::view, "view", relation, "ACCESS EXCLUSIVE",
                 fmt::format("ALTER VIEW {} OWNER TO {}", relation.sql(), quote_identifier(rows.text(row, 8)))});
        } else {
            carried.locks.push_back(table_lock(Turn::before, relation));
        }
        carried.after_move.push_back(plan::in_same_words(definition));
        const std::string name = quote_identifier(rows.text(row, 1));
        const char enabled = catalog::catalog_char(rows.text(row, 3));
        for (auto& sql : settings(name, enabled, rows.optional_text(row, 4), relation.sql())) {
            carried.after_move.push_back(std::move(sql));
        }
    }
    co_return carried;
}

// What a rule gives back must fit the columns that its relation has now, which the server asks only when the rule is
// made. (The rules of a view that is dropped and created again are tried with the view.)
Task<void> try_foreign_rules(postgres::Connection& connection, CarryContext context) {
    const std::string query = catalog::for_table(foreign_rules_sql, context.live.oid);
    const postgres::Result rows = co_await catalog::query_qualified(connection, query);
    if (rows.empty()) co_return;
    const auto shadow = co_await catalog::read_table(connection, context.pair.shadow_oid);
    const auto nodes = co_await read_views(connection, context.live.oid);
    const auto fates = fates_of(nodes, changes_of(context.live, shadow, context.pair.mapping), context.dependents);
    std::string refused;
    for (int row = 0; row < rows.rows(); ++row) {
        const auto fate = fates.find(rows.oid(row, 9));
        if (fate != fates.end() && fate->second.way == Way::recreate) continue;
        const QualifiedName relation{rows.str(row, 5), rows.str(row, 6)};
        const QualifiedName stand_in{context.pair.shadow.schema, fmt::format("pgwraith_rule_{}", rows.text(row, 0))};
        const std::map<QualifiedName, QualifiedName> instead{{context.live.name, context.pair.shadow}};
        const std::vector<std::string> search_path;
        const auto rule = plan::redirect(plan::without_semicolon(plan::rule_on_table(rows.str(row, 2), stand_in.sql())),
                                         search_path, instead);
        if (!rule) continue;
        const auto sql = fmt::format("CREATE TABLE {} ({}); {}", stand_in.sql(), rows.text(row, 10), *rule);
        const auto failure = co_await postgres::try_and_undo(connection, sql);
        if (!failure) continue;
        const auto triggers = co_await catalog::read_event_triggers(connection);
        refused += fmt::format("{}rule {} on {} has to be made anew, and the server does not accept it any more: {}",
                               refused.empty() ? "" : "; ", rows.text(row, 1), relation.sql(),
                               catalog::message_with_origin(triggers, *failure));
    }
    if (refused.empty()) co_return;
    throw Error(ErrorKind::refused, refused,
                "Create the rule anew so that it fits (CREATE OR REPLACE RULE), or drop it before the migration.");
}

}  // namespace pgwraith::carry
