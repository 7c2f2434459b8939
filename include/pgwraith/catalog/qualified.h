// Reading the catalogs so that every definition text has all names qualified.
#pragma once

#include <string>
#include <string_view>

#include "pgwraith/base/lsn.h"
#include "pgwraith/postgres/connection.h"

namespace pgwraith::catalog {

// Runs one reading statement with an empty search_path and in the fixed forms, and leaves the session's own as they
// were, inside a transaction of the caller as well as outside. No parameters: see for_table().
Task<postgres::Result> query_qualified(postgres::Connection& connection, std::string sql);

// Puts the OID where the statement says $table.
std::string for_table(std::string_view sql, Oid oid);

// Of `s`, a row of pg_statistic_ext, in the schema `n`: what pg_get_statisticsobjdef() says, but with all parentheses,
// without which ((a AND b) AND c) cannot be told from (a AND b AND c).
inline constexpr std::string_view statistics_definition = R"sql(
format('CREATE STATISTICS %I.%I%s ON %s FROM %s', n.nspname, s.stxname,
       (SELECT format(' (%s)', string_agg(CASE k WHEN 'd' THEN 'ndistinct' WHEN 'f' THEN 'dependencies' ELSE 'mcv' END, ', '))
          FROM unnest(s.stxkind) AS k WHERE k <> 'e' HAVING count(*) > 0),
       concat_ws(', ', (SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY k.place)
                          FROM unnest(s.stxkeys::int2[]) WITH ORDINALITY AS k (attnum, place)
                          JOIN pg_attribute a ON a.attrelid = s.stxrelid AND a.attnum = k.attnum),
                 (SELECT string_agg(format('(%s)', e), ', ' ORDER BY place)
                    FROM unnest(pg_get_statisticsobjdef_expressions(s.oid)) WITH ORDINALITY AS x (e, place))),
       s.stxrelid::regclass))sql";

// Puts that text where the statement says $statistics.
std::string with_statistics(std::string sql);

// A "char" of the catalogs: '\0' reads as an empty string.
inline char catalog_char(std::string_view text) { return text.empty() ? char{0} : text.front(); }

}  // namespace pgwraith::catalog
