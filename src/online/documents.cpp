#include "pgwraith/online/documents.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace pgwraith::online {

using nlohmann::json;

namespace {

// On disk: do not rename.
constexpr std::array<std::pair<StepKind, const char*>, 7> kinds{{{StepKind::locked, "locked"},
                                                                 {StepKind::check, "check"},
                                                                 {StepKind::validate, "validate"},
                                                                 {StepKind::create_index, "create_index"},
                                                                 {StepKind::drop_index, "drop_index"},
                                                                 {StepKind::fill, "fill"},
                                                                 {StepKind::analyze, "analyze"}}};
constexpr std::array<std::pair<StepState, const char*>, 5> states{{{StepState::waiting, "waiting"},
                                                                   {StepState::begun, "begun"},
                                                                   {StepState::done, "done"},
                                                                   {StepState::undoing, "undoing"},
                                                                   {StepState::undone, "undone"}}};

constexpr std::array<std::pair<InRehearsal, const char*>, 4> rehearsals{{{InRehearsal::made, "made"},
                                                                         {InRehearsal::tried, "tried"},
                                                                         {InRehearsal::locked, "locked"},
                                                                         {InRehearsal::left_out, "left_out"}}};

template <typename Names, typename Value>
const char* name_of(const Names& names, Value value) {
    for (const auto& [known, name] : names) {
        if (known == value) return name;
    }
    broken_assumption("each step's kind and state has a name");
}

template <typename Value, typename Names>
Value value_of(const Names& names, const std::string& text) {
    for (const auto& [value, name] : names) {
        if (text == name) return value;
    }
    throw Error(ErrorKind::stopped, fmt::format("the state directory records an unknown step \"{}\"", text),
                "It was written by another version of pgwraith: use that one, or `pgwraith abort`.");
}

}  // namespace

void to_json(json& out, const TableLock& lock) {
    out = {{"schema", lock.table.schema}, {"table", lock.table.name}, {"mode", lock.mode}};
}

void from_json(const json& in, TableLock& lock) {
    in.at("schema").get_to(lock.table.schema);
    in.at("table").get_to(lock.table.name);
    in.at("mode").get_to(lock.mode);
}

void to_json(json& out, const FilledColumn& fill) { out = {{"column", fill.column}, {"expression", fill.expression}}; }

void from_json(const json& in, FilledColumn& fill) {
    in.at("column").get_to(fill.column);
    in.at("expression").get_to(fill.expression);
}

void to_json(json& out, const Step& step) {
    out = {{"kind", name_of(kinds, step.kind)},
           {"what", step.what},
           {"statements", step.statements},
           {"undo", step.undo},
           {"kept", step.kept},
           {"locks", step.locks},
           {"index", step.index},
           {"fills", step.fills}};
    if (step.in_rehearsal == InRehearsal::made) return;
    out["in_rehearsal"] = name_of(rehearsals, step.in_rehearsal);
    out["why"] = step.why;
}

void from_json(const json& in, Step& step) {
    step.kind = value_of<StepKind>(kinds, in.at("kind").get<std::string>());
    in.at("what").get_to(step.what);
    in.at("statements").get_to(step.statements);
    in.at("undo").get_to(step.undo);
    in.at("kept").get_to(step.kept);
    in.at("locks").get_to(step.locks);
    in.at("index").get_to(step.index);
    in.at("fills").get_to(step.fills);
    step.in_rehearsal = value_of<InRehearsal>(rehearsals, in.value("in_rehearsal", std::string("made")));
    step.why = in.value("why", std::string());
}

void to_json(json& out, const StepRecord& record) {
    out = {{"state", name_of(states, record.state)}, {"xid", record.xid}};
}

void from_json(const json& in, StepRecord& record) {
    record.state = value_of<StepState>(states, in.at("state").get<std::string>());
    in.at("xid").get_to(record.xid);
}

void join_locks(std::vector<TableLock>& to, const std::vector<TableLock>& from) {
    for (const auto& lock : from) {
        const auto same = std::ranges::find_if(to, [&](const TableLock& one) { return one.table == lock.table; });
        if (same == to.end()) {
            to.push_back(lock);
        } else if (lock.mode == "ACCESS EXCLUSIVE" || same->mode == "SHARE UPDATE EXCLUSIVE") {
            same->mode = lock.mode;
        }
    }
}

std::string Step::lock() const {
    switch (kind) {
        case StepKind::check:
            return "ACCESS SHARE";
        case StepKind::fill:
            return "ROW EXCLUSIVE, a chunk at a time";
        case StepKind::locked:
            return (locks.empty() ? std::string("ACCESS EXCLUSIVE") : locks.front().mode) + ", for an instant";
        case StepKind::validate:
        case StepKind::create_index:
        case StepKind::drop_index:
        case StepKind::analyze:
            break;
    }
    return "SHARE UPDATE EXCLUSIVE, which stops no reader or writer";
}

bool Step::stops_writers() const {
    return kind == StepKind::locked &&
           std::ranges::any_of(locks, [](const TableLock& lock) { return lock.mode != "SHARE UPDATE EXCLUSIVE"; });
}

bool Step::stops_readers() const {
    return kind == StepKind::locked && !locks.empty() && locks.front().mode == "ACCESS EXCLUSIVE";
}

}  // namespace pgwraith::online
