#include "documents.h"

#include <fmt/format.h>

namespace pgwraith::migration {

using nlohmann::json;

json expand_json(const std::vector<config::ExpandColumn>& columns) {
    json list = json::array();
    for (const auto& column : columns) {
        list.push_back({{"name", column.name},
                        {"from", column.from},
                        {"type", column.type},
                        {"up", column.up},
                        {"down", column.down}});
    }
    return list;
}

void to_json(json& out, const PhaseEntered& entered) { out = {{"phase", phase_name(entered.phase)}}; }

void from_json(const json& in, PhaseEntered& entered) {
    const auto name = in.at("phase").get<std::string>();
    for (const auto phase : all_phases) {
        if (name != phase_name(phase)) continue;
        entered.phase = phase;
        return;
    }
    throw Error(ErrorKind::stopped, fmt::format("the state directory records an unknown phase \"{}\"", name),
                "It was written by another version of pgwraith: use that one, or `pgwraith abort`.");
}

void to_json(json& out, const Identity& identity) {
    out = {{"system_identifier", identity.system_identifier},
           {"timeline", identity.timeline},
           {"database", identity.database},
           {"table_oid", identity.table_oid},
           {"schema", identity.table.schema},
           {"table", identity.table.name},
           {"sql", identity.sql},
           {"values", identity.values},
           {"key", identity.key},
           {"way", identity.way},
           {"settings", identity.settings}};
    if (identity.expands()) out["expand"] = expand_json(identity.expand);
    if (identity.rehearsal) out["rehearsal"] = true;
}

void from_json(const json& in, Identity& identity) {
    in.at("system_identifier").get_to(identity.system_identifier);
    identity.timeline = in.value("timeline", 0U);
    in.at("database").get_to(identity.database);
    in.at("table_oid").get_to(identity.table_oid);
    in.at("schema").get_to(identity.table.schema);
    in.at("table").get_to(identity.table.name);
    in.at("sql").get_to(identity.sql);
    in.at("values").get_to(identity.values);
    in.at("key").get_to(identity.key);
    in.at("way").get_to(identity.way);
    in.at("settings").get_to(identity.settings);
    identity.rehearsal = in.value("rehearsal", false);
    identity.expand.clear();
    for (const auto& column : in.value("expand", json::array())) {
        auto& read = identity.expand.emplace_back();
        column.at("name").get_to(read.name);
        column.at("from").get_to(read.from);
        column.at("type").get_to(read.type);
        column.at("up").get_to(read.up);
        column.at("down").get_to(read.down);
    }
}

void to_json(json& out, const CopyStart& start) {
    out = {{"blocks", start.target.blocks},
           {"file_node", start.target.file_node},
           {"heap_bytes", start.target.heap_bytes},
           {"toast_bytes", start.target.toast_bytes},
           {"from", start.from}};
}

void from_json(const json& in, CopyStart& start) {
    in.at("blocks").get_to(start.target.blocks);
    in.at("file_node").get_to(start.target.file_node);
    in.at("heap_bytes").get_to(start.target.heap_bytes);
    in.at("toast_bytes").get_to(start.target.toast_bytes);
    in.at("from").get_to(start.from);
}

}  // namespace pgwraith::migration
