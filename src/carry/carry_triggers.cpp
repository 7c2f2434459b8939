#include <fmt/format.h>

#include "attached.h"
#include "pgwraith/catalog/qualified.h"
#include "pgwraith/plan/server_text.h"
#include "pgwraith/plan/spelling.h"

namespace pgwraith::carry {

namespace {

// A trigger may be marked as depending on extensions, which is no part of its definition.
constexpr std::string_view triggers_sql = R"sql(
SELECT g.tgname, pg_get_triggerdef(g.oid), g.tgenabled, obj_description(g.oid, 'pg_trigger'),
       i.type || ' ' || i.identity,
       (SELECT string_agg(quote_ident(e.extname), ' ' ORDER BY e.extname)
          FROM pg_depend d JOIN pg_extension e ON e.oid = d.refobjid
         WHERE d.classid = 'pg_trigger'::regclass AND d.objid = g.oid
           AND d.refclassid = 'pg_extension'::regclass AND d.deptype = 'x')
  FROM pg_trigger g, LATERAL pg_identify_object('pg_trigger'::regclass, g.oid, 0) AS i
 WHERE g.tgrelid = $table AND NOT g.tgisinternal
 ORDER BY g.tgname)sql";

}  // namespace

std::string enabled_word(char state) {
    switch (state) {
        case 'D':
            return "DISABLE";
        case 'R':
            return "ENABLE REPLICA";
        case 'A':
            return "ENABLE ALWAYS";
        default:
            return {};
    }
}

Task<std::vector<Attached>> read_triggers(postgres::Connection& connection, Oid live, std::string target) {
    const postgres::Result rows = co_await catalog::query_qualified(connection, catalog::for_table(triggers_sql, live));
    std::vector<Attached> triggers;
    for (int row = 0; row < rows.rows(); ++row) {
        const std::string name = quote_identifier(rows.text(row, 0));
        Attached trigger;
        trigger.identity = rows.str(row, 4);
        trigger.sql.push_back(plan::in_same_words(plan::on_table(rows.str(row, 1), target)));
        const std::string state = enabled_word(catalog::catalog_char(rows.text(row, 2)));
        if (!state.empty()) trigger.sql.push_back(fmt::format("ALTER TABLE {} {} TRIGGER {}", target, state, name));
        if (!rows.is_null(row, 3)) {
            trigger.sql.push_back(
                fmt::format("COMMENT ON TRIGGER {} ON {} IS {}", name, target, quote_literal(rows.text(row, 3))));
        }
        if (!rows.is_null(row, 5)) {
            trigger.sql.push_back(
                fmt::format("ALTER TRIGGER {} ON {} DEPENDS ON EXTENSION {}", name, target, rows.text(row, 5)));
        }
        triggers.push_back(std::move(trigger));
    }
    co_return triggers;
}

}  // namespace pgwraith::carry
