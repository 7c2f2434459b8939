#include "identity_sql.h"

#include <fmt/format.h>

namespace pgwraith::migration {

using catalog::ReplicaIdentity;

std::string is_same_index(const std::string& oid, const std::string& name, const ReplicaIdentity& identity) {
    return fmt::format("({} = {} OR {} = {})", oid, identity.index_oid, name, quote_literal(identity.index));
}

std::string has_identity(const ReplicaIdentity& identity) {
    auto condition = fmt::format("c.relreplident = {}", quote_literal(std::string(1, catalog::letter(identity.kind))));
    if (identity.kind != catalog::IdentityKind::index) return condition;
    return condition +
           fmt::format(
               " AND EXISTS (SELECT FROM pg_catalog.pg_index x JOIN pg_catalog.pg_class i ON i.oid = x.indexrelid "
               "WHERE x.indrelid = c.oid AND x.indisreplident AND {})",
               is_same_index("i.oid", "i.relname", identity));
}

std::string has_identity_or_its_rest(const ReplicaIdentity& identity) {
    return fmt::format(
        "(({}) OR (c.relreplident = 'i' AND NOT EXISTS (SELECT FROM pg_catalog.pg_index x WHERE x.indrelid = c.oid AND "
        "x.indisreplident)))",
        has_identity(identity));
}

std::string change_identity_sql(Oid table, const QualifiedName& name, const IdentityChange& change,
                                milliseconds lock_timeout) {
    const auto check = fmt::format(
        "DO $pgwraith$ BEGIN IF NOT EXISTS (SELECT FROM pg_catalog.pg_class c WHERE c.oid = {} AND c.oid = "
        "pg_catalog.to_regclass({}) AND {}) THEN RAISE EXCEPTION 'the replica identity is not what it was' USING "
        "ERRCODE = '{}'; END IF; END $pgwraith$",
        table, quote_literal(name.sql()), change.condition, not_as_recorded);
    return fmt::format(
        "SET LOCAL lock_timeout = '{}ms'; SET LOCAL statement_timeout = '{}ms'; LOCK TABLE ONLY {} IN ACCESS EXCLUSIVE "
        "MODE; {}; ALTER TABLE ONLY {} REPLICA IDENTITY {}{}",
        lock_timeout.count(), 2 * lock_timeout.count(), name.sql(), check, name.sql(), change.to.sql(), change.record);
}

}  // namespace pgwraith::migration
