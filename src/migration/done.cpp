#include "done.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <ctime>
#include <nlohmann/json.hpp>

#include "documents.h"
#include "identity.h"

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

Task<json> done_record(postgres::Connection& connection, Identity identity) {
    auto oid = co_await catalog::find_relation(connection, identity.table);
    identity.table_oid = oid.value_or(0);
    json record = wish(identity);
    if (oid) {
        auto definition = co_await catalog::read_definition(connection, *oid);
        record["definition"] = definition;
    }
    record["done"] = fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::time(nullptr)));
    co_return record;
}

Task<std::optional<std::string>> done_already(postgres::Connection& connection, config::Settings settings, Oid table) {
    auto record = store::Store::record(settings.state_dir);
    if (!record || !record->contains("definition") || !record->contains("done")) co_return std::nullopt;
    auto identity = co_await make_identity(connection, settings, table);
    const json asked = wish(identity);
    for (const auto& [name, value] : asked.items()) {
        if (record->value(name, json()) != value) co_return std::nullopt;
    }
    auto definition = co_await catalog::read_definition(connection, table);
    const auto then = record->at("definition").get<catalog::Definition>();
    if (!catalog::changes(then, definition).drift.empty()) co_return std::nullopt;
    co_return record->at("done").get<std::string>();
}

bool remembered_for_good(const config::Settings& settings) {
    return !settings.expand.empty() || settings.sql.find_first_not_of(" \t\r\n;") != std::string::npos;
}

}  // namespace pgwraith::migration
