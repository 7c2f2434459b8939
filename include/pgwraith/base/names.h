// SQL identifiers and literals, and the names of what a migration makes in the database.
#pragma once

#include <string>
#include <string_view>

#include "pgwraith/base/lsn.h"

namespace pgwraith {

// Always quoted: a"b -> "a""b". Safe for any server setting.
std::string quote_identifier(std::string_view name);
// 'it''s', or E'..' when there is a backslash. For SQL that cannot take parameters (DDL, replication commands).
std::string quote_literal(std::string_view text);

struct QualifiedName {
    std::string schema;
    std::string name;

    auto operator<=>(const QualifiedName&) const = default;
    std::string sql() const;  // "schema"."name", quoted

    // As written in SQL: public.orders, app."Order Items". Unquoted parts are folded to lower case.
    // Throws Error(usage) with what is wrong; a missing schema is an error too.
    static QualifiedName parse(std::string_view text);
};

// Everything carries the program's name and the OID that the live table had at the start.
struct MigrationNames {
    std::string new_schema;   // pgwraith_new_<oid>
    std::string old_schema;   // pgwraith_old_<oid>
    std::string publication;  // pgwraith_<oid>
    std::string slot;         // pgwraith_<database oid>_<oid>, also the prefix of watermark messages

    MigrationNames(Oid database, Oid table);
};

}  // namespace pgwraith
