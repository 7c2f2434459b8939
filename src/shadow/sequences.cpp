#include "sequences.h"

#include <fmt/format.h>

#include <algorithm>

namespace pgwraith::shadow {

namespace {

using catalog::Sequence;
using postgres::Connection;

// 0: no integer type. A numeric column holds all that a bigint sequence gives.
int width(const std::string& type) {
    if (type == "smallint") return 2;
    if (type == "integer") return 4;
    return type == "bigint" || type.starts_with("numeric") ? 8 : 0;
}

const char* type_of_width(int bytes) { return bytes == 2 ? "smallint" : bytes == 4 ? "integer" : "bigint"; }

[[noreturn]] void refuse(const plan::Statement& statement, const std::string& what, const std::string& hint) {
    throw Error(ErrorKind::refused, fmt::format("sql, line {}: {}", statement.line, what), hint);
}

// The sequences outside the shadow that may be altered: that a column owns, and that a default uses.
Task<std::vector<Sequence>> outside_sequences(Connection& connection, Oid live) {
    const auto rows = co_await connection.query(
        "SELECT DISTINCT c.oid, n.nspname, c.relname, format_type(s.seqtypid, NULL), "
        "       CASE WHEN o.refobjsubid > 0 THEN o.refobjsubid ELSE f.adnum END, o.refobjsubid > 0, "
        "       pg_has_role(c.relowner, 'USAGE'), s.seqstart, s.seqmin, s.seqmax, s.seqincrement, s.seqcache, "
        "       s.seqcycle, pg_get_userbyid(c.relowner) "
        "  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_sequence s ON s.seqrelid = c.oid "
        "  LEFT JOIN pg_depend o ON o.classid = 'pg_class'::regclass AND o.objid = c.oid AND o.refobjid = $1::oid "
        "       AND o.refclassid = 'pg_class'::regclass AND o.deptype = 'a' "
        "  LEFT JOIN pg_depend u ON u.refclassid = 'pg_class'::regclass AND u.refobjid = c.oid "
        "       AND u.classid = 'pg_attrdef'::regclass "
        "  LEFT JOIN pg_attrdef f ON f.oid = u.objid AND f.adrelid = $1::oid "
        " WHERE c.relkind = 'S' AND (o.objid IS NOT NULL OR f.oid IS NOT NULL) "
        "   AND NOT EXISTS (SELECT FROM pg_depend i WHERE i.classid = 'pg_class'::regclass AND i.objid = c.oid "
        "                      AND i.deptype = 'i') ORDER BY 2, 3",
        postgres::params(std::to_string(live)));
    std::vector<Sequence> sequences;
    for (int row = 0; row < rows.rows(); ++row) {
        Sequence sequence;
        sequence.oid = rows.oid(row, 0);
        if (std::ranges::find(sequences, sequence.oid, &Sequence::oid) != sequences.end()) continue;
        sequence.name = {rows.str(row, 1), rows.str(row, 2)};
        sequence.type = rows.str(row, 3);
        sequence.column = static_cast<int>(rows.int64(row, 4));
        sequence.start = rows.int64(row, 7);
        sequence.minimum = rows.int64(row, 8);
        sequence.maximum = rows.int64(row, 9);
        sequence.increment = rows.int64(row, 10);
        sequence.cache = rows.int64(row, 11);
        sequence.cycle = rows.boolean(row, 12);
        sequence.owner = rows.str(row, 13);
        sequences.push_back(std::move(sequence));
    }
    co_return sequences;
}

// On a sequence of the same kind and value, which nobody else sees.
Task<std::optional<postgres::PgError>> try_on_stand_in(Connection& connection, Sequence sequence, std::string schema,
                                                       std::string options) {
    const QualifiedName stand_in{schema, "pgwraith_sequence"};
    auto make = fmt::format("CREATE SEQUENCE {} AS {} {}", stand_in.sql(), sequence.type, sequence.options_sql());
    const auto readable = co_await connection.query("SELECT has_sequence_privilege($1::oid, 'SELECT')",
                                                    postgres::params(std::to_string(sequence.oid)));
    if (readable.boolean(0, 0)) {
        make += fmt::format("; SELECT setval({}, last_value, is_called) FROM {}", quote_literal(stand_in.sql()),
                            sequence.name.sql());
    }
    co_return co_await postgres::try_and_undo(connection,
                                              make + fmt::format("; ALTER SEQUENCE {} {}", stand_in.sql(), options));
}

}  // namespace

Task<void> run_sequence_statement(Connection& connection, catalog::Table live, std::string schema,
                                  plan::Statement statement, std::vector<SequenceAtSwap>& changes) {
    const plan::SequenceChange& asked = *statement.sequence;
    const std::string shown = asked.schema.empty() ? asked.name : asked.schema + "." + asked.name;
    if (asked.schema.empty() || asked.schema == live.name.schema) {
        const QualifiedName own{schema, asked.name};
        const auto found = co_await connection.query(
            "SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
            "WHERE n.nspname = $1 AND c.relname = $2 AND c.relkind = 'S'",
            postgres::params(own.schema, own.name));
        if (!found.empty()) {
            if (asked.options.empty()) co_return;
            const auto failure = co_await postgres::try_script(
                connection, fmt::format("ALTER SEQUENCE {} {}", own.sql(), asked.options));
            if (failure) refuse(statement, "the server refuses it: " + failure->message(), failure->hint());
            co_return;
        }
    }
    const auto sequences = co_await outside_sequences(connection, live.oid);
    const Sequence* sequence = nullptr;
    for (const auto& one : sequences) {
        if (one.name.name != asked.name || (!asked.schema.empty() && one.name.schema != asked.schema)) continue;
        if (sequence == nullptr || one.name.schema == live.name.schema) sequence = &one;
    }
    if (sequence == nullptr) {
        const auto name =
            asked.schema.empty() ? quote_identifier(asked.name) : QualifiedName{asked.schema, asked.name}.sql();
        const auto there = co_await connection.query("SELECT to_regclass($1) IS NOT NULL", postgres::params(name));
        if (!there.boolean(0, 0) && asked.if_exists) {
            spdlog::info("sql, line {}: there is no sequence {}; ALTER SEQUENCE IF EXISTS is skipped", statement.line,
                         shown);
            co_return;
        }
        if (!there.boolean(0, 0)) {
            refuse(statement, fmt::format("there is no sequence {}", shown), "Correct the name, or write IF EXISTS.");
        }
        refuse(statement,
               fmt::format("no column of {} owns the sequence {}, and no default uses it", live.name.sql(), shown),
               "Run it by hand, before or after the migration.");
    }
    const auto* column = live.column_at(sequence->column);
    const bool owned = std::ranges::find(live.sequences, sequence->oid, &Sequence::oid) != live.sequences.end();
    if (asked.owned_by && (!owned || column == nullptr || column->name != *asked.owned_by)) {
        refuse(statement, fmt::format("ALTER SEQUENCE … OWNED BY changes the owner of {}", shown),
               "Run it by hand, before or after the migration.");
    }
    if (asked.options.empty()) co_return;
    const auto failure = co_await try_on_stand_in(connection, *sequence, schema, asked.options);
    if (failure) refuse(statement, "the server refuses it: " + failure->message(), failure->hint());
    const auto rights = co_await connection.query("SELECT pg_has_role($1, 'USAGE')", postgres::params(sequence->owner));
    if (!rights.boolean(0, 0)) {
        refuse(statement, fmt::format("the sequence {} belongs to {}", shown, sequence->owner),
               fmt::format("GRANT {} to the role, or let its owner run the statement.", sequence->owner));
    }
    changes.push_back({sequence->name, asked.options, asked.sets_type});
}

void widen_sequences(const catalog::Table& live, const plan::Mapping& mapping, std::vector<SequenceAtSwap>& changes) {
    for (const auto& sequence : live.sequences) {
        if (sequence.identity) continue;
        const auto* old = live.column_at(sequence.column);
        if (old == nullptr) continue;
        const auto column = std::ranges::find(mapping.columns, std::optional(old->name), &plan::MappedColumn::old_name);
        if (column == mapping.columns.end()) continue;
        const int needed = width(column->type_sql);
        if (needed <= width(old->base_type_sql) || needed <= width(sequence.type)) continue;
        const bool said = std::ranges::any_of(
            changes, [&](const SequenceAtSwap& one) { return one.name == sequence.name && one.sets_type; });
        if (!said) changes.push_back({sequence.name, fmt::format("AS {}", type_of_width(needed)), true});
    }
}

Task<std::vector<std::string>> narrow_sequences(Connection& connection, catalog::Table live, Blueprint blueprint) {
    std::vector<std::string> warnings;
    const auto sequences = co_await outside_sequences(connection, live.oid);
    for (const auto& sequence : sequences) {
        const auto* old = live.column_at(sequence.column);
        if (old == nullptr) continue;
        const auto& columns = blueprint.mapping.columns;
        const auto column = std::ranges::find(columns, std::optional(old->name), &plan::MappedColumn::old_name);
        const bool changed = std::ranges::any_of(
            blueprint.sequences, [&](const SequenceAtSwap& one) { return one.name == sequence.name && one.sets_type; });
        if (column == columns.end() || changed || width(column->type_sql) <= width(sequence.type)) continue;
        warnings.push_back(fmt::format(
            "the sequence {0} stays {1}: inserts stop at {2}, although the column {3} is {4}; add \"ALTER SEQUENCE {0} "
            "AS bigint\" to `sql`",
            sequence.name.sql(), sequence.type, sequence.maximum, quote_identifier(column->name), column->type_sql));
    }
    co_return warnings;
}

}  // namespace pgwraith::shadow
