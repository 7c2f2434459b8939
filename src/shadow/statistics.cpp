#include <fmt/format.h>

#include <algorithm>

#include "pgwraith/base/error.h"
#include "pgwraith/plan/spelling.h"
#include "pgwraith/shadow/attachments.h"

namespace pgwraith::shadow {

namespace {

// The last " FROM " outside of quotes: an expression may have one of its own.
std::size_t last_from(const std::string& definition) {
    constexpr std::string_view word = " FROM ";
    std::size_t found = std::string::npos;
    char quote = 0;
    for (std::size_t i = 0; i < definition.size(); ++i) {
        const char c = definition[i];
        if (quote != 0) {
            if (c == quote) quote = 0;
        } else if (c == '"' || c == '\'') {
            quote = c;
        } else if (definition.compare(i, word.size(), word) == 0) {
            found = i;
        }
    }
    return found;
}

// CREATE STATISTICS schema.name (kinds) ON columns FROM schema.table: other names, the same between.
std::string retarget(const std::string& definition, const std::string& name, const std::string& table) {
    constexpr std::string_view begin = "CREATE STATISTICS ";
    const auto from = last_from(definition);
    ensure(definition.starts_with(begin) && from != std::string::npos, "a definition of extended statistics");
    std::size_t end = begin.size();
    for (bool quoted = false; end < from && (quoted || definition[end] != ' '); ++end) {
        if (definition[end] == '"') quoted = !quoted;
    }
    return fmt::format("{}{}{} FROM {}", begin, name, definition.substr(end, from - end), table);
}

}  // namespace

std::string stand_in_name(const catalog::Table& live, const catalog::Statistics& statistics) {
    const auto same = std::ranges::count_if(
        live.statistics, [&](const catalog::Statistics& other) { return other.name.name == statistics.name.name; });
    return same == 1 ? statistics.name.name : fmt::format("pgwraith_{}", statistics.oid);
}

Task<void> create_statistics(postgres::Connection& connection, catalog::Table live, QualifiedName shadow) {
    for (const auto& statistics : live.statistics) {
        std::string sql;
        const auto name = QualifiedName{shadow.schema, stand_in_name(live, statistics)}.sql();
        sql += plan::in_same_words(retarget(statistics.definition, name, shadow.sql())) + "; ";
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
