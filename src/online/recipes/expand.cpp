// Both versions of the application alive: the new columns come with the trigger, in one transaction, so that there is
// no row that only one of them knows; then old rows are filled; then what the old columns have is made for the new
// ones.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "maker.h"
#include "pgwraith/base/error.h"
#include "pgwraith/online/plan_expansion.h"

namespace pgwraith::online {

namespace {

using plan::Part;
using plan::PartKind;

std::string names_of(const Expansion& expansion) {
    std::vector<std::string> names;
    for (const auto& column : expansion.columns) names.push_back(column.name);
    return fmt::format("{}", fmt::join(names, ", "));
}

void make_columns(Maker& maker, const ExpansionPlan& plan) {
    const auto& expansion = plan.expansion;
    Step add{StepKind::locked,
             fmt::format("ADD COLUMN {}, with a trigger that keeps old and new columns equal", names_of(expansion))};
    add.statements = plan.add_columns;
    for (auto& statement : trigger_statements(expansion)) add.statements.push_back(std::move(statement));
    add.undo.push_back(
        fmt::format("DROP TRIGGER IF EXISTS {} ON {}", quote_identifier(expansion.trigger), expansion.table.sql()));
    add.undo.push_back(fmt::format("DROP FUNCTION IF EXISTS {}()", expansion.function_name().sql()));
    for (const auto& column : expansion.columns) {
        add.undo.push_back(maker.alter("DROP COLUMN IF EXISTS " + quote_identifier(column.name)));
        maker.added(column.name);
    }
    add.locks.push_back({maker.live.name, "ACCESS EXCLUSIVE"});
    maker.locked(std::move(add));
}

// One pass for all: each row is written once.
void make_fills(Maker& maker, const ExpansionPlan& plan) {
    if (plan.fills.empty()) return;
    std::vector<std::string> names;
    Step fill{StepKind::fill, ""};
    for (const auto& part : plan.fills) {
        names.push_back(part.columns.front());
        fill.fills.push_back({part.columns.front(), part.expression.value()});
    }
    fill.what = fmt::format("fill {} in old rows", fmt::join(names, ", "));
    // The trigger lets the session pass: nothing but the new columns changes.
    fill.statements.push_back(fmt::format("SET {} = 'on'", filling_setting));
    maker.step(std::move(fill));
}

// What somebody has left there of an earlier migration whose state is lost.
void require_free_names(const ExpansionPlan& plan, const Facts& facts) {
    for (const auto& part : plan.parts) {
        if (part.name.empty()) continue;
        if (!facts.relations.contains(part.name) && !facts.constraints.contains(part.name)) continue;
        throw Error(ErrorKind::refused,
                    fmt::format("{}: the name {} is taken", part.summary, quote_identifier(part.name)),
                    "Nothing was changed. Drop or rename what has it: it is the name of something that an earlier "
                    "migration of this table has made.");
    }
}

void make_part(Maker& maker, const Part& part, const Facts::Referenced& referenced) {
    switch (part.kind) {
        case PartKind::create_index:
            return make_create_index(maker, part, "");
        case PartKind::add_unique:
            return make_unique(maker, part, "");
        case PartKind::add_check:
            return make_check(maker, part, "");
        case PartKind::set_not_null:
            return make_set_not_null(maker, part, part.name);
        case PartKind::create_statistics: {
            Step create{StepKind::locked, part.summary, {part.sql}};
            create.undo.push_back("DROP STATISTICS IF EXISTS " + part.new_name);
            create.locks.push_back({maker.live.name, "SHARE UPDATE EXCLUSIVE"});
            return maker.locked(std::move(create));
        }
        default:
            ensure(part.kind == PartKind::add_foreign_key, "a part of a new column");
            return make_foreign_key(maker, part, "", referenced);
    }
}

}  // namespace

std::vector<Step> expand_steps(const ExpansionPlan& plan, const catalog::Table& live, int server_version,
                               const Facts& facts) {
    require_free_names(plan, facts);
    Maker maker(live, server_version, facts);
    make_columns(maker, plan);
    make_fills(maker, plan);
    for (std::size_t at = 0; at < plan.parts.size(); ++at) {
        Facts::Referenced referenced;
        if (const auto found = facts.referenced.find(at); found != facts.referenced.end()) referenced = found->second;
        make_part(maker, plan.parts[at], referenced);
    }
    maker.step({StepKind::analyze, "ANALYZE", {"ANALYZE " + live.name.sql()}});
    return maker.finish();
}

}  // namespace pgwraith::online
