// What changes the catalog only: the statement as it is, under its lock for an instant.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "maker.h"

namespace pgwraith::online {

using plan::Part;
using plan::PartKind;

namespace {

// About an index or a sequence: its lock is taken on the table as well, so that whoever would be in the way of it is
// waited for as for any other.
std::string mode_of(const std::string& lock) {
    constexpr std::array<const char*, 3> modes{"SHARE UPDATE EXCLUSIVE", "SHARE ROW EXCLUSIVE", "ACCESS EXCLUSIVE"};
    const bool of_another = lock.starts_with("none: ");
    const auto said = of_another ? lock.substr(6) : lock;
    for (const auto* mode : modes) {
        if (said.starts_with(mode)) return mode;
    }
    return of_another ? modes.front() : modes.back();
}

std::string column_of(const Part& part) { return part.columns.empty() ? std::string() : part.columns.front(); }

const catalog::Constraint* constraint(const catalog::Table& live, const std::string& name) {
    const auto found = std::ranges::find(live.constraints, name, &catalog::Constraint::name);
    return found == live.constraints.end() ? nullptr : &*found;
}

// IF EXISTS and IF NOT EXISTS: nothing happens, so nothing may be taken back either.
bool does_nothing(const Maker& maker, const Part& part) {
    if (!part.if_exists) return false;
    switch (part.kind) {
        case PartKind::add_column:
            return maker.exists(column_of(part));
        case PartKind::drop_column:
            return !maker.exists(column_of(part));
        default:
            return false;
    }
}

void alter(const Maker& maker, Step& step, const std::string& what) { step.undo.push_back(maker.alter(what)); }

void undo_default(const Maker& maker, const Part& part, Step& step) {
    const auto* column = maker.original(column_of(part));
    if (column == nullptr) return;  // the column that it belongs to goes
    const auto name = quote_identifier(column_of(part));
    const auto before = column->default_sql ? "SET DEFAULT " + *column->default_sql : std::string("DROP DEFAULT");
    alter(maker, step, fmt::format("ALTER COLUMN {} {}", name, before));
}

// How each part is taken back, or why it cannot be.
void undo_part(const Maker& maker, const Part& part, Step& step) {
    const auto column = column_of(part);
    const auto quoted = quote_identifier(column);
    const auto name = quote_identifier(part.name);
    const auto& table = maker.live.name;
    switch (part.kind) {
        case PartKind::add_column:
            return alter(maker, step, "DROP COLUMN IF EXISTS " + quoted);
        case PartKind::drop_column:
            step.kept = fmt::format("column {} is dropped, its values are gone", quoted);
            return;
        case PartKind::rename_column:
            step.undo.push_back(fmt::format("ALTER TABLE {} RENAME COLUMN {} TO {}", table.sql(),
                                            quote_identifier(part.new_name), quoted));
            return;
        case PartKind::rename_constraint:
            step.undo.push_back(fmt::format("ALTER TABLE {} RENAME CONSTRAINT {} TO {}", table.sql(),
                                            quote_identifier(part.new_name), name));
            return;
        case PartKind::rename_index:
            step.undo.push_back(
                fmt::format("ALTER INDEX {} RENAME TO {}", QualifiedName{table.schema, part.new_name}.sql(), name));
            return;
        case PartKind::alter_type:
            step.kept = fmt::format("column {} keeps its new type", quoted);
            return;
        case PartKind::set_default:
        case PartKind::drop_default:
            return undo_default(maker, part, step);
        case PartKind::set_not_null:
            for (auto& undo : maker.undo_not_null(column)) step.undo.push_back(std::move(undo));
            return;
        case PartKind::drop_not_null:
            step.kept = fmt::format("column {} may be NULL", quoted);
            return;
        case PartKind::add_check:
        case PartKind::add_foreign_key:
            return alter(maker, step, "DROP CONSTRAINT IF EXISTS " + name);
        case PartKind::drop_constraint: {
            const auto* dropped = constraint(maker.live, part.name);
            step.kept = fmt::format("constraint {} is dropped", name);
            if (dropped != nullptr) {
                step.kept +=
                    fmt::format(" (ALTER TABLE {} ADD CONSTRAINT {} {})", table.sql(), name, dropped->definition);
            }
            return;
        }
        case PartKind::set_statistics: {
            const auto* before = maker.original(column);
            if (before == nullptr) return;
            return alter(
                maker, step,
                fmt::format("ALTER COLUMN {} SET STATISTICS {}", quoted, before->statistics_target.value_or(-1)));
        }
        case PartKind::add_identity:
            return alter(maker, step, fmt::format("ALTER COLUMN {} DROP IDENTITY IF EXISTS", quoted));
        case PartKind::create_statistics:
            step.undo.push_back("DROP STATISTICS IF EXISTS " + QualifiedName{table.schema, part.name}.sql());
            return;
        default:
            step.kept = part.summary + " stays";
    }
}

// In a rehearsal: it can be taken back, and the application sees nothing of it.
bool may_be_made(const Maker& maker, const Part& part) {
    const auto column = column_of(part);
    const auto& now = maker.live.columns;
    const bool new_name = std::ranges::find(now, column, &catalog::Column::name) == now.end();
    switch (part.kind) {
        case PartKind::add_column:
        case PartKind::set_default:
        case PartKind::drop_default:  // of a column that comes and goes
            return new_name && maker.there(part.columns);
        default:
            return false;
    }
}

std::string why_tried(const Part& part) {
    switch (part.kind) {
        case PartKind::rename_column:
            return "the application would not find the old name";
        case PartKind::set_default:
        case PartKind::drop_default:
            return "rows of the application would get another value";
        case PartKind::drop_column:
        case PartKind::drop_constraint:
            return "it cannot be taken back";
        default:
            return "nothing of it need last";
    }
}

void follow(Maker& maker, const Part& part) {
    const auto column = column_of(part);
    if (part.kind == PartKind::add_column) maker.added(column, part.computed);
    if (part.kind == PartKind::drop_column) maker.dropped(column);
    if (part.kind == PartKind::drop_constraint) maker.dropped_constraint(part.name);
    if (part.kind == PartKind::rename_column) maker.renamed(column, part.new_name);
    // A default is of new rows: those that stand are as they were.
    if (part.kind == PartKind::alter_type || part.kind == PartKind::drop_not_null) maker.touched(column);
}

}  // namespace

void make_instant(Maker& maker, const Part& part, const plan::WayOfPart& way, const std::vector<QualifiedName>& others,
                  const Facts::Referenced& referenced) {
    if (does_nothing(maker, part)) return;
    Step step{StepKind::locked, part.summary, {part.sql}};
    step.locks.push_back({maker.live.name, mode_of(way.lock)});
    for (const auto& table : others) step.locks.push_back({table, mode_of(way.lock)});
    if (part.kind == PartKind::add_column && part.references && referenced.table != maker.live.name) {
        step.locks.push_back({referenced.table, "SHARE ROW EXCLUSIVE"});
    }
    undo_part(maker, part, step);
    if (!may_be_made(maker, part)) {
        step = maker.instead(std::move(step), InRehearsal::tried, why_tried(part));
        if (part.kind == PartKind::add_column) maker.only_tried(column_of(part));
        if (part.kind == PartKind::rename_column) maker.only_tried(part.new_name);
    }
    follow(maker, part);
    maker.locked(std::move(step));
}

}  // namespace pgwraith::online
