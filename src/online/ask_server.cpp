#include "pgwraith/online/ask_server.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "computed.h"
#include "pgwraith/postgres/error.h"
#include "pgwraith/shadow/stand_in.h"
#include "sequence_owner.h"
#include "stand_in_state.h"
#include "taken_names.h"
#include "unique_keys.h"
#include "used_columns.h"

namespace pgwraith::online {

namespace {

using catalog::Table;
using plan::Part;
using plan::PartKind;
using postgres::Connection;

// A constraint or index is known by its name; IF [NOT] EXISTS may have made nothing of it.
bool did_nothing(const Part& part, const StandInState& before, const StandInState& after) {
    if (!part.if_exists) return false;
    switch (part.kind) {
        case PartKind::create_index:
        case PartKind::drop_index:
        case PartKind::rename_index:
            return before.indexes_by_name() == after.indexes_by_name();
        case PartKind::alter_index:
            return !before.indexes_by_name().contains(part.name);
        case PartKind::drop_constraint:
            return before.constraints == after.constraints;
        case PartKind::create_statistics:
        case PartKind::drop_statistics:
            return before.statistics == after.statistics;
        default:
            return false;
    }
}

std::string name_made(const Part& part, const StandInState& before, const StandInState& after) {
    switch (part.kind) {
        case PartKind::create_index:
            return first_new(before.index_names, after.index_names);
        case PartKind::add_check:
        case PartKind::add_foreign_key:
        case PartKind::add_unique:
        case PartKind::add_primary_key:
        case PartKind::add_exclusion:
        case PartKind::add_constraint_using_index:
        case PartKind::set_not_null:
            return first_new(before.constraints, after.constraints);
        default:
            return {};
    }
}

// Columns that are added without anything that fills them in old rows.
class UnfilledColumns {
  public:
    // nullopt: it is as it should be; else the column that would have a NULL where none may be.
    std::optional<std::string> follow(const Part& part, bool rewrites, const StandInState& after) {
        const std::string column = part.columns.empty() ? std::string() : part.columns.front();
        switch (part.kind) {
            case PartKind::add_column:
                if (!rewrites && !after.with_missing_value.contains(column) && !after.generated.contains(column)) {
                    columns_.insert(column);
                }
                break;
            case PartKind::fill:
            case PartKind::drop_column:
                columns_.erase(column);
                break;
            case PartKind::rename_column:
                if (columns_.erase(column) > 0) columns_.insert(part.new_name);
                break;
            case PartKind::set_not_null:
            case PartKind::add_primary_key:
                for (const auto& one : part.columns) {
                    if (columns_.contains(one)) return one;
                }
                break;
            default:
                break;
        }
        return std::nullopt;
    }

  private:
    std::set<std::string> columns_;
};

class Asking {
  public:
    Asking(Connection& connection, const Table& live, const Question& question)
        : connection_(connection),
          live_(live),
          question_(question),
          stand_in_{question.schema, live.name.name},
          taken_names_(connection, live, question.schema) {}

    // In a transaction that is rolled back afterwards.
    Task<Answer> ask(plan::Known known);

  private:
    Task<std::vector<Part>> with_not_null(Part part);
    Task<void> take(Part part);
    Task<std::optional<catalog::Refusal>> run(Part part);
    Task<StandInState> run_until_name_is_free(Part part);
    Task<bool> has_rows();
    Task<std::optional<catalog::Refusal>> require_own(Part part);
    std::string statement(const Part& part) const;
    catalog::Refusal refusal(const Part& part, const postgres::PgError& error) const;
    bool finds_invalid_index(const Part& part) const;
    catalog::Refusal not_valid(const Part& part) const;
    Task<void> note(Part part, StandInState before, StandInState after);
    void say_what_is_validated(Part& part) const;

    Connection& connection_;
    const Table& live_;
    const Question& question_;
    QualifiedName stand_in_;
    TakenNames taken_names_;
    std::vector<plan::Reference> references_;
    shadow::StandInTable table_;
    UnfilledColumns unfilled_;
    StandInState before_;
    Answer answer_;
};

std::string Asking::statement(const Part& part) const {
    if (part.kind != PartKind::fill) return plan::part_on(part, live_.name, question_.schema, references_);
    const auto column = quote_identifier(part.columns.front());
    return fmt::format("UPDATE ONLY {} SET {} = ({}\n) WHERE {} IS NOT DISTINCT FROM NULL", stand_in_.sql(), column,
                       *part.expression, column);
}

// An index of that name which somebody's build has left behind: it is there, and helps nobody.
bool Asking::finds_invalid_index(const Part& part) const {
    if (part.kind != PartKind::create_index || part.name.empty()) return false;
    if (!before_.indexes_by_name().contains(part.name)) return false;  // the change drops it
    return std::ranges::any_of(live_.indexes,
                               [&](const catalog::Index& one) { return one.name == part.name && !one.valid; });
}

catalog::Refusal Asking::not_valid(const Part& part) const {
    const auto index = QualifiedName{live_.name.schema, part.name}.sql();
    const auto reason = fmt::format(
        "sql, line {}: index {} is there already, and is not valid: its build was interrupted", part.line, index);
    return {reason, fmt::format("DROP INDEX CONCURRENTLY {}, if nobody is building it now; then plan again.", index)};
}

catalog::Refusal Asking::refusal(const Part& part, const postgres::PgError& error) const {
    auto why = catalog::message_with_origin(question_.event_triggers, error);
    if (error.sqlstate().starts_with("42") || error.is(postgres::sqlstate::invalid_schema_name)) {
        why += fmt::format(" (the search_path in force is {})", table_.search_path);
    }
    const std::string where =
        part.line > 0 ? fmt::format("sql, line {}", part.line) : fmt::format("values: {}", part.columns.front());
    const std::string said = part.sql.empty() ? *part.expression : part.sql;
    const auto remedy = error.hint().empty() ? "Statement: " + said : error.hint();
    return {with_real_names(fmt::format("{}: the server refuses it: {}", where, why), table_.names),
            with_real_names(catalog::remedy_for(question_.event_triggers, error, remedy), table_.names)};
}

Task<std::optional<catalog::Refusal>> Asking::require_own(Part part) {
    std::optional<Error> refused;
    try {
        if (part.kind == PartKind::drop_index) {
            plan::Statement statement;
            statement.line = part.line;
            statement.dropped_indexes = {part.name};
            co_await shadow::require_own_indexes(connection_, live_, question_.schema, statement);
        } else if (part.kind == PartKind::alter_sequence) {
            auto statement = plan::parse_user_sql(part.sql, live_.name, question_.schema).statements.at(0);
            statement.line = part.line;
            auto& asked = *statement.sequence;
            if (asked.owned_by) {
                auto refusal = co_await refuse_owner(connection_, live_, question_.schema, asked, part.line);
                if (refusal || asked.options.empty()) co_return refusal;
                asked.owned_by.reset();
            }
            co_await shadow::try_sequence_statement(connection_, live_, question_.schema, statement);
        }
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::refused) throw;
        refused = error;
    }
    if (!refused) co_return std::nullopt;
    co_return catalog::Refusal{refused->message(), refused->hint()};
}

Task<std::optional<catalog::Refusal>> Asking::run(Part part) {
    auto refused = co_await require_own(part);
    if (refused || part.kind == PartKind::alter_sequence) co_return refused;
    const auto failure = co_await postgres::try_script(connection_, statement(part));
    if (failure) co_return refusal(part, *failure);
    co_return std::nullopt;
}

// Of a constraint that the change itself has added before, or of one that stands.
void Asking::say_what_is_validated(Part& part) const {
    for (std::size_t place = 0; place < answer_.parts.size(); ++place) {
        const auto& added = answer_.parts[place];
        const bool binds = added.kind == PartKind::add_check || added.kind == PartKind::add_foreign_key;
        const auto& name = added.name.empty() ? answer_.says.names[place] : added.name;
        if (binds && name == part.name) return plan::copy_condition(added, part);
    }
    const auto standing = std::ranges::find(live_.constraints, part.name, &catalog::Constraint::name);
    if (standing == live_.constraints.end() || standing->validated) return;
    if (standing->type != catalog::ConstraintType::not_null) {
        const auto as_added = plan::part_of_constraint(standing->name, standing->definition, live_.name);
        if (as_added) plan::copy_condition(*as_added, part);
        return;
    }
    for (const auto& column : live_.columns) {
        if (live_.not_null_of(column.name) == &*standing) part.columns = {column.name};
    }
}

Task<void> Asking::note(Part part, StandInState before, StandInState after) {
    const std::size_t place = answer_.parts.size();
    auto& says = answer_.says;
    if (before.file_node != after.file_node) says.rewrites.insert(place);
    if (before.scans != after.scans && part.kind != PartKind::fill) says.reads.insert(place);
    const auto old_indexes = before.indexes_by_name();
    for (const auto& [name, file_node] : after.indexes_by_name()) {
        const auto old = old_indexes.find(name);
        if (old != old_indexes.end() && old->second != file_node) says.rebuilds_index.insert(place);
    }
    const auto uses = co_await find_uses(connection_, live_, part, before, stand_in_);
    if (!uses.used_by.empty()) says.used_by[place] = uses.used_by;
    if (!uses.locks.empty()) says.locks[place] = uses.locks;
    if (uses.checks_key) says.checks_key.insert(place);
    says.names.push_back(name_made(part, before, after));
    for (const auto& [oid, name] : after.index_names) {
        if (!before.index_names.contains(oid)) part.unique_key = co_await read_unique_key(connection_, oid);
    }
    if (part.kind == PartKind::validate_constraint) say_what_is_validated(part);
    const bool gives_values = part.kind == PartKind::add_column || part.kind == PartKind::fill;
    if (gives_values && !says.rewrites.contains(place) && !after.generated.contains(part.columns.front())) {
        part.computed = co_await find_computed(connection_, live_.oid, part, stand_in_);
    }
    answer_.parts.push_back(std::move(part));
}

// PRIMARY KEY reads the table for NOT NULL of its columns under its lock, if they are not NOT NULL by then.
Task<std::vector<Part>> Asking::with_not_null(Part part) {
    std::vector<Part> parts;
    const bool of_index = part.kind == PartKind::add_constraint_using_index && part.summary.ends_with("PRIMARY KEY");
    if (of_index || part.kind == PartKind::add_primary_key) {
        const std::vector<std::string_view> names(part.columns.begin(), part.columns.end());
        const auto columns = co_await connection_.query(
            "SELECT a.attname FROM pg_attribute a WHERE a.attrelid = to_regclass($1) AND NOT a.attnotnull AND "
            "CASE WHEN $2 = '' THEN a.attname = ANY ($3::name[]) "
            "ELSE EXISTS (SELECT FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE i.indrelid = a.attrelid "
            "  AND c.relname = $2 AND a.attnum = ANY (i.indkey[0:i.indnkeyatts - 1])) END ORDER BY a.attnum",
            postgres::params(stand_in_.sql(), part.index, postgres::array_literal(names)));
        for (int row = 0; row < columns.rows(); ++row) {
            Part not_null;
            not_null.kind = PartKind::set_not_null;
            not_null.columns = {columns.str(row, 0)};
            not_null.line = part.line;
            not_null.summary = fmt::format("ALTER COLUMN {} SET NOT NULL", columns.text(row, 0));
            not_null.sql = fmt::format("ALTER TABLE {} ALTER COLUMN {} SET NOT NULL", live_.name.sql(),
                                       quote_identifier(columns.text(row, 0)));
            parts.push_back(std::move(not_null));
        }
    }
    parts.push_back(std::move(part));
    co_return parts;
}

Task<bool> Asking::has_rows() {
    const auto found = co_await connection_.query(fmt::format("SELECT EXISTS (SELECT FROM ONLY {})", live_.name.sql()));
    co_return found.boolean(0, 0);
}

// What the server chooses on the stand-in must be what it would choose beside the live table.
Task<StandInState> Asking::run_until_name_is_free(Part part) {
    for (;;) {
        co_await connection_.script("SAVEPOINT pgwraith_part");
        answer_.refused = co_await run(part);
        if (answer_.refused) co_return StandInState{};
        auto after = co_await read_state(connection_, stand_in_);
        const auto chosen = part.name.empty() ? name_made(part, before_, after) : std::string();
        bool taken = false;
        if (!chosen.empty()) taken = co_await taken_names_.is_taken(chosen, part.kind);
        if (!taken) {
            co_await connection_.script("RELEASE SAVEPOINT pgwraith_part");
            co_return after;
        }
        co_await connection_.script("ROLLBACK TO SAVEPOINT pgwraith_part");
        co_await taken_names_.keep_choice(chosen, part.kind);
    }
}

Task<void> Asking::take(Part part) {
    if (part.kind == PartKind::alter_sequence) {
        const auto sql = plan::parse_user_sql(part.sql, live_.name, question_.schema);
        if (says_what_is_so(*sql.statements.at(0).sequence, live_)) {
            answer_.passed_over.push_back(part.summary);
            co_return;
        }
    }
    co_await taken_names_.keep(part);
    if (finds_invalid_index(part)) {
        answer_.refused = not_valid(part);
        co_return;
    }
    auto after = co_await run_until_name_is_free(part);
    if (answer_.refused) co_return;
    if (did_nothing(part, before_, after)) {
        answer_.passed_over.push_back(part.summary);
        co_return;
    }
    const auto unfilled = unfilled_.follow(part, before_.file_node != after.file_node, after);
    bool with_null = unfilled.has_value();
    if (with_null) with_null = co_await has_rows();
    if (with_null) {
        answer_.refused = catalog::Refusal{
            fmt::format("column {} is NOT NULL, and nothing says what existing rows get", *unfilled),
            fmt::format("Give it a DEFAULT in ADD COLUMN, or write its expression under `values`: {}.", *unfilled)};
        co_return;
    }
    co_await note(part, before_, after);
    if (part.kind == PartKind::fill) {
        before_ = co_await read_state(connection_, stand_in_);  // what was tried on it meanwhile has read it
    } else {
        before_ = std::move(after);
    }
}

Task<Answer> Asking::ask(plan::Known known) {
    const auto sql = plan::parse_user_sql(question_.sql, live_.name, question_.schema);
    references_ = sql.references;
    const shadow::CreateOptions options{question_.schema, "", {}, question_.event_triggers};
    table_ = co_await shadow::make_stand_in(connection_, live_, sql, options);
    table_.names.emplace_back(question_.schema, live_.name.schema);
    before_ = co_await read_state(connection_, stand_in_);
    for (const auto& whole : plan::split_into_parts(question_.sql, live_.name, question_.values, known)) {
        const auto parts = co_await with_not_null(whole);
        for (const auto& part : parts) {
            if (!answer_.refused) co_await take(part);
        }
        if (answer_.refused) break;
    }
    answer_.ways = plan::find_ways(answer_.parts, answer_.says, connection_.server_version());
    co_return std::move(answer_);
}

Task<void> ask_into(Connection& connection, const Table& live, const Question& question, plan::Known known,
                    Answer& answer) {
    Asking asking(connection, live, question);
    answer = co_await asking.ask(std::move(known));
}

Task<Answer> ask_and_undo(Connection& connection, const Table& live, const Question& question, plan::Known known) {
    Answer answer;
    std::exception_ptr failure;
    co_await connection.script("BEGIN");
    try {
        co_await ask_into(connection, live, question, std::move(known), answer);
    } catch (...) {
        failure = std::current_exception();
    }
    if (!is_cancellation(failure)) co_await postgres::rollback_quietly(connection);
    if (failure) std::rethrow_exception(failure);
    co_return answer;
}

// Columns whose default the server would compute for each old row: the rows can be filled in place as well.
std::set<std::string> computed_defaults(const Answer& answer) {
    std::set<std::string> columns;
    for (const std::size_t place : answer.says.rewrites) {
        const Part& part = answer.parts[place];
        if (part.kind == PartKind::add_column && part.expression) columns.insert(part.columns.front());
    }
    return columns;
}

}  // namespace

Task<Answer> ask_server(Connection& connection, Table live, Question question) {
    plan::Known known;
    for (const auto& column : live.columns) known.columns.insert(column.name);
    auto answer = co_await ask_and_undo(connection, live, question, known);
    known.computed_defaults = computed_defaults(answer);
    if (known.computed_defaults.empty() || answer.refused) co_return answer;
    co_return co_await ask_and_undo(connection, live, question, known);
}

}  // namespace pgwraith::online
