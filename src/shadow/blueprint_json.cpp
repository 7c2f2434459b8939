// The journal's form of a blueprint.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "pgwraith/shadow/blueprint.h"

namespace pgwraith::plan {

using nlohmann::json;

namespace {

json optional_text(const std::optional<std::string>& text) { return text ? json(*text) : json(nullptr); }

std::optional<std::string> text_or_nothing(const json& value) {
    if (value.is_null()) return std::nullopt;
    return value.get<std::string>();
}

}  // namespace

void to_json(json& out, const MappedColumn& column) {
    out = {{"name", column.name},
           {"type", column.type_sql},
           {"old_name", optional_text(column.old_name)},
           {"expression", optional_text(column.expression)},
           {"verify_expression", optional_text(column.verify_expression)},
           {"origin", column.origin}};
}

void from_json(const json& in, MappedColumn& column) {
    in.at("name").get_to(column.name);
    in.at("type").get_to(column.type_sql);
    column.old_name = text_or_nothing(in.at("old_name"));
    column.expression = text_or_nothing(in.at("expression"));
    column.verify_expression = text_or_nothing(in.at("verify_expression"));
    in.at("origin").get_to(column.origin);
}

void to_json(json& out, const MappedKeyColumn& column) {
    const auto& live = column.live;
    out = {{"attnum", live.attnum},
           {"name", live.name},
           {"type", live.base_type_sql},
           {"operators", {live.less, live.less_equal, live.equals, live.greater_equal, live.greater}},
           {"collation", live.collation},
           {"opclass", live.opclass},
           {"descending", live.descending},
           {"nulls_first", live.nulls_first},
           {"shadow_name", column.shadow_name},
           {"shadow_type", column.shadow_type_sql}};
}

void from_json(const json& in, MappedKeyColumn& column) {
    auto& live = column.live;
    in.at("attnum").get_to(live.attnum);
    in.at("name").get_to(live.name);
    in.at("type").get_to(live.base_type_sql);
    const auto& operators = in.at("operators");
    std::size_t n = 0;
    for (auto* one : {&live.less, &live.less_equal, &live.equals, &live.greater_equal, &live.greater}) {
        operators.at(n++).get_to(*one);
    }
    in.at("collation").get_to(live.collation);
    in.at("opclass").get_to(live.opclass);
    in.at("descending").get_to(live.descending);
    in.at("nulls_first").get_to(live.nulls_first);
    in.at("shadow_name").get_to(column.shadow_name);
    in.at("shadow_type").get_to(column.shadow_type_sql);
}

}  // namespace pgwraith::plan

namespace pgwraith::shadow {

void to_json(nlohmann::json& out, const IndexPlan& index) {
    out = {{"name", index.name},
           {"create_sql", index.create_sql},
           {"constraint_sql", index.constraint_sql},
           {"unique", index.unique},
           {"helper", index.helper},
           {"key_columns", index.key_columns},
           {"after_sql", index.after_sql},
           {"first", index.first}};
}

void from_json(const nlohmann::json& in, IndexPlan& index) {
    in.at("name").get_to(index.name);
    in.at("create_sql").get_to(index.create_sql);
    in.at("constraint_sql").get_to(index.constraint_sql);
    in.at("unique").get_to(index.unique);
    in.at("helper").get_to(index.helper);
    in.at("key_columns").get_to(index.key_columns);
    in.at("after_sql").get_to(index.after_sql);
    in.at("first").get_to(index.first);
}

void to_json(nlohmann::json& out, const ForeignKey& key) {
    out = {{"name", key.name},
           {"child", {key.child.schema, key.child.name}},
           {"parent", {key.parent.schema, key.parent.name}},
           {"definition", key.definition},
           {"validated", key.validated},
           {"enforced", key.enforced},
           {"added", key.added},
           {"comment", key.comment ? nlohmann::json(*key.comment) : nlohmann::json(nullptr)},
           {"child_columns", key.child_columns},
           {"parent_columns", key.parent_columns}};
}

void from_json(const nlohmann::json& in, ForeignKey& key) {
    in.at("name").get_to(key.name);
    in.at("child").at(0).get_to(key.child.schema);
    in.at("child").at(1).get_to(key.child.name);
    in.at("parent").at(0).get_to(key.parent.schema);
    in.at("parent").at(1).get_to(key.parent.name);
    in.at("definition").get_to(key.definition);
    in.at("validated").get_to(key.validated);
    in.at("enforced").get_to(key.enforced);
    in.at("added").get_to(key.added);
    if (!in.at("comment").is_null()) key.comment = in.at("comment").get<std::string>();
    in.at("child_columns").get_to(key.child_columns);
    in.at("parent_columns").get_to(key.parent_columns);
}

void to_json(nlohmann::json& out, const SequenceAtSwap& change) {
    out = {
        {"name", {change.name.schema, change.name.name}}, {"options", change.options}, {"sets_type", change.sets_type}};
}

void from_json(const nlohmann::json& in, SequenceAtSwap& change) {
    in.at("name").at(0).get_to(change.name.schema);
    in.at("name").at(1).get_to(change.name.name);
    in.at("options").get_to(change.options);
    in.at("sets_type").get_to(change.sets_type);
}

void to_json(nlohmann::json& out, const UntouchedCheck& check) {
    out = {{"name", check.name}, {"at_swap_sql", check.at_swap_sql}, {"set_aside", check.set_aside}};
}

void from_json(const nlohmann::json& in, UntouchedCheck& check) {
    in.at("name").get_to(check.name);
    in.at("at_swap_sql").get_to(check.at_swap_sql);
    in.at("set_aside").get_to(check.set_aside);
}

void to_json(nlohmann::json& out, const StorageParameter& parameter) { out = {parameter.name, parameter.value}; }

void from_json(const nlohmann::json& in, StorageParameter& parameter) {
    in.at(0).get_to(parameter.name);
    in.at(1).get_to(parameter.value);
}

std::string name_now(const std::map<std::string, std::string>& renamed, const std::string& name) {
    const auto found = renamed.find(name);
    return found == renamed.end() ? name : found->second;
}

bool has_other_unique(const Blueprint& blueprint) {
    return std::ranges::count_if(blueprint.indexes, &IndexPlan::unique) > 1 || !blueprint.after_build_sql.empty();
}

void to_json(nlohmann::json& out, const Blueprint& blueprint) {
    out = {{"shadow_oid", blueprint.shadow_oid},
           {"indexes", blueprint.indexes},
           {"after_build_sql", blueprint.after_build_sql},
           {"at_swap_sql", blueprint.at_swap_sql},
           {"foreign_keys", blueprint.foreign_keys},
           {"sequences", blueprint.sequences},
           {"untouched_checks", blueprint.untouched_checks},
           {"flags", {{"set", blueprint.flags.set}, {"gone", blueprint.flags.gone}}},
           {"storage_parameters", blueprint.storage_parameters},
           {"renamed_indexes", blueprint.renamed_indexes},
           {"renamed_constraints", blueprint.renamed_constraints},
           {"columns", blueprint.mapping.columns},
           {"key", blueprint.mapping.key},
           {"dropped", blueprint.mapping.dropped},
           {"updatable", blueprint.mapping.updatable}};
}

void from_json(const nlohmann::json& in, Blueprint& blueprint) {
    in.at("shadow_oid").get_to(blueprint.shadow_oid);
    in.at("indexes").get_to(blueprint.indexes);
    in.at("after_build_sql").get_to(blueprint.after_build_sql);
    in.at("at_swap_sql").get_to(blueprint.at_swap_sql);
    in.at("foreign_keys").get_to(blueprint.foreign_keys);
    in.at("sequences").get_to(blueprint.sequences);
    in.at("untouched_checks").get_to(blueprint.untouched_checks);
    in.at("flags").at("set").get_to(blueprint.flags.set);
    in.at("flags").at("gone").get_to(blueprint.flags.gone);
    in.at("storage_parameters").get_to(blueprint.storage_parameters);
    in.at("renamed_indexes").get_to(blueprint.renamed_indexes);
    in.at("renamed_constraints").get_to(blueprint.renamed_constraints);
    in.at("columns").get_to(blueprint.mapping.columns);
    in.at("key").get_to(blueprint.mapping.key);
    in.at("dropped").get_to(blueprint.mapping.dropped);
    blueprint.mapping.updatable = in.value("updatable", false);  // earlier versions did not ask
}

}  // namespace pgwraith::shadow
