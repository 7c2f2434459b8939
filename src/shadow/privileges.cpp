#include "privileges.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "pgwraith/base/error.h"
#include "pgwraith/catalog/qualified.h"
#include "pgwraith/shadow/attachments.h"

namespace pgwraith::shadow {

namespace {

using catalog::Grant;
using catalog::Table;

struct Target {
    std::string object;  // TABLE, SEQUENCE or TYPE
    std::string name;    // qualified and quoted
    std::string owner;
};

// The right that a role gave must be given by that role again: the server records who did.
std::string grant_sql(const Grant& grant, const Target& target) {
    std::string sql = grant.sql(target.object, target.name) + "; ";
    if (grant.grantor == target.owner) return sql;
    return fmt::format("SET LOCAL ROLE {}; {}RESET ROLE; ", quote_identifier(grant.grantor), sql);
}

std::string revoke_all_sql(const Target& target, const std::string& grantee) {
    const std::string from = grantee.empty() ? "PUBLIC" : quote_identifier(grantee);
    return fmt::format("REVOKE ALL ON {} {} FROM {} CASCADE; ", target.object, target.name, from);
}

// Item by item in the order of the live one's list, so that the lists come out the same.
std::string acl_sql(const Target& target, bool default_acl, const std::vector<Grant>& grants, bool made_default_acl,
                    const std::vector<Grant>& made_grants, const std::string& made_owner) {
    std::string sql;
    std::set<std::string> others;
    for (const auto& grant : made_grants) {
        if (grant.grantee != made_owner && grant.grantee != target.owner) others.insert(grant.grantee);
    }
    for (const auto& grantee : others) sql += revoke_all_sql(target, grantee);
    if (!default_acl) {
        sql += revoke_all_sql(target, target.owner);
    } else if (!made_default_acl) {
        sql += fmt::format("GRANT ALL ON {} {} TO {}; ", target.object, target.name, quote_identifier(target.owner));
    }
    for (const auto& grant : grants) sql += grant_sql(grant, target);
    return sql;
}

// A column's grants go with the column: to its new name, or away with it.
std::vector<Grant> renamed(const std::vector<Grant>& grants, const plan::Mapping& mapping) {
    std::vector<Grant> result;
    for (auto grant : grants) {
        if (!grant.column.empty()) {
            const auto column =
                std::ranges::find(mapping.columns, std::optional(grant.column), &plan::MappedColumn::old_name);
            if (column == mapping.columns.end()) continue;
            grant.column = column->name;
        }
        result.push_back(std::move(grant));
    }
    return result;
}

// The identities' sequences of both tables that are the same one's.
std::vector<std::pair<const catalog::Sequence*, const catalog::Sequence*>> same_sequences(const Table& live,
                                                                                          const Table& shadow) {
    std::vector<std::pair<const catalog::Sequence*, const catalog::Sequence*>> same;
    for (const auto& sequence : live.sequences) {
        for (const auto& made : shadow.sequences) {
            const bool both = sequence.identity && made.identity && made.name.name == sequence.name.name;
            if (both) same.emplace_back(&sequence, &made);
        }
    }
    return same;
}

std::string sequence_settings_sql(const Table& live, const Table& shadow) {
    std::string sql;
    for (const auto& [sequence, made] : same_sequences(live, shadow)) {
        if (sequence->comment) {
            sql += fmt::format("COMMENT ON SEQUENCE {} IS {}; ", made->name.sql(), quote_literal(*sequence->comment));
        }
        if (sequence->persistence != made->persistence) {
            sql += fmt::format("ALTER SEQUENCE {} SET {}; ", made->name.sql(),
                               sequence->persistence == catalog::Persistence::unlogged ? "UNLOGGED" : "LOGGED");
        }
    }
    return sql;
}

std::string sequence_acls_sql(const Table& live, const Table& shadow) {
    std::string sql;
    for (const auto& [sequence, made] : same_sequences(live, shadow)) {
        const Target target{"SEQUENCE", made->name.sql(), live.owner};
        sql += acl_sql(target, sequence->default_acl, sequence->grants, made->default_acl, made->grants, made->owner);
    }
    return sql;
}

// A role that grants a right must be able to name the table.
std::string usage_sql(const std::string& schema, const std::string& grantor) {
    return fmt::format("GRANT USAGE ON SCHEMA {} TO {}; ", quote_identifier(schema), quote_identifier(grantor));
}

std::string grantors_sql(const Table& live, const QualifiedName& shadow) {
    std::set<std::string> grantors;
    for (const auto& grant : live.grants) grantors.insert(grant.grantor);
    for (const auto& sequence : live.sequences) {
        for (const auto& grant : sequence.grants) grantors.insert(grant.grantor);
    }
    std::string sql;
    for (const auto& grantor : grantors) sql += usage_sql(shadow.schema, grantor);
    return sql;
}

// A row of (privilege, grantee, grantor, grantable); everybody is an empty grantee.
Grant read_grant(const postgres::Result& rows, int row) {
    return {.privilege = rows.str(row, 0),
            .column = "",
            .grantee = rows.str(row, 1),
            .grantor = rows.str(row, 2),
            .grantable = rows.boolean(row, 3)};
}

// SELECT on a sequence that neither its owner has nor the database gives by itself: it was for the dumps of the shadow.
Task<std::string> dumpers_revoked_sql(postgres::Connection& connection, catalog::Sequence made) {
    const auto rows = co_await connection.query(
        "SELECT DISTINCT coalesce(quote_ident(r.rolname), 'PUBLIC') FROM pg_class c, LATERAL aclexplode(c.relacl) AS e "
        "LEFT JOIN pg_roles r ON r.oid = e.grantee "
        "WHERE c.oid = $1::oid AND e.grantee <> c.relowner AND e.privilege_type = 'SELECT' AND NOT EXISTS ("
        "SELECT FROM pg_default_acl d, LATERAL aclexplode(d.defaclacl) AS x WHERE d.defaclobjtype = 'S' "
        "AND d.defaclnamespace = 0 AND d.defaclrole = c.relowner AND x.grantee = e.grantee "
        "AND x.privilege_type = 'SELECT')",
        postgres::params(std::to_string(made.oid)));
    std::string sql;
    for (int row = 0; row < rows.rows(); ++row) {
        sql += fmt::format("REVOKE SELECT ON SEQUENCE {} FROM {}; ", made.name.sql(), rows.text(row, 0));
    }
    co_return sql;
}

// Privileges that the schema gives to new sequences (ALTER DEFAULT PRIVILEGES … IN SCHEMA): sequences that the change
// adds were made in another one.
Task<std::string> new_sequences_sql(postgres::Connection& connection, Table live, Table shadow) {
    const auto grants = co_await connection.query(
        "SELECT e.privilege_type, coalesce(r.rolname, ''), pg_get_userbyid(e.grantor), e.is_grantable "
        "FROM pg_default_acl a JOIN pg_namespace n ON n.oid = a.defaclnamespace, LATERAL aclexplode(a.defaclacl) AS e "
        "LEFT JOIN pg_roles r ON r.oid = e.grantee "
        "WHERE a.defaclobjtype = 'S' AND n.nspname = $1 AND a.defaclrole = (SELECT oid FROM pg_roles WHERE rolname = "
        "$2)",
        postgres::params(live.name.schema, live.owner));
    std::string sql;
    for (const auto& made : shadow.sequences) {
        const bool known = std::ranges::any_of(live.sequences, [&](const catalog::Sequence& old) {
            return old.oid == made.oid || (old.identity && made.identity && old.name.name == made.name.name);
        });
        if (known) continue;
        sql += co_await dumpers_revoked_sql(connection, made);
        for (int row = 0; row < grants.rows(); ++row) {
            sql += read_grant(grants, row).sql("SEQUENCE", made.name.sql()) + "; ";
        }
    }
    co_return sql;
}

// Null when nobody granted or revoked anything, and then all may use it; otherwise a row for each grant, of which there
// may be none.
constexpr std::string_view row_type_grants_sql = R"sql(
SELECT e.privilege_type, coalesce(g.rolname, ''), pg_get_userbyid(e.grantor), e.is_grantable
  FROM pg_class c
  JOIN pg_type r ON r.oid = c.reltype
  LEFT JOIN LATERAL aclexplode(r.typacl) WITH ORDINALITY AS e (grantor, grantee, privilege_type, is_grantable, place) ON true
  LEFT JOIN pg_roles g ON g.oid = e.grantee
 WHERE c.oid = $table AND r.typacl IS NOT NULL
 ORDER BY e.place)sql";

constexpr std::string_view row_type_comments_sql = R"sql(
SELECT CASE WHEN y.typelem <> 0 THEN '[]' ELSE '' END, quote_literal(obj_description(y.oid, 'pg_type'))
  FROM pg_class c
  JOIN pg_type r ON r.oid = c.reltype
  JOIN pg_type y ON y.oid IN (r.oid, r.typarray)
 WHERE c.oid = $table AND obj_description(y.oid, 'pg_type') IS NOT NULL)sql";

// The type of the table's rows, and the array of them, may have comments; the former also privileges.
Task<std::string> row_type_comments(postgres::Connection& connection, Table live, QualifiedName shadow) {
    const auto comments =
        co_await catalog::query_qualified(connection, catalog::for_table(row_type_comments_sql, live.oid));
    std::string sql;
    for (int row = 0; row < comments.rows(); ++row) {
        sql += fmt::format("COMMENT ON TYPE {}{} IS {}; ", shadow.sql(), comments.text(row, 0), comments.text(row, 1));
    }
    co_return sql;
}

Task<std::string> row_type_acl(postgres::Connection& connection, Table live, QualifiedName shadow) {
    const Target target{"TYPE", shadow.sql(), live.owner};
    std::string sql;
    const auto rows = co_await catalog::query_qualified(connection, catalog::for_table(row_type_grants_sql, live.oid));
    if (rows.empty()) co_return sql;
    std::vector<Grant> grants;
    for (int row = 0; row < rows.rows() && !rows.is_null(row, 0); ++row) {
        grants.push_back(read_grant(rows, row));
        sql += usage_sql(shadow.schema, grants.back().grantor);
    }
    const std::vector<Grant> usage_of_all{{.privilege = "USAGE", .column = "", .grantee = "", .grantor = live.owner}};
    sql += acl_sql(target, false, grants, true, usage_of_all, live.owner);
    co_return sql;
}

}  // namespace

std::vector<std::string> denied_to_owner(const Table& live) {
    constexpr std::array<const char*, 7> needed{"SELECT",   "INSERT",     "UPDATE", "DELETE",
                                                "TRUNCATE", "REFERENCES", "TRIGGER"};
    std::vector<std::string> denied;
    if (live.default_acl) return denied;
    for (const std::string privilege : needed) {
        const bool has = std::ranges::any_of(live.grants, [&](const Grant& grant) {
            return grant.grantee == live.owner && grant.column.empty() && grant.privilege == privilege;
        });
        if (!has) denied.push_back(privilege);
    }
    return denied;
}

Task<std::string> privileges_sql(postgres::Connection& connection, Table live, Table shadow, plan::Mapping mapping) {
    std::string sql = grantors_sql(live, shadow.name);
    const Target target{"TABLE", shadow.name.sql(), live.owner};
    sql += acl_sql(target, live.default_acl, renamed(live.grants, mapping), shadow.default_acl, shadow.grants,
                   shadow.owner);
    for (const auto& privilege : denied_to_owner(live)) {
        sql += fmt::format("GRANT {} ON TABLE {} TO {}; ", privilege, target.name, quote_identifier(live.owner));
    }
    sql += sequence_acls_sql(live, shadow);
    const auto of_new_sequences = co_await new_sequences_sql(connection, live, shadow);
    sql += of_new_sequences;
    const auto of_row_type = co_await row_type_acl(connection, live, shadow.name);
    sql += of_row_type;
    co_return sql;
}

Task<void> give_owner(postgres::Connection& connection, Table live, Table shadow, plan::Mapping mapping) {
    std::string sql = fmt::format("GRANT USAGE, CREATE ON SCHEMA {} TO {}; ", quote_identifier(shadow.name.schema),
                                  quote_identifier(live.owner));
    if (shadow.owner != live.owner) {
        sql += fmt::format("ALTER TABLE {} OWNER TO {}; ", shadow.name.sql(), quote_identifier(live.owner));
    }
    sql += sequence_settings_sql(live, shadow);
    const auto comments = co_await row_type_comments(connection, live, shadow.name);
    sql += comments;
    auto failure = co_await postgres::try_script(connection, sql);
    if (!failure) {
        const auto privileges = co_await privileges_sql(connection, live, shadow, mapping);
        failure = co_await postgres::try_and_undo(connection, privileges);
    }
    if (failure) {
        throw Error(ErrorKind::refused, "owner and privileges cannot be given to the new table: " + failure->message(),
                    "The migration's role must be a member of the table's owner and of every role that granted a "
                    "privilege on it (\\dp shows them), or be a superuser.");
    }
    // What ALTER DEFAULT PRIVILEGES gave to others: nobody but the owner needs the shadow.
    std::string away;
    std::set<std::string> others;
    for (const auto& grant : shadow.grants) {
        if (grant.grantee != shadow.owner && grant.grantee != live.owner) others.insert(grant.grantee);
    }
    const Target target{"TABLE", shadow.name.sql(), live.owner};
    for (const auto& grantee : others) away += revoke_all_sql(target, grantee);
    if (!away.empty()) co_await connection.script(away);
}

}  // namespace pgwraith::shadow
