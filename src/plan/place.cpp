#include "place.h"

#include <fmt/format.h>

#include "pgwraith/base/error.h"

namespace pgwraith::plan {

void Place::refuse(const std::string& what, const std::string& hint) const {
    throw Error(ErrorKind::refused, fmt::format("sql, line {}: {}", line, what),
                hint.empty()
                    ? fmt::format("Allowed for {}: ALTER TABLE (columns, types, defaults, constraints, storage), "
                                  "CREATE INDEX, DROP INDEX, ALTER INDEX, ALTER SEQUENCE of a sequence that a "
                                  "column owns, CREATE STATISTICS, DROP STATISTICS and COMMENT. Run anything else "
                                  "before or after the migration.",
                                  table.sql())
                    : hint);
}

}  // namespace pgwraith::plan
