#include "way.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "pgwraith/base/faults.h"
#include "pgwraith/online/recipes.h"

namespace pgwraith::migration {

namespace {

// Until the server is asked: test builds only.
bool direct_is_wanted() {
    const char* wanted = std::getenv("PGWRAITH_STRATEGY");
    return with_faults() && wanted != nullptr && std::strcmp(wanted, "direct") == 0;
}

plan::WayOfPart guess(const plan::Part& part) {
    if (part.kind == plan::PartKind::other || !part.only_shadow.empty()) return {};
    return {plan::Way::online, "", "ACCESS EXCLUSIVE, for an instant"};
}

std::string guessed_name(const plan::Part& part, const catalog::Table& live) {
    std::string name = live.name.name;
    for (const auto& column : part.columns) name += "_" + column;
    if (part.kind == plan::PartKind::create_index) return name + "_idx";
    if (part.kind == plan::PartKind::add_check) return name + "_check";
    if (part.kind == plan::PartKind::add_foreign_key) return name + "_fkey";
    if (part.kind == plan::PartKind::add_unique) return name + "_key";
    if (part.kind == plan::PartKind::add_primary_key) return live.name.name + "_pkey";
    return "";
}

}  // namespace

Task<ChosenWay> choose_way(postgres::Connection&, config::Settings settings, catalog::Table live) {
    ChosenWay chosen;
    if (!direct_is_wanted()) co_return chosen;
    plan::Known known;
    for (const auto& column : live.columns) known.columns.insert(column.name);
    chosen.parts = plan::split_into_parts(settings.sql, settings.table, settings.values, known);
    for (const auto& part : chosen.parts) {
        chosen.ways.push_back(guess(part));
        chosen.says.names.push_back(guessed_name(part, live));
    }
    if (!chosen.parts.empty()) chosen.way = std::ranges::max(chosen.ways, {}, &plan::WayOfPart::way).way;
    co_return chosen;
}

Task<std::vector<online::Step>> plan_steps(postgres::Connection& connection, ChosenWay chosen, catalog::Table live) {
    const auto facts = co_await online::read_facts(connection, live, chosen.parts);
    co_return online::make_steps(chosen.parts, chosen.ways, chosen.says, live, connection.server_version(), facts);
}

}  // namespace pgwraith::migration
