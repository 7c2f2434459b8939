#include "row_function.h"

#include <algorithm>
#include <set>

#include "pgwraith/base/names.h"

namespace pgwraith::plan {

std::vector<std::string> relations_read(SyntaxTree& expression) {
    std::set<std::string> with_queries;
    walk(expression.root().base, [&](ProtobufCMessage& message) {
        auto* with = message_as<PgQuery__CommonTableExpr>(message, pg_query__common_table_expr__descriptor);
        if (with != nullptr) with_queries.insert(with->ctename);
    });
    std::vector<std::string> relations;
    walk(expression.root().base, [&](ProtobufCMessage& message) {
        auto* relation = message_as<PgQuery__RangeVar>(message, pg_query__range_var__descriptor);
        if (relation == nullptr) return;
        const std::string schema = relation->schemaname;
        if (schema.empty() && with_queries.contains(relation->relname)) return;
        std::string name =
            schema.empty() ? quote_identifier(relation->relname) : QualifiedName{schema, relation->relname}.sql();
        if (std::ranges::find(relations, name) == relations.end()) relations.push_back(std::move(name));
    });
    return relations;
}

}  // namespace pgwraith::plan
