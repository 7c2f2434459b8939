// The records of migrations that are done: what is left in the state directory when everything else of them is gone.
#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "pgwraith/config/settings.h"
#include "pgwraith/postgres/connection.h"
#include "state.h"

namespace pgwraith::migration {

// Of the new table, which has the name now. Durable on return; to be left before the state goes.
Task<void> leave_done(postgres::Connection& connection, std::filesystem::path state_dir, Identity identity);

// `entries` with one more, in place of the one of the same wish. Of the same table's other records only those with
// `values` stay: the others answer nothing any more. Pure.
nlohmann::json with_entry(const nlohmann::json& entries, nlohmann::json entry);

// Removes the record of what `settings` ask for (done_since()); those of other settings stay.
void forget_done(const config::Settings& settings);

// The same, of what is known. Without a definition it answers nothing, but for a rebuild: that is done whatever
// somebody makes of the table afterwards.
nlohmann::json record_of(const Identity& identity, const std::optional<catalog::Definition>& definition);

// When what `asked` asks for was done, if the record is of the same wish on the same table and nobody has altered that
// since. Pure.
std::optional<std::string> answered_by(const nlohmann::json& record, const Identity& asked,
                                       const catalog::Definition& now);

// Throws Error(refused) when the record is of the same wish, which has `values`, and the table is not what it was then:
// they would be computed once more of what they have become. Pure.
void refuse_values_again(const nlohmann::json& record, const Identity& asked, const std::filesystem::path& state_dir);

// When the table already has the shape that `settings` ask for, because a migration with the same settings has given
// it that and nobody has altered it since: the time at which that was. nullopt: there is work to do. Throws as
// refuse_values_again().
Task<std::optional<std::string>> done_already(postgres::Connection& connection, config::Settings settings, Oid table);

// A change is made once. A rebuild (no statements or VACUUM FULL, and no `values`) may be wanted again and again: it is
// remembered only until its process has said that it is done.
bool remembered_for_good(const config::Settings& settings);
bool is_rebuild(const Identity& identity);

}  // namespace pgwraith::migration
