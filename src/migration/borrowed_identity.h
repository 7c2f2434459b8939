// The replica identity that the live table has for the time of the migration (`key`), and its return.
//
// An UPDATE or DELETE of a published table is refused by the server while nothing identifies its rows. So the identity
// is there before the publication is, and goes after it. What the table had is recorded, durably, before it is changed:
// in the journal, and in the comment of the shadow's schema, for an abort without the state directory. The transaction
// that changes it writes into the comment that it has.
#pragma once

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "pgwraith/base/activity.h"
#include "pgwraith/catalog/table.h"

namespace pgwraith::migration {

struct BorrowedIdentity {
    catalog::ReplicaIdentity before;
    catalog::ReplicaIdentity meanwhile;
    bool was_set = false;  // before that it is a plan, and whatever the table has is not ours

    bool operator==(const BorrowedIdentity&) const = default;
    std::string in_words() const;  // USING INDEX "i" for the time of the migration, DEFAULT before and after
};

void to_json(nlohmann::json& json, const BorrowedIdentity& borrowed);
void from_json(const nlohmann::json& json, BorrowedIdentity& borrowed);

// What the schema's comment says after `marker`; nullopt: nothing, or nothing that is ours.
std::string identity_note(const BorrowedIdentity& borrowed);
std::optional<BorrowedIdentity> read_identity_note(const std::string& comment, const std::string& marker);

// How long others can have waited for our lock at most. `say`: what keeps us waiting, each time.
struct Waited {
    double ms = 0;
};
using Limit = std::function<milliseconds()>;

// The table's replica identity was changed since we read it.
Error identity_changed(const QualifiedName& table);

// Waits for the locks as long as it takes, keeping nobody waiting for longer than `lock_timeout` says at a time. Throws
// Error(refused) when the table's identity is not what was recorded.
// `schema`: the shadow's, whose comment has the record, after `marker`. Without it nothing is set, even by a server
// that comes to this when we, and an abort after us, have long gone.
struct Record {
    std::string schema;
    std::string marker;
};
Task<Waited> borrow_identity(postgres::Connection& connection, Oid table, QualifiedName name, BorrowedIdentity borrowed,
                             Record record, Limit lock_timeout, Say say);

// Has the table the identity that was borrowed? Not after it was given back, nor when somebody has set another.
Task<bool> is_borrowed(postgres::Connection& connection, Oid table, BorrowedIdentity borrowed);

// The publications, ours apart, that let the application's UPDATE and DELETE of `table` fail if `keyed` (the table
// itself, or the one that is to take its place) identifies its rows by nothing but `before`; empty: they pass.
Task<std::string> published_without_identity(postgres::Connection& connection, Oid table, QualifiedName keyed,
                                             catalog::ReplicaIdentity before);

// Gives back what is_borrowed(). False: the identity stays, because somebody else has set it since, or while
// published_without_identity(); a warning says so. Throws Error(stopped) when the lock is not granted within a minute.
// REQUIRES: the publication is gone.
Task<bool> give_identity_back(postgres::Connection& connection, Oid table, BorrowedIdentity borrowed,
                              milliseconds lock_timeout);

}  // namespace pgwraith::migration
