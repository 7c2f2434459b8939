#include "pgwraith/carry/not_rehearsed.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <sstream>

#include "pgwraith/plan/split.h"

namespace pgwraith::carry {

namespace {

// As the server has it in pg_event_trigger.evttags.
std::string command_tag(const std::string& statement) {
    static const std::set<std::string_view> skipped{"OR", "REPLACE", "CONSTRAINT", "UNIQUE"};
    std::istringstream words(statement);
    std::string tag;
    std::string word;
    words >> tag;
    if (tag == "GRANT" || tag == "REVOKE" || tag == "COMMENT") return tag;
    while (words >> word) {
        if (skipped.contains(word)) continue;
        tag += " " + word;
        if (word != "MATERIALIZED" && word != "SECURITY") break;
    }
    return tag;
}

}  // namespace

std::vector<std::string> not_rehearsed(const SwapPlan& swap, const QualifiedName& live,
                                       const std::vector<catalog::ObjectGuard>& guards) {
    std::set<std::string> tags;
    for (const auto& script : swap.statements) {
        for (const auto& statement : plan::statements_of(script)) tags.insert(command_tag(statement));
    }
    std::vector<std::string> warnings;
    for (const auto& guard : guards) {
        const bool fires =
            guard.tags.empty() || std::ranges::any_of(guard.tags, [&](const auto& tag) { return tags.contains(tag); });
        if (!fires) continue;
        warnings.push_back(
            fmt::format("{} asks which objects a command is about: what it does about {} and what hangs on it shows in "
                        "the swap only, which then fails and changes nothing. If it is not meant to let that pass, "
                        "disable it for the time of the migration (ALTER EVENT TRIGGER {} DISABLE)",
                        catalog::in_words({guard.trigger}), live.sql(), guard.trigger.name));
    }
    return warnings;
}

}  // namespace pgwraith::carry
