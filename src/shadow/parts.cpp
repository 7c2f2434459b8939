#include "parts.h"

#include <fmt/format.h>

#include <algorithm>

#include "pgwraith/plan/server_text.h"
#include "pgwraith/plan/spelling.h"

namespace pgwraith::shadow {

using catalog::Constraint;
using catalog::Index;
using catalog::Table;

bool stands_on_plain_index(const Constraint& constraint, const Index* index) {
    return (constraint.type == catalog::ConstraintType::primary_key ||
            constraint.type == catalog::ConstraintType::unique) &&
           index != nullptr && index->method == "btree";
}

std::string constraint_on_index_sql(const Constraint& constraint, const std::string& table) {
    return fmt::format(
        "ALTER TABLE {} ADD CONSTRAINT {} {} USING INDEX {}{}", table, quote_identifier(constraint.name),
        constraint.type == catalog::ConstraintType::primary_key ? "PRIMARY KEY" : "UNIQUE",
        quote_identifier(constraint.name),
        constraint.deferrable ? (constraint.deferred ? " DEFERRABLE INITIALLY DEFERRED" : " DEFERRABLE") : "");
}

std::string add_constraint_sql(const Constraint& constraint, const std::string& table) {
    return plan::in_same_words(fmt::format("ALTER TABLE {} ADD CONSTRAINT {} {}", table,
                                           quote_identifier(constraint.name), constraint.definition));
}

std::string drop_constraint_sql(const Constraint& constraint, const std::string& table) {
    return fmt::format("ALTER TABLE {} DROP CONSTRAINT {}", table, quote_identifier(constraint.name));
}

bool binds_new_rows_only(const Constraint& constraint) {
    return (constraint.type == catalog::ConstraintType::check ||
            constraint.type == catalog::ConstraintType::not_null) &&
           !constraint.validated;
}

std::vector<std::string> constraint_and_comment(const Constraint& constraint, const std::string& table) {
    std::vector<std::string> sql{add_constraint_sql(constraint, table)};
    if (constraint.comment) {
        sql.push_back(fmt::format("COMMENT ON CONSTRAINT {} ON {} IS {}", quote_identifier(constraint.name), table,
                                  quote_literal(*constraint.comment)));
    }
    return sql;
}

std::string column_sql(const std::string& table, const std::string& column, const std::string& what) {
    return fmt::format("ALTER TABLE {} ALTER COLUMN {} {}", table, quote_identifier(column), what);
}

// The definition does not say it; the setting does, by the bare name, and an empty one is the database's default.
std::string tablespace_sql(const Index& index) {
    return fmt::format("SET default_tablespace = {}; ", quote_literal(index.tablespace));
}

std::string index_sql(const Index& index, const std::string& table) {
    return tablespace_sql(index) + plan::in_same_words(plan::on_table(index.definition, table));
}

std::vector<std::string> index_settings(const Table& of, const Index& index, const QualifiedName& table) {
    std::vector<std::string> sql;
    QualifiedName name{table.schema, index.name};
    for (auto [column, target] : index.statistics_targets) {
        sql.push_back(fmt::format("ALTER INDEX {} ALTER COLUMN {} SET STATISTICS {}", name.sql(), column, target));
    }
    for (std::size_t begin = 0; begin < index.extensions.size();) {
        const auto end = std::min(index.extensions.find('\n', begin), index.extensions.size());
        sql.push_back(fmt::format("ALTER INDEX {} DEPENDS ON EXTENSION {}", name.sql(),
                                  index.extensions.substr(begin, end - begin)));
        begin = end + 1;
    }
    if (index.comment)
        sql.push_back(fmt::format("COMMENT ON INDEX {} IS {}", name.sql(), quote_literal(*index.comment)));
    for (const auto& constraint : of.constraints) {
        if (constraint.index != index.oid || !constraint.comment) continue;
        sql.push_back(fmt::format("COMMENT ON CONSTRAINT {} ON {} IS {}", quote_identifier(constraint.name),
                                  table.sql(), quote_literal(*constraint.comment)));
    }
    if (index.clustered) {
        sql.push_back(fmt::format("ALTER TABLE {} CLUSTER ON {}", table.sql(), quote_identifier(index.name)));
    }
    if (index.replica_identity) {
        sql.push_back(
            fmt::format("ALTER TABLE {} REPLICA IDENTITY USING INDEX {}", table.sql(), quote_identifier(index.name)));
    }
    return sql;
}

}  // namespace pgwraith::shadow
