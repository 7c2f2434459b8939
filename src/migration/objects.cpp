#include "objects.h"

#include <fmt/format.h>

#include "pgwraith/base/faults.h"
#include "pgwraith/capture/origin.h"
#include "pgwraith/capture/publication.h"
#include "pgwraith/capture/slot.h"

namespace pgwraith::migration {

using postgres::Connection;

Task<Oid> database_oid(Connection& connection) {
    auto result = co_await connection.query("SELECT oid FROM pg_database WHERE datname = current_database()");
    co_return result.oid(0, 0);
}

std::string schema_marker(const QualifiedName& table) { return "made by pgwraith for " + table.sql(); }

std::vector<std::string> MadeObjects::describe() const {
    std::vector<std::string> lines;
    if (slot) lines.push_back("replication slot " + *slot);
    for (const auto& origin : origins) lines.push_back("replication origin " + origin);
    if (publication) lines.push_back("publication " + *publication);
    for (const auto& shadow : shadow_tables) lines.push_back("shadow table " + shadow.sql());
    if (new_schema) lines.push_back("schema " + *new_schema);
    if (identity_is_borrowed) {
        lines.push_back(fmt::format("replica identity {} of the live table ({} is given back)",
                                    borrowed->meanwhile.sql(), borrowed->before.sql()));
    }
    return lines;
}

Task<MadeObjects> find_objects(Connection& connection, QualifiedName table, Oid oid,
                               std::optional<BorrowedIdentity> recorded) {
    MadeObjects made;
    made.table = oid;
    made.borrowed = std::move(recorded);
    made.database = co_await database_oid(connection);
    MigrationNames names(made.database, oid);

    auto schema = co_await connection.query(
        "SELECT n.oid, coalesce(obj_description(n.oid, 'pg_namespace'), '') FROM pg_namespace n WHERE nspname = $1",
        postgres::params(names.new_schema));
    if (!schema.empty()) {
        const auto note = read_identity_note(schema.str(0, 1), schema_marker(table));
        if (note) made.borrowed = note;
        if (!note && schema.text(0, 1) != schema_marker(table)) {
            throw Error(
                ErrorKind::stopped,
                fmt::format(
                    "schema {} stands where the shadow table would go, and does not say that it was made for {}",
                    names.new_schema, table.sql()),
                "Rename or drop that schema, if it is yours to drop.");
        }
        made.new_schema = names.new_schema;
        auto tables = co_await connection.query(
            "SELECT relname FROM pg_class WHERE relnamespace = $1::oid AND relkind = 'r' AND relname = $2",
            postgres::params(schema.str(0, 0), table.name));
        for (int row = 0; row < tables.rows(); ++row)
            made.shadow_tables.push_back({names.new_schema, tables.str(row, 0)});
    }
    auto publication =
        co_await connection.query("SELECT FROM pg_publication WHERE pubname = $1", postgres::params(names.publication));
    if (!publication.empty()) made.publication = names.publication;
    if (co_await capture::read_slot(connection, names.slot)) made.slot = names.slot;
    made.origins = co_await capture::find_origins(connection, names.slot);
    if (made.borrowed && made.borrowed->was_set) {
        made.identity_is_borrowed = co_await is_borrowed(connection, oid, *made.borrowed);
    }
    co_return made;
}

Task<MadeObjects> objects_of(Connection& connection, store::Store& store, Identity identity) {
    const auto borrowed = co_await State(store.journal()).borrowed_identity();
    co_return co_await find_objects(connection, identity.table, identity.table_oid, borrowed);
}

Task<std::vector<MadeObjects>> find_objects(Connection& connection, QualifiedName table) {
    // Of every schema that has our mark for this table, and of the table that has the name now.
    auto oids = co_await connection.query(
        "SELECT substring(n.nspname FROM '^pgwraith_new_(\\d+)$')::oid FROM pg_namespace n "
        "WHERE n.nspname ~ '^pgwraith_new_\\d+$' AND (obj_description(n.oid, 'pg_namespace') = $1 "
        "      OR starts_with(obj_description(n.oid, 'pg_namespace'), $1 || '; ')) "
        "UNION SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
        "WHERE n.nspname = $2 AND c.relname = $3 ORDER BY 1",
        postgres::params(schema_marker(table), table.schema, table.name));
    std::vector<MadeObjects> all;
    for (int row = 0; row < oids.rows(); ++row) {
        auto made = co_await find_objects(connection, table, oids.oid(row, 0));
        if (!made.empty()) all.push_back(std::move(made));
    }
    co_return all;
}

Task<MadeObjects> drop_objects(Connection& connection, MadeObjects objects, milliseconds lock_timeout) {
    // The slot first: it is what costs the server something.
    if (objects.slot) co_await capture::drop_slot(connection, *objects.slot);
    fault_point("drop.slot");
    if (!objects.origins.empty()) co_await capture::drop_origins(connection, objects.origins);
    fault_point("drop.origins");
    if (objects.publication) {
        const MigrationNames names(objects.database, objects.table);
        co_await capture::drop_publication(connection, *objects.publication, objects.table, names.old_schema);
    }
    fault_point("drop.publication");
    // The schema holds the record of what it was: it goes last.
    if (objects.borrowed && objects.borrowed->was_set && !broken_on_purpose("identity_kept")) {
        const bool as_before = co_await give_identity_back(connection, objects.table, *objects.borrowed, lock_timeout);
        objects.identity_is_borrowed = objects.identity_is_borrowed && as_before;
    }
    fault_point("drop.identity");
    std::optional<postgres::PgError> failure;
    try {
        for (const auto& table : objects.shadow_tables)
            co_await connection.script("DROP TABLE IF EXISTS " + table.sql());
        if (objects.new_schema) {
            co_await connection.script("DROP SCHEMA IF EXISTS " + quote_identifier(*objects.new_schema));
        }
    } catch (const postgres::PgError& error) {
        const bool dependents_exist = error.is(postgres::sqlstate::dependent_objects_still_exist);
        if (!dependents_exist && !error.is(postgres::sqlstate::lock_not_available)) throw;
        failure = error;
    }
    fault_point("drop.schema");
    if (!failure) co_return objects;
    if (failure->is(postgres::sqlstate::lock_not_available)) {
        throw Error(ErrorKind::stopped,
                    "somebody holds a lock on the shadow table, so that it cannot be dropped: " + failure->message(),
                    "It may be a session of a process that has just died. Try again.");
    }
    throw Error(ErrorKind::stopped,
                "something that pgwraith did not make hangs on the shadow table: " + failure->message(),
                "Drop or move it, then try again.");
}

}  // namespace pgwraith::migration
