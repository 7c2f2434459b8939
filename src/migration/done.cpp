#include "done.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <ctime>
#include <nlohmann/json.hpp>

#include "documents.h"
#include "identity.h"
#include "pgwraith/plan/rebuild.h"

namespace pgwraith::migration {

using nlohmann::json;

namespace {

// What must be equal for the settings to ask for what was done.
json wish(const Identity& identity) {
    return {{"system_identifier", identity.system_identifier},
            {"database", identity.database},
            {"table_oid", identity.table_oid},
            {"schema", identity.table.schema},
            {"table", identity.table.name},
            {"sql", identity.sql},
            {"values", identity.values},
            {"expand", expand_json(identity.expand)}};
}

}  // namespace

json record_of(const Identity& identity, const std::optional<catalog::Definition>& definition) {
    json record = wish(identity);
    if (definition) record["definition"] = *definition;
    record["done"] = fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::time(nullptr)));
    return record;
}

namespace {

// (One that an earlier version left is a single one.)
json entries_in(const std::filesystem::path& state_dir) {
    auto found = store::Store::record(state_dir);
    if (!found) return json::array();
    return found->is_array() ? *found : json::array({*found});
}

bool agrees(const json& entry, const json& wanted) {
    if (!entry.is_object()) return false;
    for (const auto& [name, value] : wanted.items()) {
        if (entry.value(name, json()) != value) return false;
    }
    return true;
}

// As far as a file says it by itself.
json wish_of(const config::Settings& settings) {
    json asked{{"table", settings.table.name},
               {"sql", settings.sql},
               {"values", settings.values},
               {"expand", expand_json(settings.expand)}};
    if (!settings.table.schema.empty()) asked["schema"] = settings.table.schema;
    return asked;
}

}  // namespace

json with_entry(const json& entries, json entry) {
    auto result = json::array();
    for (const auto& one : entries) {
        const bool same_table = agrees(one, {{"system_identifier", entry["system_identifier"]},
                                             {"database", entry["database"]},
                                             {"schema", entry["schema"]},
                                             {"table", entry["table"]}});
        const bool has_values = one.is_object() && !one.value("values", json::object()).empty();
        const bool same_wish = same_table && agrees(one, {{"sql", entry["sql"]}, {"values", entry["values"]}});
        if (!same_table || (has_values && !same_wish)) result.push_back(one);
    }
    result.push_back(std::move(entry));
    return result;
}

Task<void> leave_done(postgres::Connection& connection, std::filesystem::path state_dir, Identity identity) {
    const auto oid = co_await catalog::find_relation(connection, identity.table);
    identity.table_oid = oid.value_or(0);
    std::optional<catalog::Definition> definition;
    if (oid && !is_rebuild(identity)) definition = co_await catalog::read_definition(connection, *oid);
    co_await store::Store::leave_record(state_dir, with_entry(entries_in(state_dir), record_of(identity, definition)));
}

void forget_done(const config::Settings& settings) {
    const auto wanted = wish_of(settings);
    auto left = json::array();
    for (const auto& one : entries_in(settings.state_dir)) {
        if (!agrees(one, wanted)) left.push_back(one);
    }
    if (left.empty()) {
        store::Store::remove_record(settings.state_dir);
    } else {
        store::Store::rewrite_record(settings.state_dir, left);
    }
}

std::optional<std::string> answered_by(const json& record, const Identity& asked, const catalog::Definition& now) {
    if (!record.contains("done") || (!record.contains("definition") && !is_rebuild(asked))) return std::nullopt;
    if (!agrees(record, wish(asked))) return std::nullopt;
    if (record.contains("definition")) {
        const auto then = record.at("definition").get<catalog::Definition>();
        if (!catalog::changes(then, now).drift.empty()) return std::nullopt;
    }
    return record.at("done").get<std::string>();
}

void refuse_values_again(const json& record, const Identity& asked, const std::filesystem::path& state_dir) {
    auto wanted = wish(asked);
    wanted.erase("table_oid");
    if (asked.values.empty() || !record.contains("done") || !agrees(record, wanted)) return;
    throw Error(
        ErrorKind::refused,
        fmt::format("the `values` of {} were computed {}, and the table was altered or replaced since",
                    asked.table.sql(), record.at("done").get<std::string>()),
        fmt::format("Nothing was changed. Once more they would be computed of what they have become. If that is "
                    "wanted, remove {}, then run again.",
                    (state_dir / "done.json").string()));
}

Task<std::optional<std::string>> done_already(postgres::Connection& connection, config::Settings settings, Oid table) {
    const auto entries = entries_in(settings.state_dir);
    if (entries.empty()) co_return std::nullopt;
    const auto asked = co_await make_identity(connection, settings, table);
    const auto now = co_await catalog::read_definition(connection, table);
    for (const auto& entry : entries) {
        auto since = answered_by(entry, asked, now);
        if (since) co_return since;
    }
    for (const auto& entry : entries) refuse_values_again(entry, asked, settings.state_dir);
    co_return std::nullopt;
}

std::optional<std::string> done_since(const config::Settings& settings) {
    const auto wanted = wish_of(settings);
    for (const auto& entry : entries_in(settings.state_dir)) {
        if (agrees(entry, wanted) && entry.contains("done")) return entry.at("done").get<std::string>();
    }
    return std::nullopt;
}

namespace {

// Of Identity or Settings. `values` alone give a column other values, and would give them once more.
bool rebuilds(const auto& asked) {
    return asked.expand.empty() && asked.values.empty() && plan::asks_for_rebuild(asked.sql);
}

}  // namespace

bool remembered_for_good(const config::Settings& settings) { return !rebuilds(settings); }

bool is_rebuild(const Identity& identity) { return rebuilds(identity); }

}  // namespace pgwraith::migration
