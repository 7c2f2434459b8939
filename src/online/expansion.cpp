#include "pgwraith/online/expansion.h"

#include <nlohmann/json.hpp>

namespace pgwraith::online {

// On disk: do not rename the members.
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Value, column, cast, sql)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Down, column, type, value)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(NewColumn, name, type, collation, from, up, reads, down, null_instead)
NLOHMANN_JSON_SERIALIZE_ENUM(Twin::Kind, {{Twin::Kind::index, "index"},
                                          {Twin::Kind::constraint, "constraint"},
                                          {Twin::Kind::primary_key, "primary_key"},
                                          {Twin::Kind::statistics, "statistics"}})
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Twin, kind, name, old_name, attributes, clustered, replica_identity)

void to_json(nlohmann::json& out, const Expansion& expansion) {
    out = {{"oid", expansion.oid},           {"schema", expansion.table.schema},
           {"table", expansion.table.name},  {"trigger", expansion.trigger},
           {"function", expansion.function}, {"function_settings", expansion.function_settings},
           {"as_owner", expansion.as_owner}, {"owner", expansion.owner},
           {"columns", expansion.columns},   {"old_columns", expansion.old_columns},
           {"twins", expansion.twins}};
}

void from_json(const nlohmann::json& in, Expansion& expansion) {
    in.at("oid").get_to(expansion.oid);
    in.at("schema").get_to(expansion.table.schema);
    in.at("table").get_to(expansion.table.name);
    in.at("trigger").get_to(expansion.trigger);
    in.at("function").get_to(expansion.function);
    in.at("function_settings").get_to(expansion.function_settings);
    in.at("as_owner").get_to(expansion.as_owner);
    in.at("owner").get_to(expansion.owner);
    in.at("columns").get_to(expansion.columns);
    in.at("old_columns").get_to(expansion.old_columns);
    in.at("twins").get_to(expansion.twins);
}

}  // namespace pgwraith::online
