#include "renamed_views.h"

#include <fmt/format.h>

#include "pgwraith/catalog/qualified.h"
#include "pgwraith/plan/redirect.h"
#include "view_fates.h"

namespace pgwraith::carry {

namespace {

using postgres::Connection;

struct Stage {
    std::string schema;
    QualifiedName table;    // the empty stand-in, of the table's name
    std::string live_text;  // the two tables as the server writes them
    std::string table_text;
    std::vector<std::string> search_path;
    std::map<QualifiedName, QualifiedName> instead;
};

Task<Stage> set_stage(Connection& connection, catalog::Table live) {
    Stage stage;
    stage.schema = fmt::format("pgwraith_new_{}_views", live.oid);
    stage.table = {stage.schema, live.name.name};
    stage.search_path = {live.name.schema, "public"};
    stage.instead[live.name] = stage.table;
    co_await connection.script(fmt::format("CREATE SCHEMA {}; CREATE TABLE {} (LIKE {})",
                                           quote_identifier(stage.schema), stage.table.sql(), live.name.sql()));
    // A view may group by a key alone.
    for (const auto& constraint : live.constraints) {
        if (constraint.type != 'p') continue;
        co_await connection.script(fmt::format("ALTER TABLE {} ADD {}", stage.table.sql(), constraint.definition));
    }
    const auto names =
        co_await connection.query("SELECT format('%I.%I', $1::text, $3::text), format('%I.%I', $2::text, $3::text)",
                                  postgres::params(live.name.schema, stage.schema, live.name.name));
    stage.live_text = names.str(0, 0);
    stage.table_text = names.str(0, 1);
    co_return stage;
}

// The name of the stand-in; empty: it could not be made.
Task<std::string> make_stand_in(Connection& connection, const ViewNode& node, const Stage& stage) {
    const QualifiedName name{stage.schema, fmt::format("pgwraith_{}", node.oid)};
    const auto query = plan::redirect(node.definition, stage.search_path, stage.instead);
    std::string made;
    if (!query) co_return made;
    co_await connection.script("SAVEPOINT pgwraith_stand_in");
    const auto failure =
        co_await postgres::try_script(connection, fmt::format("CREATE VIEW {} AS {}", name.sql(), *query));
    if (failure) {
        co_await connection.script("ROLLBACK TO SAVEPOINT pgwraith_stand_in");
    } else {
        made = name.sql();
    }
    co_return made;
}

Task<std::vector<ViewNode>> ask(Connection& connection, catalog::Table live, plan::Mapping mapping,
                                std::vector<ViewNode> nodes, std::set<int> renamed) {
    const Stage stage = co_await set_stage(connection, live);
    std::map<Oid, std::string> stand_ins;
    for (const auto& node : nodes) {
        if (node.kind == 'f' || !meet(node.columns, renamed)) continue;
        const auto name = co_await make_stand_in(connection, node, stage);
        if (!name.empty()) stand_ins[node.oid] = name;
    }
    co_await connection.script(rename_sql(stage.table, mapping));
    for (auto& node : nodes) {
        const auto found = stand_ins.find(node.oid);
        if (found == stand_ins.end()) continue;
        const auto row = co_await catalog::query_qualified(
            connection,
            fmt::format("SELECT rtrim(pg_get_viewdef({}::regclass), E'; \\n')", quote_literal(found->second)));
        node.definition = plan::with_name(row.str(0, 0), stage.table_text, stage.live_text);
        node.respelled = true;
    }
    co_return nodes;
}

}  // namespace

Task<std::vector<ViewNode>> with_renamed_columns(Connection& connection, catalog::Table live, plan::Mapping mapping,
                                                 std::vector<ViewNode> nodes) {
    std::set<int> renamed;
    for (const auto& column : live.columns) {
        for (const auto& now : mapping.columns) {
            if (now.old_name == column.name && now.name != column.name) renamed.insert(column.attnum);
        }
    }
    bool any = false;
    for (const auto& node : nodes) any = any || (node.kind != 'f' && meet(node.columns, renamed));
    if (!any) co_return nodes;
    auto work = ask(connection, live, mapping, nodes, renamed);
    nodes = co_await postgres::undone(connection, std::move(work));
    co_return nodes;
}

}  // namespace pgwraith::carry
