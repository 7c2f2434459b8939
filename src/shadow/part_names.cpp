#include "part_names.h"

namespace pgwraith::shadow {

Task<PartNames> read_part_names(postgres::Connection& connection, QualifiedName table) {
    const auto rows = co_await connection.query(
        "SELECT true, c.oid, c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid "
        " WHERE i.indrelid = to_regclass($1) "
        "UNION ALL SELECT false, oid, conname FROM pg_constraint WHERE conrelid = to_regclass($1)",
        postgres::params(table.sql()));
    PartNames names;
    for (int row = 0; row < rows.rows(); ++row) {
        auto& of_kind = rows.boolean(row, 0) ? names.indexes : names.constraints;
        of_kind[rows.oid(row, 1)] = rows.str(row, 2);
    }
    co_return names;
}

std::map<std::string, std::string> renamed(const std::map<Oid, std::string>& before,
                                           const std::map<Oid, std::string>& now) {
    std::map<std::string, std::string> names;
    for (const auto& [oid, name] : before) {
        const auto found = now.find(oid);
        if (found != now.end() && found->second != name) names[name] = found->second;
    }
    return names;
}

}  // namespace pgwraith::shadow
