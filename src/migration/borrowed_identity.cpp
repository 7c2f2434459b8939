#include "borrowed_identity.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "identity_sql.h"
#include "pgwraith/catalog/event_triggers.h"
#include "pgwraith/catalog/holders.h"
#include "pgwraith/catalog/preflight.h"
#include "pgwraith/cutover/cutover.h"

namespace pgwraith::migration {

using catalog::LockHolder;
using catalog::LockStrength;
using catalog::ReplicaIdentity;
using nlohmann::json;
using postgres::Connection;

namespace {

constexpr milliseconds patience{60'000};
constexpr std::string_view separator = "; replica identity ";

json text_of(const ReplicaIdentity& identity) {
    return {{"kind", std::string(1, catalog::letter(identity.kind))},
            {"index", identity.index},
            {"index_oid", identity.index_oid}};
}

ReplicaIdentity identity_from(const json& from) {
    ReplicaIdentity identity;
    identity.kind = static_cast<catalog::IdentityKind>(from.at("kind").get<std::string>().at(0));
    from.at("index").get_to(identity.index);
    from.at("index_oid").get_to(identity.index_oid);
    return identity;
}

}  // namespace

std::string BorrowedIdentity::in_words() const {
    return fmt::format("{} for the time of the migration, {} before and after", meanwhile.sql(), before.sql());
}

void to_json(json& to, const BorrowedIdentity& borrowed) {
    to = {{"before", text_of(borrowed.before)},
          {"meanwhile", text_of(borrowed.meanwhile)},
          {"was_set", borrowed.was_set}};
}

void from_json(const json& from, BorrowedIdentity& borrowed) {
    borrowed = {identity_from(from.at("before")), identity_from(from.at("meanwhile")), from.at("was_set").get<bool>()};
}

std::string identity_note(const BorrowedIdentity& borrowed) {
    return std::string(separator) + json(borrowed).dump(-1, ' ', false, json::error_handler_t::replace);
}

std::optional<BorrowedIdentity> read_identity_note(const std::string& comment, const std::string& marker) {
    const auto begin = marker + std::string(separator);
    if (!comment.starts_with(begin)) return std::nullopt;
    const auto note = json::parse(comment.substr(begin.size()), nullptr, false);
    try {
        return note.get<BorrowedIdentity>();
    } catch (const json::exception&) {
        return std::nullopt;
    } catch (const std::out_of_range&) {
        return std::nullopt;
    }
}

namespace {

struct Tried {
    std::string why_not;  // empty: it is done
    double waited_ms = 0;
};

// script(), but for what may go better another time. Empty: it is done.
Task<std::string> with_lock(Connection& connection, std::string sql, Oid table, LockStrength wanted) {
    std::optional<postgres::PgError> failure;
    try {
        co_await connection.script(std::move(sql));
    } catch (const postgres::PgError& error) {
        using namespace postgres::sqlstate;
        if (!error.is(lock_not_available) && !error.is(query_canceled)) throw;
        failure = error;
    }
    std::string why_not;
    if (failure && failure->is(postgres::sqlstate::lock_not_available)) {
        why_not = co_await catalog::who_held(connection, table, wanted);
    } else if (failure) {
        const auto triggers = co_await catalog::read_event_triggers(connection);
        why_not = catalog::message_with_origin(triggers, *failure);
    }
    co_return why_not;
}

// Who makes it useless to queue: an autovacuum that does not yield, transactions that are older than we would wait.
Task<std::string> look_for_long_holders(Connection& connection, Oid table, milliseconds lock_timeout) {
    const std::vector<Oid> relations{table};
    const std::vector<int> nobody;
    auto holders = co_await catalog::lock_holders(connection, relations, LockStrength::access_exclusive, nobody);
    std::erase_if(holders, [&](const LockHolder& holder) {
        if (holder.autovacuum) return !holder.prevents_wraparound;
        return holder.age.value_or(milliseconds{0}) <= 2 * lock_timeout;
    });
    co_return catalog::describe(holders);
}

// First a lock that stops no reader or writer, for so long that an autovacuum yields. It is given back before the
// strong one is asked for, so that nobody can wait for us while we wait for him.
Task<Tried> try_to_change(Connection& connection, Oid table, QualifiedName name, IdentityChange change,
                          milliseconds lock_timeout) {
    Tried tried;
    tried.why_not = co_await look_for_long_holders(connection, table, lock_timeout);
    if (!tried.why_not.empty()) co_return tried;
    const auto weak_wait = co_await catalog::time_to_yield(connection);
    const auto weak_sql =
        fmt::format("SET LOCAL lock_timeout = '{}ms'; LOCK TABLE ONLY {} IN SHARE UPDATE EXCLUSIVE MODE",
                    weak_wait.count(), name.sql());
    tried.why_not = co_await with_lock(connection, weak_sql, table, LockStrength::share_update_exclusive);
    if (!tried.why_not.empty()) co_return tried;
    const auto begun = Clock::now();
    const auto sql = change_identity_sql(table, name, change, lock_timeout);
    tried.why_not = co_await with_lock(connection, sql, table, LockStrength::access_exclusive);
    tried.waited_ms = ms_since(begun);
    co_return tried;
}

Task<bool> fulfils(Connection& connection, Oid table, std::string condition) {
    const auto row = co_await connection.query(
        fmt::format("SELECT FROM pg_catalog.pg_class c WHERE c.oid = {} AND {}", table, condition));
    co_return !row.empty();
}

// As it is called now; nullopt: there is none that could be it again.
Task<std::optional<ReplicaIdentity>> to_be_given(Connection& connection, Oid table, ReplicaIdentity before) {
    std::optional<ReplicaIdentity> identity;
    if (before.kind != catalog::IdentityKind::index) identity = before;
    if (identity) co_return identity;
    const auto row = co_await connection.query(fmt::format(
        "SELECT i.relname, i.oid FROM pg_catalog.pg_index x JOIN pg_catalog.pg_class i ON i.oid = x.indexrelid "
        "WHERE x.indrelid = {} AND x.indisvalid AND x.indisunique AND {} ORDER BY i.oid = {} DESC LIMIT 1",
        table, is_same_index("i.oid", "i.relname", before), before.index_oid));
    if (!row.empty()) identity = ReplicaIdentity{catalog::IdentityKind::index, row.str(0, 0), row.oid(0, 1)};
    co_return identity;
}

}  // namespace

Error identity_changed(const QualifiedName& table) {
    return Error(ErrorKind::refused,
                 fmt::format("the replica identity of {} was changed by somebody just now", table.sql()),
                 "Nothing was changed. Run again when the table has the replica identity that it is to keep.");
}

Task<Waited> borrow_identity(Connection& connection, Oid table, QualifiedName name, BorrowedIdentity borrowed,
                             Record record, Limit lock_timeout, Say say) {
    Waited waited;
    bool changed = false;
    auto as_set = borrowed;
    as_set.was_set = true;
    IdentityChange change;
    change.condition = fmt::format("{} AND EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = {})",
                                   has_identity(borrowed.before), quote_literal(record.schema));
    change.to = borrowed.meanwhile;
    change.record = fmt::format("; COMMENT ON SCHEMA {} IS {}", quote_identifier(record.schema),
                                quote_literal(record.marker + identity_note(as_set)));
    cutover::Pacing pacing;
    for (;;) {
        Tried tried;
        try {
            tried = co_await try_to_change(connection, table, name, change, lock_timeout());
        } catch (const postgres::PgError& error) {
            if (!error.is(not_as_recorded)) throw;
            changed = true;
        }
        waited.ms = std::max(waited.ms, tried.waited_ms);
        if (changed || tried.why_not.empty()) break;
        const auto pause = pacing.next();
        const auto line = fmt::format("the replica identity of {} cannot be set yet: {}; trying again in {}",
                                      name.sql(), tried.why_not, format_duration(pause));
        say({line, Waits::called_off});
        co_await sleep_for(pause);
    }
    // The server may have done it for an attempt that died while it waited for the lock.
    if (changed) changed = !co_await is_borrowed(connection, table, borrowed);
    if (changed) throw identity_changed(name);
    co_return waited;
}

Task<bool> is_borrowed(Connection& connection, Oid table, BorrowedIdentity borrowed) {
    co_return co_await fulfils(connection, table, has_identity_or_its_rest(borrowed.meanwhile));
}

Task<std::string> published_without_identity(Connection& connection, Oid table, QualifiedName keyed,
                                             ReplicaIdentity before) {
    std::string names;
    if (before.kind != catalog::IdentityKind::primary_key && before.kind != catalog::IdentityKind::nothing)
        co_return names;
    const auto key = co_await connection.query(
        "SELECT FROM pg_catalog.pg_index WHERE indrelid = pg_catalog.to_regclass($1) AND indisprimary AND indisvalid",
        postgres::params(keyed.sql()));
    if (before.kind == catalog::IdentityKind::primary_key && !key.empty()) co_return names;
    const auto found = co_await catalog::publishers(connection, table);
    names = fmt::format("{}", fmt::join(found, ", "));
    co_return names;
}

Task<bool> give_identity_back(Connection& connection, Oid table, BorrowedIdentity borrowed, milliseconds lock_timeout) {
    // The table may be the old one, in another schema.
    const auto name = co_await catalog::find_name(connection, table);
    if (!name) co_return true;
    const bool given_back = co_await fulfils(connection, table, has_identity(borrowed.before));
    if (given_back) co_return true;
    if (!co_await is_borrowed(connection, table, borrowed)) {
        spdlog::warn(
            "the replica identity of {} was changed by somebody meanwhile: it stays; before the migration it was {}",
            name->sql(), borrowed.before.sql());
        co_return false;
    }
    const auto before = co_await to_be_given(connection, table, borrowed.before);
    if (!before) {
        spdlog::warn(
            "index {}, which was the replica identity of {}, is gone: {} stays what the server identifies rows by",
            quote_identifier(borrowed.before.index), name->sql(), quote_identifier(borrowed.meanwhile.index));
        co_return false;
    }
    std::string publishers;  // nobody writes the old table
    if (name->schema != MigrationNames(0, table).old_schema) {
        publishers = co_await published_without_identity(connection, table, *name, *before);
    }
    if (!publishers.empty()) {
        spdlog::warn(
            "the replica identity of {0} stays {1}: publication {2} has come, and without it the server would refuse "
            "the application's UPDATE and DELETE; when it is gone: ALTER TABLE {0} REPLICA IDENTITY {3}",
            name->sql(), borrowed.meanwhile.sql(), publishers, before->sql());
        co_return false;
    }
    const IdentityChange back{has_identity_or_its_rest(borrowed.meanwhile), *before, ""};
    const auto give_up = Clock::now() + patience;
    cutover::Pacing pacing;
    for (;;) {
        Tried tried;
        bool changed = false;
        try {
            tried = co_await try_to_change(connection, table, *name, back, lock_timeout);
        } catch (const postgres::PgError& error) {
            if (!error.is(not_as_recorded)) throw;
            spdlog::warn("the replica identity of {} was changed by somebody just now: it stays", name->sql());
            changed = true;
        }
        if (tried.why_not.empty()) co_return !changed;
        const auto pause = pacing.next();
        if (Clock::now() + pause > give_up) {
            throw Error(
                ErrorKind::stopped,
                fmt::format("the replica identity of {} could not be given back ({}): {}", name->sql(), before->sql(),
                            tried.why_not),
                fmt::format("The application's writes work. Run the same command again; or ALTER TABLE {} REPLICA "
                            "IDENTITY {} yourself.",
                            name->sql(), before->sql()));
        }
        spdlog::warn("the replica identity of {} cannot be given back yet: {}; trying again in {}", name->sql(),
                     tried.why_not, format_duration(pause));
        co_await sleep_for(pause);
    }
}

}  // namespace pgwraith::migration
