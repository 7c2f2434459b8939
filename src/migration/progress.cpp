#include "pgwraith/migration/progress.h"

#include <algorithm>

namespace pgwraith::migration {

namespace {

std::string identifier(const std::string& name) {
    const auto plain = [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; };
    const auto digit = [](char c) { return c >= '0' && c <= '9'; };
    const bool unquoted = !name.empty() && plain(name.front()) &&
                          std::all_of(name.begin(), name.end(), [&](char c) { return plain(c) || digit(c); });
    return unquoted ? name : quote_identifier(name);
}

}  // namespace

std::string display_name(const QualifiedName& name) {
    if (name.schema.empty()) return identifier(name.name);
    return identifier(name.schema) + "." + identifier(name.name);
}

const char* what_abort_does(bool direct) { return direct ? "takes back what was done" : "drops everything"; }

const char* phase_name(Phase phase) {
    switch (phase) {
        case Phase::prepare:
            return "prepare";
        case Phase::steps:
            return "steps";
        case Phase::compare:
            return "compare";
        case Phase::expanded:
            return "expanded";
        case Phase::contract:
            return "contract";
        case Phase::copy:
            return "copy";
        case Phase::build:
            return "build";
        case Phase::catch_up:
            return "catch_up";
        case Phase::verify:
            return "verify";
        case Phase::ready:
            return "ready";
        case Phase::cutover:
            return "cutover";
        case Phase::going_back:
            return "going_back";
        case Phase::done:
            return "done";
    }
    return "unknown";
}

double Progress::fraction() const {
    if (phase == Phase::done || phase == Phase::ready || phase == Phase::expanded) return 1;
    if (units_total == 0) return 0;
    return std::min(1.0, static_cast<double>(units_done) / static_cast<double>(units_total));
}

}  // namespace pgwraith::migration
