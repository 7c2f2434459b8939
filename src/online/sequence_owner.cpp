#include "sequence_owner.h"

#include <fmt/format.h>

#include <algorithm>

namespace pgwraith::online {

bool says_what_is_so(const plan::SequenceChange& asked, const catalog::Table& live) {
    if (!asked.owned_by || !asked.options.empty()) return false;
    return std::ranges::any_of(live.sequences, [&](const catalog::Sequence& one) {
        const auto* column = live.column_at(one.column);
        return !one.identity && one.name.name == asked.name &&
               (asked.schema.empty() || one.name.schema == asked.schema) && column != nullptr &&
               column->name == *asked.owned_by;
    });
}

Task<std::optional<catalog::Refusal>> refuse_owner(postgres::Connection& connection, catalog::Table live,
                                                   std::string schema, plan::SequenceChange asked, int line) {
    const auto name =
        asked.schema.empty() ? quote_identifier(asked.name) : QualifiedName{asked.schema, asked.name}.sql();
    const auto found = co_await connection.query(
        "SELECT c.relkind = 'S', n.nspname = $2, pg_get_userbyid(c.relowner) = $3, EXISTS (SELECT FROM pg_depend d "
        "WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'i') FROM pg_class c JOIN "
        "pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = to_regclass($1)",
        postgres::params(name, live.name.schema, live.owner));
    std::string why;
    if (found.empty()) {
        const QualifiedName in_stand_in{schema, asked.name};
        const auto made =
            co_await connection.query("SELECT to_regclass($1) IS NOT NULL", postgres::params(in_stand_in.sql()));
        if (!made.boolean(0, 0) && !asked.if_exists) why = "there is no such sequence";
    } else if (!found.boolean(0, 0) || found.boolean(0, 3)) {
        why = "it is not a sequence that a column could own";
    } else if (!found.boolean(0, 1)) {
        why = "it is in another schema than the table";
    } else if (!found.boolean(0, 2)) {
        why = "it has another owner than the table";
    }
    if (why.empty()) co_return std::nullopt;
    const auto reason = fmt::format("sql, line {}: ALTER SEQUENCE {} OWNED BY: {}", line, name, why);
    co_return catalog::Refusal{reason, "Leave it out, or alter the sequence first."};
}

}  // namespace pgwraith::online
