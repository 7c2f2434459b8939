#include "own_references.h"

#include <fmt/format.h>

#include <algorithm>

#include "parts.h"
#include "pgwraith/base/error.h"
#include "pgwraith/catalog/qualified.h"
#include "pgwraith/plan/redirect.h"
#include "pgwraith/plan/spelling.h"

namespace pgwraith::shadow {

namespace {

using catalog::Table;
using postgres::Connection;

// A default is named by its column. $shadow is the shadow's OID. What names an index of the table
// ('orders_pkey'::regclass) is found too, and cannot be made to name the shadow's, which is taken off for the copy.
constexpr std::string_view references_sql = R"sql(
SELECT DISTINCT d.classid::regclass, CASE WHEN f.oid IS NULL THEN d.objid ELSE 0 END, coalesce(a.attname, ''),
       i.type || ' ' || i.identity
  FROM pg_class live
  JOIN pg_type r ON r.oid = live.reltype
  JOIN pg_depend d ON (d.refclassid = 'pg_class'::regclass AND (d.refobjid = live.oid OR d.refobjid IN (
                         SELECT indexrelid FROM pg_index WHERE indrelid = live.oid)))
                   OR (d.refclassid = 'pg_type'::regclass AND d.refobjid IN (r.oid, r.typarray))
  LEFT JOIN pg_attrdef f ON d.classid = 'pg_attrdef'::regclass AND f.oid = d.objid
  LEFT JOIN pg_attribute a ON a.attrelid = f.adrelid AND a.attnum = f.adnum
  LEFT JOIN pg_constraint k ON d.classid = 'pg_constraint'::regclass AND k.oid = d.objid
  LEFT JOIN pg_index x ON d.classid = 'pg_class'::regclass AND x.indexrelid = d.objid
  LEFT JOIN pg_statistic_ext s ON d.classid = 'pg_statistic_ext'::regclass AND s.oid = d.objid,
       LATERAL pg_identify_object(d.classid, d.objid, 0) AS i
 WHERE live.oid = $table AND $shadow IN (f.adrelid, k.conrelid, x.indrelid, s.stxrelid)
 ORDER BY 4)sql";

struct Reference {
    std::string catalog;
    Oid oid = 0;
    std::string column;
    std::string identity;
};

Task<std::vector<Reference>> read_references(Connection& connection, Oid live, Oid shadow) {
    std::string sql = catalog::for_table(references_sql, live);
    const std::string mark = "$shadow";
    sql.replace(sql.find(mark), mark.size(), std::to_string(shadow));
    const postgres::Result rows = co_await catalog::query_qualified(connection, std::move(sql));
    std::vector<Reference> references;
    for (int row = 0; row < rows.rows(); ++row) {
        references.push_back({rows.str(row, 0), rows.oid(row, 1), rows.str(row, 2), rows.str(row, 3)});
    }
    co_return references;
}

// How the server writes the two tables in a definition.
struct Names {
    std::string live;     // public.orders
    std::string literal;  // 'public.orders'::regclass, without the type
    std::string shadow;
    std::string shadow_literal;
};

Task<Names> read_names(Connection& connection, QualifiedName live, QualifiedName shadow) {
    const auto row = co_await connection.query(
        "SELECT l, quote_literal(l), s, quote_literal(s) FROM (SELECT format('%I.%I', $1::text, $2::text) AS l, "
        "format('%I.%I', $3::text, $4::text) AS s) AS names",
        postgres::params(live.schema, live.name, shadow.schema, shadow.name));
    co_return Names{row.str(0, 0), row.str(0, 1), row.str(0, 2), row.str(0, 3)};
}

// The same definition about the shadow. Within a string each quote is doubled, so that a constant is no part of one.
std::string about_the_shadow(std::string definition, const Names& names) {
    auto literal = [](const std::string& quoted, const char* behind) {
        return quoted.substr(0, quoted.size() - 1) + behind;
    };
    for (const char* type : {"'::regclass", "'::regtype", "[]'::regtype"}) {
        definition = plan::with_name(definition, literal(names.literal, type), literal(names.shadow_literal, type));
    }
    return plan::with_name(definition, "::" + names.live, "::" + names.shadow);
}

std::vector<std::string> again(const catalog::Constraint& constraint, const Table& shadow, const Names& names) {
    catalog::Constraint now = constraint;
    now.definition = about_the_shadow(constraint.definition, names);
    std::vector<std::string> sql{drop_constraint_sql(constraint, shadow.name.sql())};
    for (auto& made : constraint_and_comment(now, shadow.name.sql())) sql.push_back(std::move(made));
    return sql;
}

std::vector<std::string> again(const catalog::Index& index, const Table& shadow, const Names& names) {
    std::vector<std::string> sql;
    const auto owner = std::ranges::find_if(shadow.constraints, [&](const catalog::Constraint& constraint) {
        return constraint.oid == index.constraint && index.constraint != 0;
    });
    if (owner != shadow.constraints.end()) {
        sql = again(*owner, shadow, names);
        sql[1].insert(0, tablespace_sql(index));
    } else {
        sql.push_back("DROP INDEX " + QualifiedName{shadow.name.schema, index.name}.sql());
        sql.push_back(tablespace_sql(index) + plan::in_same_words(about_the_shadow(index.definition, names)));
    }
    for (auto& setting : index_settings(shadow, index, shadow.name)) sql.push_back(std::move(setting));
    return sql;
}

std::vector<std::string> again(const catalog::Statistics& statistics, const Names& names) {
    const std::string name = statistics.name.sql();
    std::vector<std::string> sql{"DROP STATISTICS " + name,
                                 plan::in_same_words(about_the_shadow(statistics.definition, names))};
    if (statistics.target)
        sql.push_back(fmt::format("ALTER STATISTICS {} SET STATISTICS {}", name, *statistics.target));
    if (statistics.comment) {
        sql.push_back(fmt::format("COMMENT ON STATISTICS {} IS {}", name, quote_literal(*statistics.comment)));
    }
    sql.push_back(fmt::format("ALTER STATISTICS {} OWNER TO {}", name, quote_identifier(statistics.owner)));
    return sql;
}

template <typename T>
const T* find_by_oid(const std::vector<T>& all, Oid oid) {
    const auto found = std::ranges::find(all, oid, &T::oid);
    return found == all.end() ? nullptr : &*found;
}

// Nothing for what cannot be made again.
std::vector<std::string> again(const Reference& reference, const Table& shadow, const Names& names) {
    if (reference.catalog == "pg_attrdef") {
        const auto* column = shadow.column(reference.column);
        ensure(column != nullptr && column->default_sql.has_value(), "a default has a column");
        if (column->generated != catalog::Generated::none) return {};
        return {plan::in_same_words(column_sql(shadow.name.sql(), column->name,
                                               "SET DEFAULT " + about_the_shadow(*column->default_sql, names)))};
    }
    if (const auto* constraint = find_by_oid(shadow.constraints, reference.oid)) {
        const auto* index = find_by_oid(shadow.indexes, constraint->index);
        return index == nullptr ? again(*constraint, shadow, names) : again(*index, shadow, names);
    }
    if (const auto* index = find_by_oid(shadow.indexes, reference.oid)) return again(*index, shadow, names);
    if (const auto* made = find_by_oid(shadow.statistics, reference.oid)) return again(*made, names);
    return {};
}

[[noreturn]] void refuse(const Reference& reference, const QualifiedName& live, const std::string& why) {
    throw Error(
        ErrorKind::refused,
        fmt::format("{} names the table itself ({}), or an index of it, and cannot be made to name the new one{}",
                    reference.identity, live.sql(), why),
        "Write it without the table's own name (a trigger that sets the column, tableoid in queries), or drop "
        "it before the migration and create it again afterwards.");
}

}  // namespace

Task<void> mean_the_shadow(Connection& connection, Table live, QualifiedName name) {
    const auto oid = co_await catalog::find_relation(connection, name);
    ensure(oid.has_value(), "the shadow exists");
    const auto references = co_await read_references(connection, live.oid, *oid);
    if (references.empty()) co_return;
    const Names names = co_await read_names(connection, live.name, name);
    const Table shadow = co_await catalog::read_table(connection, *oid);
    for (const auto& reference : references) {
        std::string sql;
        for (const auto& statement : again(reference, shadow, names)) sql += statement + "; ";
        const auto failure = co_await postgres::try_script(connection, sql);
        if (failure) refuse(reference, live.name, ": " + failure->message());
    }
    const auto left = co_await read_references(connection, live.oid, *oid);
    if (!left.empty()) refuse(left.front(), live.name, "");
}

}  // namespace pgwraith::shadow
