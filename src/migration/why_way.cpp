#include "why_way.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "advice.h"

namespace pgwraith::migration {

namespace {

using plan::Way;

// "ADD COLUMN a: the default is another value …"
std::string said(const plan::Part& part, const plan::WayOfPart& way) { return part.summary + ": " + way.why; }

std::string sizes(const plan::Weighed& weighed) {
    return fmt::format(
        "in place, about {} rows get a new version: {} in the table and its indexes, {} of old versions until vacuum "
        "has "
        "taken them back, {} of WAL, {}; a shadow table is {} once more, {} of WAL, {}, and nothing is left of the old "
        "rows",
        format_count(static_cast<std::uint64_t>(weighed.rows_written)), format_size(weighed.in_place_bytes),
        format_size(weighed.dead_bytes), format_size(weighed.in_place_wal), time_in_words(weighed.in_place_seconds),
        format_size(weighed.shadow_bytes), format_size(weighed.shadow_wal), time_in_words(weighed.shadow_seconds));
}

}  // namespace

std::string why_weighed(const plan::Weighed& weighed, const std::string& against_shadow) {
    if (!weighed.in_place && against_shadow.empty()) {
        return "a shadow table is taken because it is the cheaper one: " + sizes(weighed);
    }
    if (!weighed.in_place) {
        return fmt::format("a shadow table would be the cheaper one, but {}: {}", against_shadow, sizes(weighed));
    }
    const bool shorter = weighed.in_place_seconds <= weighed.shadow_seconds;
    return fmt::format(
        "{}: {}", shorter ? "it takes no longer than a shadow table" : "it is over soon, and needs no second table",
        sizes(weighed));
}

std::string why_direct(const ChosenWay& chosen) {
    if (chosen.parts.empty()) return "there is nothing to change: all of it is there already";
    const bool reads = std::ranges::any_of(chosen.ways, &plan::WayOfPart::reads_table);
    if (chosen.way == Way::instant || !reads) return "no row has to be read or written for it";
    return "rows are read for it, under locks that stop no reader or writer, and none is written";
}

std::vector<Plan::Reason> reasons_for_shadow(const ChosenWay& chosen) {
    std::vector<Plan::Reason> found;
    for (std::size_t at = 0; at < chosen.parts.size(); ++at) {
        if (chosen.ways[at].way != Way::shadow) continue;
        found.push_back(
            {fmt::format("sql, line {}: {}", chosen.parts[at].line, said(chosen.parts[at], chosen.ways[at])),
             "It needs a shadow table: `strategy: auto` takes one."});
    }
    return found;
}

std::vector<Plan::Reason> moves_of_indexes_only(const ChosenWay& chosen) {
    std::vector<Plan::Reason> found;
    for (std::size_t at = 0; at < chosen.parts.size(); ++at) {
        const auto& part = chosen.parts[at];
        if (chosen.ways[at].way != Way::shadow) continue;
        if (part.kind != plan::PartKind::set_tablespace || part.name.empty()) return {};
        const auto to = part.sql.substr(part.sql.rfind(' ') + 1);
        found.push_back(
            {fmt::format("sql, line {}: {}: the file moves under a lock that keeps everybody waiting, and a "
                         "shadow table would be a second table for the sake of an index",
                         part.line, part.summary),
             fmt::format("Leave it out of `sql`: REINDEX (TABLESPACE {}) INDEX CONCURRENTLY {} does the same "
                         "and keeps nobody waiting; or `strategy: shadow`.",
                         to, quote_identifier(part.name))});
    }
    return found;
}

std::string why_shadow(const ChosenWay& chosen) {
    std::vector<std::string> parts;
    for (std::size_t at = 0; at < chosen.parts.size(); ++at) {
        if (chosen.ways[at].way == Way::shadow) parts.push_back(said(chosen.parts[at], chosen.ways[at]));
    }
    return fmt::format("{}", fmt::join(parts, "; "));
}

void add_why_shadow(const config::Settings& settings, const ChosenWay& chosen, std::vector<Plan::Reason>& refusals) {
    if (settings.strategy != config::Strategy::automatic || chosen.direct() || chosen.why.empty()) return;
    const bool all = std::ranges::all_of(chosen.ways, [](const auto& one) { return one.way == Way::shadow; });
    refusals.push_back({"a shadow table is needed: " + chosen.why,
                        all ? "There is no other way for it, so all of the above is needed."
                            : "What needs none may go into a migration of its own: nothing of the above is asked for "
                              "then."});
}

}  // namespace pgwraith::migration
