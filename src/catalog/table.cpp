#include "pgwraith/catalog/table.h"

#include <fmt/format.h>

#include <algorithm>

namespace pgwraith::catalog {

std::string ReplicaIdentity::sql() const {
    switch (kind) {
        case IdentityKind::index:
            return "USING INDEX " + quote_identifier(index);
        case IdentityKind::full:
            return "FULL";
        case IdentityKind::nothing:
            return "NOTHING";
        default:
            return "DEFAULT";
    }
}

ReplicaIdentity Table::identity() const {
    const auto found = std::ranges::find_if(indexes, &Index::replica_identity);
    if (replica_identity != IdentityKind::index || found == indexes.end()) return {replica_identity};
    return {replica_identity, found->name, found->oid};
}

const Column* Table::column(const std::string& column_name) const {
    const auto found = std::ranges::find(columns, column_name, &Column::name);
    return found == columns.end() ? nullptr : &*found;
}

const Column* Table::column_at(int attnum) const {
    const auto found = std::ranges::find(columns, attnum, &Column::attnum);
    return found == columns.end() ? nullptr : &*found;
}

const Constraint* Table::not_null_of(const std::string& column_name) const {
    const auto is_of_it = [&](const Constraint& one) {
        if (one.type != ConstraintType::not_null) return false;
        const auto says = [&](const std::string& written) {
            const auto begin = "NOT NULL " + written;
            return one.definition == begin || one.definition.starts_with(begin + " NO");  // NOT VALID, NO INHERIT
        };
        return says(column_name) || says(quote_identifier(column_name));
    };
    const auto found = std::ranges::find_if(constraints, is_of_it);
    return found == constraints.end() ? nullptr : &*found;
}

const Statistics* Table::statistics_named(const std::string& statistics_name) const {
    const auto found =
        std::ranges::find_if(statistics, [&](const Statistics& one) { return one.name.name == statistics_name; });
    return found == statistics.end() ? nullptr : &*found;
}

std::string Grant::sql(const std::string& object, const std::string& target) const {
    return fmt::format("GRANT {}{} ON {} {} TO {}{}", privilege,
                       column.empty() ? std::string{} : fmt::format(" ({})", quote_identifier(column)), object, target,
                       grantee.empty() ? std::string{"PUBLIC"} : quote_identifier(grantee),
                       grantable ? " WITH GRANT OPTION" : "");
}

std::string Sequence::options_sql() const {
    return fmt::format("START WITH {} INCREMENT BY {} MINVALUE {} MAXVALUE {} CACHE {}{}", start, increment, minimum,
                       maximum, cache, cycle ? " CYCLE" : " NO CYCLE");
}

}  // namespace pgwraith::catalog
