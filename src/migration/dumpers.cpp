#include "dumpers.h"

#include <fmt/format.h>

namespace pgwraith::migration {

namespace {

using postgres::Connection;

// Statements for $1 the live table, $2 the schema and $3 the table in it. A role is a candidate when it may log in or
// was given the table by name; it is passed over when it has the rights through another that is given them. Row level
// security hides rows from a role that is subject to it; of a copy it hides none.
constexpr const char* grants_sql = R"sql(
WITH live AS (SELECT c.oid, c.relowner, c.relrowsecurity, c.relacl FROM pg_class c WHERE c.oid = $1::oid),
     candidates AS (
       SELECT r.oid, quote_ident(r.rolname) AS name, r.rolbypassrls FROM pg_roles r, live
        WHERE NOT r.rolsuper AND r.rolname <> current_user
          AND (r.rolcanlogin OR r.oid IN (SELECT e.grantee FROM aclexplode(live.relacl) AS e))
       UNION ALL
       SELECT 0, 'PUBLIC', false FROM live WHERE EXISTS (SELECT FROM aclexplode(live.relacl) AS e WHERE e.grantee = 0)),
     others AS (
       SELECT t.oid, n.oid AS schema FROM pg_class t JOIN pg_namespace n ON n.oid = t.relnamespace
        WHERE t.relkind IN ('r', 'p') AND n.nspname !~ '^(pg_|pgwraith_(new|old)_[0-9]+$)' AND n.nspname <> 'information_schema'
          AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = t.oid AND d.deptype = 'e')),
     dumpers AS (
       SELECT c.* FROM candidates c, live
        WHERE (c.rolbypassrls OR NOT live.relrowsecurity)
          AND NOT EXISTS (SELECT FROM others o WHERE NOT has_schema_privilege(c.oid, o.schema, 'USAGE')
                                                  OR NOT has_table_privilege(c.oid, o.oid, 'SELECT'))),
     needy AS (
       SELECT d.* FROM dumpers d
        WHERE NOT EXISTS (SELECT FROM dumpers g WHERE g.oid <> d.oid AND (g.oid = 0 OR d.oid <> 0 AND pg_has_role(d.oid, g.oid, 'USAGE'))))
SELECT format('GRANT USAGE ON SCHEMA %I TO %s', $2::text, n.name)
  FROM needy n, pg_namespace s WHERE s.nspname = $2::text AND NOT has_schema_privilege(n.oid, s.oid, 'USAGE')
UNION ALL
SELECT format('GRANT SELECT ON %s %I.%I TO %s', CASE t.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, $2::text, t.relname, n.name)
  FROM needy n, pg_class t JOIN pg_namespace s ON s.oid = t.relnamespace
 WHERE s.nspname = $2::text AND (t.relkind = 'r' AND t.relname = $3::text OR t.relkind = 'S')
   AND NOT (CASE t.relkind WHEN 'S' THEN has_sequence_privilege(n.oid, t.oid, 'SELECT') ELSE has_table_privilege(n.oid, t.oid, 'SELECT') END))sql";

constexpr const char* revokes_sql = R"sql(
WITH gone AS (
  SELECT DISTINCT e.grantee AS oid FROM pg_class t JOIN pg_namespace s ON s.oid = t.relnamespace, LATERAL aclexplode(t.relacl) AS e
   WHERE s.nspname = $2::text AND t.relname = $3::text AND e.privilege_type = 'SELECT' AND e.grantee <> t.relowner
     AND NOT has_table_privilege(e.grantee, $1::oid, 'SELECT'))
SELECT format('REVOKE SELECT ON ALL TABLES IN SCHEMA %1$I FROM %2$s; REVOKE SELECT ON ALL SEQUENCES IN SCHEMA %1$I FROM %2$s; '
              'REVOKE USAGE ON SCHEMA %1$I FROM %2$s', $2::text, CASE g.oid WHEN 0 THEN 'PUBLIC' ELSE quote_ident(r.rolname) END)
  FROM gone g LEFT JOIN pg_roles r ON r.oid = g.oid WHERE g.oid = 0 OR r.oid IS NOT NULL)sql";

// A dump is worth no stop: what cannot be given is told to who reads the debug log.
Task<void> run_each(Connection& connection, std::string query, Oid live, QualifiedName copy, bool in_transaction) {
    auto statements = co_await connection.query(query, postgres::params(std::to_string(live), copy.schema, copy.name));
    for (int row = 0; row < statements.rows(); ++row) {
        if (in_transaction) co_await connection.script("SAVEPOINT pgwraith_grant");
        auto failure = co_await postgres::try_script(connection, statements.str(row, 0));
        if (failure) spdlog::debug("{}: {}", statements.text(row, 0), failure->message());
        if (in_transaction && failure) co_await connection.script("ROLLBACK TO SAVEPOINT pgwraith_grant");
        if (in_transaction) co_await connection.script("RELEASE SAVEPOINT pgwraith_grant");
    }
}

}  // namespace

Task<void> let_dump(Connection& connection, Oid live, QualifiedName copy, bool in_transaction) {
    co_await run_each(connection, grants_sql, live, copy, in_transaction);
}

Task<void> forget_dumpers(Connection& connection, Oid live, QualifiedName copy) {
    co_await run_each(connection, revokes_sql, live, copy, false);
}

}  // namespace pgwraith::migration
