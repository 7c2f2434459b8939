// Reasons not to begin. Each check stands alone and only reads.
#pragma once

#include <string>
#include <vector>

#include "pgwraith/base/error.h"
#include "pgwraith/catalog/table.h"

namespace pgwraith::catalog {

struct Refusal {
    std::string reason;    // one sentence: what is in the way, by name
    std::string remedy;    // what to do about it
    std::string object{};  // what it is about, as the server calls it; empty: the table
};

// Several at once, an object each.
class Refused : public Error {
  public:
    explicit Refused(std::vector<Refusal> refusals);            // with a message made of them
    Refused(std::vector<Refusal> refusals, const Error& text);  // with that message

    const std::vector<Refusal>& refusals() const { return refusals_; }

  private:
    std::vector<Refusal> refusals_;
};

struct PreflightReport {
    std::vector<Refusal> refusals;
    std::vector<std::string> warnings;  // max_slot_wal_keep_size unlimited, little disk, …
};

// What every way needs of the server and of our role: version, a primary, ownership, CREATE on database and schema.
Task<PreflightReport> check_access(postgres::Connection& connection, const Table& table);

// What following the table's changes needs: wal_level, free slots and senders, REPLICATION.
// `own_slot`: the migration's slot name; when it exists already it does not count as missing capacity.
Task<PreflightReport> check_server(postgres::Connection& connection, std::string own_slot);

// What every way needs of the table itself: kind, temporary, system table, rows hidden from us.
Task<PreflightReport> check_table(postgres::Connection& connection, const Table& table);
// What copying it needs: logged, a heap. Pure.
PreflightReport check_copied(const Table& table);

// Others that follow the server's changes, and what they mean for the shadow table and for our stream.
struct ReplicationRules {
    bool allow_other_slots = false;
    bool allow_all_tables = false;
};
Task<PreflightReport> check_replication(postgres::Connection& connection, const Table& table, ReplicationRules rules);

// Publications, ours apart, that UPDATE and DELETE of the table go through. The server refuses those of a table whose
// rows nothing identifies.
Task<std::vector<std::string>> publishers(postgres::Connection& connection, Oid table);

// Consequences for others when the server identifies the table's rows by another index for a while.
// REQUIRES: key.borrows_identity.
Task<PreflightReport> check_borrowed_identity(postgres::Connection& connection, Table table, Key key);

// What binds to a table's OID and would stay behind with the old one.
enum class DependentKind {
    foreign_key_from,  // of this table, to another (or itself)
    foreign_key_to,    // of another table, to this
    view,
    materialized_view,
    rule,
    trigger,             // the user's; those of constraints belong to the constraint
    policy,              // of this table
    foreign_policy,      // of another table, mentioning this one
    foreign_default,     // of another table's column, that names this one as a value ('t'::regclass)
    row_security,        // enabled or forced
    publication,         // member table
    schema_publication,  // TABLES IN SCHEMA of its schema
    function,            // SQL-standard body, or an argument or result of the row type, or a default that names it
    function_use,        // of one that takes or returns its rows, by an index, a constraint, a policy …
    aggregate,           // over its rows
    row_type,            // its composite type used by a column, a domain, another type
    partition,           // of another table
    inheritance,         // a parent, a child
    extension,           // member of one
    index_extension,     // an index goes with one
    security_label,
    subscription,  // its target
    sequence_use,  // of a serial's sequence, or a default elsewhere that uses an identity's
    identity_use,  // any other use of an identity's sequence
    index_use,     // a default or function that names an index of the table by its OID
    unknown,       // anything else in pg_depend
};

const char* dependent_kind_name(DependentKind kind);  // "foreign key to the table"

struct Dependent {
    DependentKind kind = DependentKind::unknown;
    Oid catalog = 0;       // pg_class OID of the catalog it is in
    Oid oid = 0;           // there
    std::string identity;  // in words, qualified: view app.v1; trigger t on public.orders
};

// All of them, by kind and identity; each object once.
Task<std::vector<Dependent>> read_dependents(postgres::Connection& connection, const Table& table);

// True for the kinds that the cutover takes along.
bool is_carried(DependentKind kind);
// The refusals for those of `dependents` that are not carried, each by name. Pure.
std::vector<Refusal> refuse_dependents(const std::vector<Dependent>& dependents);
// The same for a way that keeps the table: what statements on it would reach beyond it. Pure.
std::vector<Refusal> refuse_ties(std::vector<Dependent> dependents);

}  // namespace pgwraith::catalog
