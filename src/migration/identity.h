// Which migration this is: asked of the server, and compared when it is carried on.
#pragma once

#include <optional>

#include "history.h"
#include "pgwraith/config/settings.h"
#include "pgwraith/postgres/connection.h"

namespace pgwraith::migration {

Task<Identity> make_identity(postgres::Connection& connection, const config::Settings& settings, Oid oid);

// When a migration is carried on. Throws Error(refused) if table, SQL, values, key or strategy differ from the
// beginning.
void require_same_settings(const config::Settings& settings, const Identity& identity);

Task<KnownPast> known_past(store::Store& store);

// Chunks, ledger and transaction ids mean something in one history of one server only. Throws Error(stopped) when this
// is another one, a transient PgError while it is a standby. `past`: what has happened on it for certain.
Task<void> require_same_server(postgres::Connection& connection, config::Settings settings, Identity identity,
                               KnownPast past);

// The user's SQL as our sessions must get it: they have standard_conforming_strings on.
config::Settings as_read_by_the_role(config::Settings settings, const postgres::Settings& of_rows);

// Settings that compute rows differently than at the beginning.
struct ChangedSettings {
    std::vector<std::string> names;
    std::vector<std::string> appeared;  // of them, custom ones that were not set then
};
ChangedSettings changed_settings(const postgres::Settings& then, const std::vector<postgres::RowSetting>& now);

// The same session, later: warns of what has changed. `kept` is completed so that new settings do not count.
Task<void> note_changed_settings(postgres::Connection& connection, Identity identity, postgres::Settings& kept);

}  // namespace pgwraith::migration
