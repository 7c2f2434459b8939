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

Task<json> done_record(postgres::Connection& connection, Identity identity) {
    const auto oid = co_await catalog::find_relation(connection, identity.table);
    identity.table_oid = oid.value_or(0);
    std::optional<catalog::Definition> definition;
    if (oid && !is_rebuild(identity)) definition = co_await catalog::read_definition(connection, *oid);
    co_return record_of(identity, definition);
}

std::optional<std::string> answered_by(const json& record, const Identity& asked, const catalog::Definition& now) {
    if (!record.contains("done") || (!record.contains("definition") && !is_rebuild(asked))) return std::nullopt;
    const json wanted = wish(asked);
    for (const auto& [name, value] : wanted.items()) {
        if (record.value(name, json()) != value) return std::nullopt;
    }
    if (record.contains("definition")) {
        const auto then = record.at("definition").get<catalog::Definition>();
        if (!catalog::changes(then, now).drift.empty()) return std::nullopt;
    }
    return record.at("done").get<std::string>();
}

Task<std::optional<std::string>> done_already(postgres::Connection& connection, config::Settings settings, Oid table) {
    const auto record = store::Store::record(settings.state_dir);
    if (!record) co_return std::nullopt;
    const auto asked = co_await make_identity(connection, settings, table);
    const auto now = co_await catalog::read_definition(connection, table);
    co_return answered_by(*record, asked, now);
}

std::optional<std::string> done_since(const config::Settings& settings) {
    const auto record = store::Store::record(settings.state_dir);
    if (!record || !record->contains("done")) return std::nullopt;
    json asked{{"table", settings.table.name},
               {"sql", settings.sql},
               {"values", settings.values},
               {"expand", expand_json(settings.expand)}};
    if (!settings.table.schema.empty()) asked["schema"] = settings.table.schema;
    for (const auto& [name, value] : asked.items()) {
        if (record->value(name, json()) != value) return std::nullopt;
    }
    return record->at("done").get<std::string>();
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
