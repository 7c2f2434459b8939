#include <fmt/format.h>

#include <algorithm>

#include "pgwraith/base/error.h"
#include "pgwraith/plan/server_text.h"
#include "pgwraith/plan/spelling.h"
#include "pgwraith/shadow/attachments.h"

namespace pgwraith::shadow {

std::string stand_in_name(const catalog::Table& live, const catalog::Statistics& statistics) {
    const auto same = std::ranges::count_if(
        live.statistics, [&](const catalog::Statistics& other) { return other.name.name == statistics.name.name; });
    return same == 1 ? statistics.name.name : fmt::format("pgwraith_{}", statistics.oid);
}

Task<void> create_statistics(postgres::Connection& connection, catalog::Table live, QualifiedName shadow) {
    for (const auto& statistics : live.statistics) {
        std::string sql;
        const auto name = QualifiedName{shadow.schema, stand_in_name(live, statistics)}.sql();
        sql += plan::in_same_words(plan::statistics_on_table(statistics.definition, name, shadow.sql())) + "; ";
        if (statistics.target) sql += fmt::format("ALTER STATISTICS {} SET STATISTICS {}; ", name, *statistics.target);
        if (statistics.comment) {
            sql += fmt::format("COMMENT ON STATISTICS {} IS {}; ", name, quote_literal(*statistics.comment));
        }
        // The new owner must be able to create in the schema where they are.
        sql += fmt::format("GRANT USAGE, CREATE ON SCHEMA {0} TO {1}; ALTER STATISTICS {2} OWNER TO {1}; ",
                           quote_identifier(shadow.schema), quote_identifier(statistics.owner), name);
        auto failure = co_await postgres::try_script(connection, sql);
        if (!failure) continue;
        throw Error(ErrorKind::refused,
                    fmt::format("statistics {} cannot be made anew: {}", statistics.name.sql(), failure->message()),
                    fmt::format("Make the migration's role a member of their owner, {}, or drop them before the "
                                "migration and create them again afterwards.",
                                statistics.owner));
    }
}

}  // namespace pgwraith::shadow
