#include "maker.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "offending_rows.h"

namespace pgwraith::online {

Maker::Maker(const catalog::Table& table, int version, const Facts& known, bool of_rehearsal)
    : live(table), server_version(version), facts(known), rehearsal(of_rehearsal) {
    for (const auto& column : live.columns) columns_[column.name] = &column;
    originals_ = columns_;
}

std::string Maker::alter(const std::string& what) const {
    return fmt::format("ALTER TABLE ONLY {} {}", live.name.sql(), what);
}

std::string Maker::column(const std::string& name) const {
    return quote_identifier(live.name.name) + "." + quote_identifier(name);
}

std::string Maker::name_for(const plan::Part& part, const std::string& server_says) const {
    return part.name.empty() ? server_says : part.name;
}

std::string Maker::helper_name(const std::string& wanted) {
    auto name = wanted;
    for (int number = 1; facts.constraints.contains(name) || helpers_.contains(name); ++number) {
        name = wanted + std::to_string(number);
    }
    helpers_.insert(name);
    return name;
}

const catalog::Column* Maker::untouched(const std::string& column) const {
    const auto found = columns_.find(column);
    if (found == columns_.end() || found->second == nullptr || found->second->name != column) return nullptr;
    return found->second;
}

const catalog::Column* Maker::original(const std::string& column) const {
    const auto found = originals_.find(column);
    return found == originals_.end() ? nullptr : found->second;
}

std::vector<std::string> Maker::undo_not_null(const std::string& column) const {
    const auto* before = original(column);
    if (before != nullptr && before->not_null) return {};
    return {alter(fmt::format("ALTER COLUMN {} DROP NOT NULL", quote_identifier(column)))};
}

const catalog::Constraint* Maker::not_null_of(const std::string& column) const {
    const auto found = columns_.find(column);
    if (found == columns_.end() || found->second == nullptr) return nullptr;
    return live.not_null_of(found->second->name);
}

void Maker::dropped_constraint(const std::string& name) {
    for (auto& [column, before] : columns_) {
        const auto* constraint = not_null_of(column);
        if (constraint != nullptr && constraint->name == name) before = nullptr;
    }
}

bool Maker::exists(const std::string& column) const { return columns_.contains(column); }

void Maker::added(const std::string& column, const std::optional<std::string>& computed) {
    originals_.erase(column);
    has(column, computed);
}

void Maker::has(const std::string& column, const std::optional<std::string>& computed) {
    touched(column);
    computed_.erase(column);
    if (computed) computed_[column] = *computed;
}

void Maker::dropped(const std::string& column) {
    columns_.erase(column);
    originals_.erase(column);
    computed_.erase(column);
}

void Maker::touched(const std::string& column) { columns_[column] = nullptr; }

// Computed of the rows as they are, it reads nothing that was altered before.
void Maker::filled(const plan::Part& part) {
    const auto& column = part.columns.front();
    const bool stood = untouched(column) != nullptr;
    auto value = part.computed;
    if (value) {
        const auto read = plan::columns_read(*value);
        const bool as_now = std::ranges::all_of(read, [this](const std::string& one) { return untouched(one); });
        if (!as_now || (part.standing && !stood)) value.reset();
    }
    if (value && part.standing) value = fmt::format("coalesce({}, {})", this->column(column), *value);
    has(column, value);
}

void Maker::renamed(const std::string& from, const std::string& to) {
    if (auto known = computed_.extract(from)) {
        known.key() = to;
        computed_.insert(std::move(known));
    }
    for (auto* columns : {&columns_, &originals_}) {
        auto node = columns->extract(from);
        if (node.empty()) continue;
        node.key() = to;
        columns->insert(std::move(node));
    }
}

std::optional<std::string> Maker::computed(const std::string& column) const {
    const auto found = computed_.find(column);
    if (found != computed_.end()) return found->second;
    const auto stands = columns_.find(column);
    if (stands == columns_.end() || stands->second == nullptr) return std::nullopt;
    return this->column(stands->second->name);
}

bool Maker::known_now(const std::vector<std::string>& columns) const {
    return std::ranges::all_of(columns, [this](const std::string& one) { return computed(one).has_value(); });
}

std::string Maker::rows_with(const std::vector<std::string>& columns) const {
    std::string as_they_are = "ONLY " + live.name.sql();
    if (!known_now(columns)) return as_they_are;
    if (std::ranges::all_of(columns, [this](const std::string& one) { return untouched(one); })) return as_they_are;
    std::map<std::string, std::string> values;
    for (const auto& one : live.columns) values[one.name] = column(one.name);
    for (const auto& one : columns) values[one] = computed(one).value();
    std::string list = column("ctid");
    for (const auto& [name, value] : values) list += fmt::format(", {} AS {}", value, quote_identifier(name));
    return fmt::format("(SELECT {} FROM {}) AS {}", list, as_they_are, quote_identifier(live.name.name));
}

void Maker::check(std::string what, std::string query, const std::vector<std::string>& columns,
                  const std::string& index) {
    Step step{StepKind::check, std::move(what), {std::move(query)}};
    step.index = index;
    if (known_now(columns)) {
        checks_.push_back(std::move(step));
        return;
    }
    step = if_there(std::move(step), columns);
    const bool of_new = std::ranges::any_of(columns, [this](const std::string& column) {
        return std::ranges::find(live.columns, column, &catalog::Column::name) == live.columns.end();
    });
    if (of_new) {
        step = instead(std::move(step), InRehearsal::tried, "the application does not write the new column yet");
    }
    steps_.push_back(std::move(step));
}

void Maker::only_tried(const std::string& column) {
    if (rehearsal) only_tried_.insert(column);
}

bool Maker::there(const std::vector<std::string>& columns) const {
    return std::ranges::none_of(columns, [this](const std::string& column) { return only_tried_.contains(column); });
}

Step Maker::instead(Step step, InRehearsal what, std::string why) const {
    if (!rehearsal || step.in_rehearsal != InRehearsal::made) return step;
    step.in_rehearsal = what;
    step.why = std::move(why);
    return step;
}

Step Maker::if_there(Step step, const std::vector<std::string>& columns) const {
    if (there(columns)) return step;
    return instead(std::move(step), InRehearsal::left_out,
                   fmt::format("it needs {}, which is only tried", fmt::join(columns, ", ")));
}

void Maker::locked(Step step) {
    const bool joins =
        !steps_.empty() && steps_.back().kind == StepKind::locked && steps_.back().in_rehearsal == step.in_rehearsal;
    if (!joins) return this->step(std::move(step));
    auto& before = steps_.back();
    if (before.why != step.why && !step.why.empty()) before.why += "; " + step.why;
    before.what += ", " + step.what;
    before.statements.insert(before.statements.end(), step.statements.begin(), step.statements.end());
    before.undo.insert(before.undo.begin(), step.undo.begin(), step.undo.end());
    if (!before.kept.empty() && !step.kept.empty()) before.kept += "; ";
    before.kept += step.kept;
    join_locks(before.locks, step.locks);
}

void Maker::fill(Step step) {
    const auto count = steps_.size();
    const bool joins = count > 1 && steps_[count - 1].kind == StepKind::analyze &&
                       steps_[count - 2].kind == StepKind::fill &&
                       steps_[count - 2].in_rehearsal == step.in_rehearsal && steps_[count - 2].why == step.why;
    if (!joins) {
        Step analyze{StepKind::analyze, "ANALYZE", {"ANALYZE " + live.name.sql()}};
        if (step.in_rehearsal != InRehearsal::made) {
            analyze = instead(std::move(analyze), InRehearsal::left_out, "nothing was filled");
        }
        this->step(std::move(step));
        return this->step(std::move(analyze));
    }
    auto& before = steps_[count - 2];
    before.what += ", " + step.fills.front().column;
    before.fills.push_back(step.fills.front());
    if (!before.kept.empty() && !step.kept.empty()) before.kept += "; ";
    before.kept += step.kept;
}

void Maker::step(Step step) { steps_.push_back(std::move(step)); }

void Maker::bind(Step add) { locked(instead(std::move(add), InRehearsal::tried, binds_rows)); }

void Maker::validate(std::string what, const std::string& constraint, std::string left_out) {
    Step validation{StepKind::validate, std::move(what), {alter("VALIDATE CONSTRAINT " + constraint)}};
    step(instead(std::move(validation), InRehearsal::left_out, std::move(left_out)));
}

std::vector<Step> Maker::finish() {
    std::vector<Step> all = std::move(checks_);
    all.insert(all.end(), std::make_move_iterator(steps_.begin()), std::make_move_iterator(steps_.end()));
    return all;
}

RowKey Maker::row_key(bool now) const {
    std::vector<std::string> names;
    for (const auto& index : live.indexes) {
        if (!index.primary) continue;
        for (const int attnum : index.key_attnums) {
            const auto* part_of_key = live.column_at(attnum);
            if (now) names.push_back(part_of_key->name);
            const auto later = std::ranges::find(columns_, part_of_key, &decltype(columns_)::value_type::second);
            if (!now && later != columns_.end()) names.push_back(later->first);
        }
        if (names.size() != index.key_attnums.size()) names.clear();
    }
    if (names.empty()) return {"ctid", fmt::format("{}::pg_catalog.text", column("ctid"))};
    RowKey key;
    key.title = fmt::format("{}", fmt::join(names, ", "));
    for (auto& name : names) name = fmt::format("{}::pg_catalog.text", column(name));
    key.value = fmt::format("pg_catalog.concat_ws(', ', {})", fmt::join(names, ", "));
    return key;
}

std::string Maker::rows_where(const std::string& condition, const std::string& sentence,
                              const std::vector<std::string>& columns) const {
    const auto key = row_key(known_now(columns));
    return fmt::format(
        "SELECT pg_catalog.format('%s of %s %s, among them (%s) = %s', "
        "CASE WHEN n = 1 THEN '1 row' WHEN n > 1000 THEN 'more than 1000 rows' ELSE n || ' rows' END, {0}, {1}, {2}, "
        "k) "
        "FROM (SELECT pg_catalog.count(*) AS n, pg_catalog.string_agg('(' || k || ')', ', ') FILTER (WHERE r <= {3}) "
        "AS k "
        "FROM (SELECT k, pg_catalog.row_number() OVER () AS r FROM (SELECT {4} AS k FROM {5} WHERE {6} LIMIT "
        "1001) AS a) AS b) AS c WHERE n > 0",
        quote_literal(live.name.sql()), quote_literal(sentence), quote_literal(key.title), rows_named, key.value,
        rows_with(columns), condition);
}

}  // namespace pgwraith::online
