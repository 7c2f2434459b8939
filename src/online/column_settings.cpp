#include "column_settings.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "pgwraith/catalog/storage.h"

namespace pgwraith::online {

namespace {

using catalog::Column;
using catalog::Table;

// ALTER TYPE keeps the first two and sets the others back.
void add_settings(const Table& live, const Column& old, const NewColumn& column, std::vector<std::string>& all) {
    const auto alter = [&](const std::string& what) {
        all.push_back(fmt::format("ALTER TABLE ONLY {} ALTER COLUMN {} {}", live.name.sql(),
                                  quote_identifier(column.name), what));
    };
    if (old.statistics_target) alter(fmt::format("SET STATISTICS {}", *old.statistics_target));
    if (!old.options.empty()) alter(fmt::format("SET ({})", old.options));
    if (old.type_sql != column.type) return;
    if (old.storage != old.default_storage) alter(fmt::format("SET STORAGE {}", catalog::storage_name(old.storage)));
    if (old.compression != 0) alter(fmt::format("SET COMPRESSION {}", old.compression == 'l' ? "lz4" : "pglz"));
}

void add_privileges(const Table& live, const NewColumn& column, std::vector<std::string>& all) {
    for (auto grant : live.grants) {
        if (grant.column != column.from) continue;
        grant.column = column.name;
        all.push_back(grant.sql("TABLE", live.name.sql()));
    }
}

}  // namespace

std::vector<std::string> column_statements(const Table& live, const Expansion& expansion) {
    std::vector<std::string> adds;
    for (const auto& column : expansion.columns) {
        adds.push_back(fmt::format("ADD COLUMN {} {}{}", quote_identifier(column.name), column.type,
                                   column.collation.empty() ? "" : " COLLATE " + column.collation));
    }
    std::vector<std::string> all{fmt::format("ALTER TABLE ONLY {} {}", live.name.sql(), fmt::join(adds, ", "))};
    for (const auto& column : expansion.columns) {
        const auto* old = column.from.empty() ? nullptr : live.column(column.from);
        if (old == nullptr) continue;
        add_settings(live, *old, column, all);
        if (old->comment) {
            all.push_back(fmt::format("COMMENT ON COLUMN {}.{} IS {}", live.name.sql(), quote_identifier(column.name),
                                      quote_literal(*old->comment)));
        }
        add_privileges(live, column, all);
    }
    return all;
}

}  // namespace pgwraith::online
