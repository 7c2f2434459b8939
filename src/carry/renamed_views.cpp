#include "renamed_views.h"

#include <fmt/format.h>

#include "pgwraith/catalog/qualified.h"
#include "pgwraith/plan/redirect.h"
#include "pgwraith/plan/spelling.h"
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
    // Functions that take or return the table's rows, as they are called, and their stand-ins: app.f(
    std::map<std::string, std::string> calls;
    // Where the functions of each schema are: two may be of one name.
    std::map<std::string, std::string> schemas;

    std::string with_stand_ins(std::string text) const {
        for (const auto& [call, stand_in] : calls) text = plan::with_name(text, call, stand_in);
        return text;
    }
    std::string with_real_names(std::string text) const {
        for (const auto& [call, stand_in] : calls) text = plan::with_name(text, stand_in, call);
        return plan::with_name(text, table_text, live_text);
    }
};

// A function may name columns of an argument or a result that has the table's row type.
bool concerned(const ViewNode& node, const std::set<int>& renamed) {
    return meet(node.columns, renamed) || (node.kind == NodeKind::function && node.row_type);
}

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
        if (constraint.type != catalog::ConstraintType::primary_key) continue;
        co_await connection.script(fmt::format("ALTER TABLE {} ADD {}", stage.table.sql(), constraint.definition));
    }
    const auto names =
        co_await connection.query("SELECT format('%I.%I', $1::text, $3::text), format('%I.%I', $2::text, $3::text)",
                                  postgres::params(live.name.schema, stage.schema, live.name.name));
    stage.live_text = names.str(0, 0);
    stage.table_text = names.str(0, 1);
    co_return stage;
}

// What it made stays, unless the server refuses it.
Task<bool> make(Connection& connection, std::string sql) {
    co_await connection.script("SAVEPOINT pgwraith_stand_in");
    const auto failure = co_await postgres::try_script(connection, sql);
    if (failure) co_await connection.script("ROLLBACK TO SAVEPOINT pgwraith_stand_in");
    co_return !failure;
}

// What says its definition; empty: the stand-in could not be made.
Task<std::string> stand_in_for_view(Connection& connection, const ViewNode& node, const Stage& stage) {
    const QualifiedName name{stage.schema, fmt::format("pgwraith_{}", node.oid)};
    const std::string text = stage.with_stand_ins(node.definition);
    const auto query = plan::redirect(text, stage.search_path, stage.instead);
    std::string says;
    if (!query) co_return says;
    const bool made = co_await make(connection, fmt::format("CREATE VIEW {} AS {}", name.sql(), *query));
    if (made) says = fmt::format("SELECT rtrim(pg_get_viewdef({}::regclass), E'; \\n')", quote_literal(name.sql()));
    co_return says;
}

// By its own name, since a body may call its arguments by that.
Task<std::string> stand_in_for_function(Connection& connection, const ViewNode& node, Stage& stage) {
    auto& schema = stage.schemas[node.name.schema];
    if (schema.empty()) {
        schema = fmt::format("{}_{}", stage.schema, stage.schemas.size());
        co_await connection.script("CREATE SCHEMA " + quote_identifier(schema));
    }
    const auto known = co_await connection.query(
        "SELECT coalesce(array_agg(oid), '{}')::text FROM pg_proc WHERE pronamespace = to_regnamespace($1)",
        postgres::params(quote_identifier(schema)));
    const auto text = plan::with_name(under_name(node, {schema, node.name.name}), stage.live_text, stage.table_text);
    std::string says;
    const bool created =
        co_await make(connection, "SET LOCAL check_function_bodies = off; " + stage.with_stand_ins(text));
    if (!created) co_return says;
    const auto made = co_await connection.query(
        "SELECT p.oid, format('%I.%I(', n.nspname, p.proname) FROM pg_proc p JOIN pg_namespace n "
        "ON n.oid = p.pronamespace WHERE n.oid = to_regnamespace($1) AND p.oid <> ALL ($2::oid[])",
        postgres::params(quote_identifier(schema), known.text(0, 0)));
    if (made.rows() != 1) co_return says;
    const auto parenthesis = node.signature.find('(', node.signature.find(node.name.name));
    if (node.row_type) stage.calls[node.signature.substr(0, parenthesis + 1)] = made.str(0, 1);
    says = fmt::format("SELECT rtrim(pg_get_functiondef({}), E'; \\n')", made.oid(0, 0));
    co_return says;
}

Task<std::vector<ViewNode>> ask(Connection& connection, catalog::Table live, plan::Mapping mapping,
                                std::vector<ViewNode> nodes, std::set<int> renamed) {
    Stage stage = co_await set_stage(connection, live);
    std::map<Oid, std::string> says;
    for (const auto& node : nodes) {
        if (!concerned(node, renamed)) continue;
        std::string question;
        if (node.kind == NodeKind::function) {
            question = co_await stand_in_for_function(connection, node, stage);
        } else {
            question = co_await stand_in_for_view(connection, node, stage);
        }
        if (!question.empty()) says[node.oid] = question;
    }
    co_await connection.script(rename_sql(stage.table, mapping));
    for (auto& node : nodes) {
        const auto found = says.find(node.oid);
        if (found == says.end()) continue;
        const auto row = co_await catalog::query_qualified(connection, found->second);
        node.definition = row.str(0, 0);
        if (node.kind == NodeKind::function) node.definition = under_name(node, node.name);
        node.definition = plan::in_same_words(stage.with_real_names(node.definition));
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
    for (const auto& node : nodes) any = any || concerned(node, renamed);
    if (!any) co_return nodes;
    auto work = ask(connection, live, mapping, nodes, renamed);
    nodes = co_await postgres::undone(connection, std::move(work));
    co_return nodes;
}

}  // namespace pgwraith::carry
