// The live (or the shadow) table: read once from the catalogs, in PostgreSQL's own terms.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "pgwraith/base/lsn.h"
#include "pgwraith/base/names.h"
#include "pgwraith/postgres/connection.h"

namespace pgwraith::catalog {

// Kinds as the catalogs have them, each with its letter there.
enum class RelationKind : char {
    none = 0,
    table = 'r',
    partitioned_table = 'p',
    view = 'v',
    materialized_view = 'm',
    foreign_table = 'f',
    sequence = 'S',
    index = 'i',
    partitioned_index = 'I',
    toast_table = 't',
    composite_type = 'c',
};
enum class Persistence : char { none = 0, permanent = 'p', unlogged = 'u', temporary = 't' };
enum class ConstraintType : char {
    none = 0,
    check = 'c',
    primary_key = 'p',
    unique = 'u',
    exclusion = 'x',
    foreign_key = 'f',
    not_null = 'n',
};
enum class IdentityColumn : char { none = 0, always = 'a', by_default = 'd' };
enum class Generated : char { none = 0, stored = 's', not_stored = 'v' };  // the latter is VIRTUAL
// What the server identifies rows by: pg_class.relreplident.
enum class IdentityKind : char { none = 0, primary_key = 'd', nothing = 'n', full = 'f', index = 'i' };

template <typename Kind>
constexpr char letter(Kind kind) {
    return static_cast<char>(kind);
}

struct Column {
    int attnum = 0;  // pg_attribute.attnum: has holes where columns were dropped
    std::string name;
    Oid type = 0;
    std::string type_sql;       // format_type(atttypid, atttypmod): what a column definition says
    std::string base_type_sql;  // format_type(atttypid, -1): safe for $1::…[] casts
    int length = 0;             // attlen: bytes; below 0: they vary
    std::string collation_sql;  // qualified and quoted; empty when the type has none
    bool not_null = false;
    std::optional<std::string> default_sql;  // pg_get_expr of the default (of the generation expression)
    bool default_immutable = false;          // no volatile or stable function in it
    IdentityColumn identity = IdentityColumn::none;
    Generated generated = Generated::none;
    bool array_type_exists = true;
    int dimensions = 0;                    // attndims: as declared, means nothing to the server
    std::optional<int> statistics_target;  // attstattarget, when it is not the default
    char storage = 0;                      // attstorage: 'p' plain, 'm' main, 'e' external, 'x' extended
    char default_storage = 0;              // typstorage of its type: where the two differ, SET STORAGE is needed
    char compression = 0;                  // attcompression: 'p' pglz, 'l' lz4, 0 the server's default
    std::string options;                   // attoptions as SQL list: n_distinct='-0.5'
    std::optional<std::string> comment;
};

struct Constraint {
    Oid oid = 0;
    std::string name;
    ConstraintType type = ConstraintType::none;
    std::string definition;  // pg_get_constraintdef
    bool validated = true;
    bool deferrable = false;
    bool deferred = false;
    Oid index = 0;  // of primary key, unique, exclusion
    std::optional<std::string> comment;
};

struct Index {
    Oid oid = 0;
    std::string name;
    std::string definition;  // pg_get_indexdef
    bool unique = false;
    bool primary = false;
    bool valid = true;
    bool immediate = true;   // false: its constraint is deferrable
    bool clustered = false;  // CLUSTER mark
    bool replica_identity = false;
    bool partial = false;
    bool expressions = false;
    std::string method;            // btree, …
    std::string tablespace;        // empty: the database's default
    std::vector<int> key_attnums;  // without INCLUDE columns; 0 for an expression
    Oid constraint = 0;            // that it belongs to
    std::optional<std::string> comment;
    // ALTER INDEX … ALTER COLUMN n SET STATISTICS, for expressions: pairs of (column number, target)
    std::vector<std::pair<int, int>> statistics_targets;
    std::string extensions;  // that it depends on (ALTER INDEX … DEPENDS ON EXTENSION), quoted, a line each
};

// Extended statistics (CREATE STATISTICS).
struct Statistics {
    Oid oid = 0;
    QualifiedName name;
    std::string definition;  // CREATE STATISTICS …
    std::string owner;
    std::optional<int> target;  // stxstattarget, when it is not the default
    std::optional<std::string> comment;
};

// One item of an ACL, ready to be granted again on any relation. Empty grantee: PUBLIC.
struct Grant {
    std::string privilege;  // SELECT, INSERT, …
    std::string column;     // empty: of the whole table or sequence
    std::string grantee;    // role name, not quoted
    std::string grantor;
    bool grantable = false;

    // GRANT SELECT ("a") ON TABLE <target> TO "x" WITH GRANT OPTION; run as the grantor (or the owner).
    // `object` is TABLE, SEQUENCE or TYPE, `target` its qualified and quoted name.
    std::string sql(const std::string& object, const std::string& target) const;
};

// A sequence that a column of the table owns: identity, serial, or ALTER SEQUENCE … OWNED BY.
struct Sequence {
    Oid oid = 0;
    QualifiedName name;
    int column = 0;         // attnum of the owning column
    bool identity = false;  // belongs to an identity column, not to a default
    std::string type;       // smallint, integer, bigint
    std::int64_t start = 1;
    std::int64_t minimum = 1;
    std::int64_t maximum = 0;
    std::int64_t increment = 1;
    std::int64_t cache = 1;
    bool cycle = false;
    Persistence persistence = Persistence::none;
    std::string owner;
    bool default_acl = true;    // relacl is NULL: no GRANT was ever run on it
    std::vector<Grant> grants;  // what relacl says, when default_acl is false
    std::optional<std::string> comment;

    // START WITH … CACHE …: what follows CREATE SEQUENCE name AS type, or stands in the parentheses of an
    // identity column.
    std::string options_sql() const;
};

// The columns by which the server identifies rows in the change stream.
struct ReplicaIdentity {
    IdentityKind kind = IdentityKind::primary_key;
    std::string index{};  // of kind index
    Oid index_oid = 0;

    bool operator==(const ReplicaIdentity&) const = default;
    std::string sql() const;  // what follows ALTER TABLE … REPLICA IDENTITY
};

struct Table {
    Oid oid = 0;
    QualifiedName name;
    RelationKind kind = RelationKind::none;
    Persistence persistence = Persistence::none;
    IdentityKind replica_identity = IdentityKind::none;
    bool is_partition = false;
    bool has_inheritance = false;  // is a parent or a child
    bool system = false;           // in pg_catalog, information_schema, pg_toast …
    std::string of_type;           // CREATE TABLE … OF, qualified and quoted; empty: of none
    std::string access_method;
    std::string owner;
    std::string tablespace;          // empty: the database's default
    std::string storage_parameters;  // reloptions as SQL list: fillfactor='70', toast.autovacuum_enabled='false'
    Oid file_node = 0;               // pg_relation_filenode
    std::uint64_t blocks = 0;        // of the heap, now
    double row_estimate = 0;         // reltuples; -1 when never analyzed
    std::uint64_t heap_bytes = 0;
    std::uint64_t toast_bytes = 0;
    std::uint64_t index_bytes = 0;
    std::uint64_t total_bytes() const { return heap_bytes + toast_bytes + index_bytes; }
    std::vector<Column> columns;          // by attnum, without dropped ones
    std::vector<Constraint> constraints;  // by name
    std::vector<Index> indexes;           // by name
    std::vector<Statistics> statistics;   // by name
    std::vector<Sequence> sequences;      // by owning column
    std::optional<std::string> comment;
    bool default_acl = true;    // relacl is NULL: owner's rights only, no GRANT or REVOKE was ever run
    std::vector<Grant> grants;  // relacl (when not default_acl) and every column's attacl
    bool row_security = false;
    bool force_row_security = false;

    ReplicaIdentity identity() const;
    const Column* column(const std::string& column_name) const;
    const Column* column_at(int attnum) const;
    // The NOT NULL constraint of a column (from PostgreSQL 18 on); nullptr: it has none.
    const Constraint* not_null_of(const std::string& column_name) const;
    // By the name alone; nullptr: there are none.
    const Statistics* statistics_named(const std::string& statistics_name) const;
};

// One column of the key that identifies rows in the change stream and in the ledger.
struct KeyColumn {
    int attnum = 0;
    std::string name;
    std::string base_type_sql;  // as Column
    // OPERATOR("schema".=) and so on, of the index's operator class: they need not be called <, <=, = …
    std::string equals, less, less_equal, greater, greater_equal;
    std::string collation = {};  // of the index, when it is not the column's
    std::string opclass = {};    // of the index, when it is not the type's default
    bool descending = false;
    bool nulls_first = false;
};

// The primary key, or the unique index that is the replica identity or must become it.
struct Key {
    std::string index;
    Oid index_oid = 0;
    std::vector<KeyColumn> columns;
    bool full_rows_in_stream = false;  // REPLICA IDENTITY FULL: the publication may not have a column list
    bool borrows_identity = false;     // the server does not identify rows by it: it must be made to, for a while
    std::string why{};                 // it is this one, when the choice was ours; for people

    ReplicaIdentity identity() const { return {IdentityKind::index, index, index_oid}; }
};

// Which index is asked for.
struct KeyWish {
    bool automatic = false;  // the best, where the server has nothing to identify rows by
    QualifiedName index{};   // an empty name: what the server identifies rows by; an empty schema: the table's
};

// The table's OID, nullopt when there is none of that name. Any relation kind is found.
Task<std::optional<Oid>> find_relation(postgres::Connection& connection, QualifiedName name);
// Its name now, nullopt when it is gone.
Task<std::optional<QualifiedName>> find_name(postgres::Connection& connection, Oid relation);

// REQUIRES: the relation exists. Definitions come out with every name qualified, whatever the session's
// search_path is.
Task<Table> read_table(postgres::Connection& connection, Oid oid);

// The columns by which rows will be followed. If there are none, throws Error(refused) with a remedy
// (no key, REPLICA IDENTITY NOTHING, deferrable key, float or generated key column, key not covering the
// replica identity, an index that is asked for and cannot identify rows).
Task<Key> choose_key(postgres::Connection& connection, Table table, KeyWish wish = {});

}  // namespace pgwraith::catalog
