#include "part_names.h"

#include <algorithm>

namespace pgwraith::shadow {

void PartNames::begin(const Now& now) {
    for (const auto& [oid, name] : now) parts_[name] = {oid, name};
}

void PartNames::follow(const Now& now) {
    std::map<std::string, Part> followed;
    for (const auto& [first, part] : parts_) {
        auto found = now.find(part.oid);
        if (found == now.end()) {
            const auto& last = part.name;
            found = std::ranges::find_if(now, [&](const auto& other) { return other.second == last; });
        }
        if (found != now.end()) followed[first] = {found->first, found->second};
    }
    parts_ = std::move(followed);
}

std::map<std::string, std::string> PartNames::renamed() const {
    std::map<std::string, std::string> names;
    for (const auto& [first, part] : parts_) {
        if (part.name != first) names[first] = part.name;
    }
    return names;
}

Task<Parts> read_parts(postgres::Connection& connection, QualifiedName table) {
    const auto rows = co_await connection.query(
        "SELECT true, c.oid, c.relname FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid "
        " WHERE i.indrelid = to_regclass($1) "
        "UNION ALL SELECT false, oid, conname FROM pg_catalog.pg_constraint WHERE conrelid = to_regclass($1)",
        postgres::params(table.sql()));
    Parts parts;
    for (int row = 0; row < rows.rows(); ++row) {
        auto& of_kind = rows.boolean(row, 0) ? parts.indexes : parts.constraints;
        of_kind[rows.oid(row, 1)] = rows.str(row, 2);
    }
    co_return parts;
}

}  // namespace pgwraith::shadow
