#include "advice.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "pgwraith/plan/ways.h"

namespace pgwraith::migration {

namespace {

using plan::Part;
using plan::PartKind;

void add(std::vector<std::string>& lines, std::string line) {
    if (std::ranges::find(lines, line) == lines.end()) lines.push_back(std::move(line));
}

std::string columns_of(const Part& part) { return fmt::format("{}", fmt::join(part.columns, ", ")); }

// A column that is added in the same SQL is nobody's business yet.
bool adds(const std::vector<Part>& parts, const std::string& column) {
    return std::ranges::any_of(
        parts, [&](const Part& part) { return part.kind == PartKind::add_column && part.columns.front() == column; });
}

bool of_added_columns(const std::vector<Part>& parts, const Part& part) {
    return !part.columns.empty() &&
           std::ranges::all_of(part.columns, [&](const std::string& column) { return adds(parts, column); });
}

bool has_default(const std::vector<Part>& parts, const std::string& column) {
    bool found = false;
    for (const auto& part : parts) {
        if (part.columns.empty() || part.columns.front() != column) continue;
        if (part.kind == PartKind::add_column || part.kind == PartKind::set_default)
            found = part.expression.has_value();
        if (part.kind == PartKind::drop_default) found = false;
    }
    return found;
}

void advise_one(const std::vector<Part>& parts, const Part& part, Advice& advice) {
    const std::string columns = columns_of(part);
    switch (part.kind) {
        case PartKind::add_column:
            add(advice.after, fmt::format("SELECT * gives {} as well", columns));
            break;
        case PartKind::drop_column:
            add(advice.before, fmt::format("it must read and write {} no more (SELECT * apart)", columns));
            break;
        case PartKind::rename_column:
            add(advice.before, fmt::format("it fails from the moment of the renaming on if it knows {} only by its old "
                                           "name, and until then if it knows {} only",
                                           columns, part.new_name));
            break;
        case PartKind::alter_type:
            add(advice.before, fmt::format("it must be able to read {} in either type", columns));
            break;
        case PartKind::set_not_null:
            if (of_added_columns(parts, part)) {
                if (!has_default(parts, part.columns.front())) {
                    add(advice.after, fmt::format("an INSERT must say {}", columns));
                }
                break;
            }
            add(advice.before, fmt::format("it must write no NULL into {} any more", columns));
            break;
        case PartKind::add_check:
            if (of_added_columns(parts, part)) break;
            add(advice.before, fmt::format("what it writes must meet {}", part.summary));
            break;
        case PartKind::add_foreign_key:
            if (of_added_columns(parts, part)) break;
            add(advice.before, fmt::format("what it writes into {} must be in the table that is referred to", columns));
            break;
        case PartKind::add_unique:
        case PartKind::add_primary_key:
            if (of_added_columns(parts, part)) break;
            add(advice.before, fmt::format("it must write no duplicate into {}", columns));
            break;
        case PartKind::create_index:
            if (part.unique && !of_added_columns(parts, part)) {
                add(advice.before, fmt::format("it must write no duplicate into {}", columns));
            }
            break;
        case PartKind::drop_default:
            add(advice.before, fmt::format("an INSERT that does not say {} gets no default any more", columns));
            break;
        case PartKind::drop_not_null:
            add(advice.after, fmt::format("it may find NULL in {}", columns));
            break;
        case PartKind::drop_constraint:
        case PartKind::drop_index:
            add(advice.after, fmt::format("an INSERT … ON CONFLICT that relies on {} fails", part.name));
            break;
        case PartKind::add_identity:
            add(advice.after,
                fmt::format("an INSERT that says {} needs OVERRIDING SYSTEM VALUE if it is GENERATED ALWAYS", columns));
            break;
        default:
            break;
    }
}

constexpr double mib = 1024 * 1024;

}  // namespace

std::string time_in_words(double seconds) {
    if (seconds < 2) return "a moment";
    if (seconds < 60) return fmt::format("about {} s", static_cast<int>(std::ceil(seconds / 5) * 5));
    if (seconds < 3600) return fmt::format("about {} min", static_cast<int>(std::ceil(seconds / 60)));
    return fmt::format("about {:.1f} h", seconds / 3600);
}

Advice advise(const std::vector<Part>& parts) {
    Advice advice;
    for (const auto& part : parts) advise_one(parts, part, advice);
    return advice;
}

namespace {

// Measured on two cores and one disk; a guess anywhere else.
double seconds_of_steps(const std::vector<online::Step>& steps, const catalog::Table& live) {
    const double heap = static_cast<double>(live.heap_bytes) / mib;
    double seconds = 0;
    for (const auto& step : steps) {
        switch (step.kind) {
            case online::StepKind::check:
            case online::StepKind::validate:
                seconds += heap / 300;
                break;
            case online::StepKind::create_index:
                seconds += heap / 50;
                break;
            case online::StepKind::fill:
                break;
            default:
                seconds += 0.1;
        }
    }
    return seconds;
}

}  // namespace

std::string time_of_steps(const std::vector<online::Step>& steps, const catalog::Table& live, double filling) {
    return time_in_words(seconds_of_steps(steps, live) + filling);
}

std::string time_of_expansion(const std::vector<online::Step>& steps, const catalog::Table& live) {
    const double heap = static_cast<double>(live.heap_bytes) / mib;
    const auto passes = std::ranges::count(steps, online::StepKind::fill, &online::Step::kind);
    const auto filled = plan::weigh(live, std::vector<double>(static_cast<std::size_t>(passes), 1.0));
    return time_in_words(seconds_of_steps(steps, live) + filled.in_place_seconds + heap / 150);
}

std::string time_of_shadow(const catalog::Table& live, const config::Settings& settings) {
    const double all = static_cast<double>(live.total_bytes()) / mib;
    const double rate = settings.verify == config::Verify::full ? 90 : 120;
    return time_in_words(3 + all / rate);
}

std::string locks_of_steps(const std::vector<online::Step>& steps, const config::Settings& settings) {
    const auto strong = std::ranges::count_if(steps, &online::Step::stops_readers);
    const auto locked =
        std::ranges::count_if(steps, [](const online::Step& step) { return step.kind == online::StepKind::locked; });
    if (locked == 0) return "nothing is locked that a reader or writer would wait for";
    std::string text = strong > 0 ? fmt::format("readers and writers wait {} for milliseconds",
                                                strong == 1 ? std::string("once") : fmt::format("{} times", strong))
                                  : std::string("no reader waits, and no writer for longer than milliseconds");
    text += fmt::format(
        "; each lock is waited for {} at most, and asked for again later, so that nobody waits behind it "
        "for longer than {}",
        format_duration(settings.cutover.lock_timeout), format_duration(settings.cutover.max_blocked));
    return text;
}

std::string update_of(const online::Step& step) {
    std::vector<std::string> sets;
    for (const auto& fill : step.fills)
        sets.push_back(fmt::format("{} = {}", quote_identifier(fill.column), fill.expression));
    return fmt::format("UPDATE … SET {} … in chunks", fmt::join(sets, ", "));
}

}  // namespace pgwraith::migration
