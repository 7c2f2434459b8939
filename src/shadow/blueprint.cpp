#include "pgwraith/shadow/blueprint.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "additions.h"
#include "autovacuum.h"
#include "followed_key.h"
#include "foreign_keys.h"
#include "invalid_indexes.h"
#include "moments.h"
#include "own_references.h"
#include "parts.h"
#include "pgwraith/catalog/qualified.h"
#include "pgwraith/plan/server_text.h"
#include "pgwraith/plan/spelling.h"
#include "pgwraith/postgres/settings.h"
#include "pgwraith/shadow/attachments.h"
#include "pgwraith/shadow/flags.h"
#include "pgwraith/shadow/pair.h"
#include "privileges.h"
#include "security_labels.h"
#include "sequence_names.h"
#include "sequences.h"
#include "try_statements.h"
#include "untouched_checks.h"
#include "user_sql.h"

namespace pgwraith::shadow {

namespace {

using catalog::Constraint;
using catalog::Index;
using catalog::Table;
using postgres::Connection;

bool stands_on_plain_index(const Constraint& constraint, const Index* index) {
    return (constraint.type == 'p' || constraint.type == 'u') && index != nullptr && index->method == "btree";
}

std::string constraint_on_index_sql(const Constraint& constraint, const std::string& table) {
    return fmt::format(
        "ALTER TABLE {} ADD CONSTRAINT {} {} USING INDEX {}{}", table, quote_identifier(constraint.name),
        constraint.type == 'p' ? "PRIMARY KEY" : "UNIQUE", quote_identifier(constraint.name),
        constraint.deferrable ? (constraint.deferred ? " DEFERRABLE INITIALLY DEFERRED" : " DEFERRABLE") : "");
}

std::string add_constraint_sql(const Constraint& constraint, const std::string& table) {
    return plan::in_same_words(fmt::format("ALTER TABLE {} ADD CONSTRAINT {} {}", table,
                                           quote_identifier(constraint.name), constraint.definition));
}

}  // namespace

std::string drop_constraint_sql(const Constraint& constraint, const std::string& table) {
    return fmt::format("ALTER TABLE {} DROP CONSTRAINT {}", table, quote_identifier(constraint.name));
}

namespace {

// Says nothing about the rows that are there already, which is what the shadow is filled with. NOT NULL is among the
// constraints from PostgreSQL 18 on.
bool binds_new_rows_only(const Constraint& constraint) {
    return (constraint.type == 'c' || constraint.type == 'n') && !constraint.validated;
}

}  // namespace

std::vector<std::string> constraint_and_comment(const Constraint& constraint, const std::string& table) {
    std::vector<std::string> sql{add_constraint_sql(constraint, table)};
    if (constraint.comment) {
        sql.push_back(fmt::format("COMMENT ON CONSTRAINT {} ON {} IS {}", quote_identifier(constraint.name), table,
                                  quote_literal(*constraint.comment)));
    }
    return sql;
}

std::string column_sql(const std::string& table, const std::string& column, const std::string& what) {
    return fmt::format("ALTER TABLE {} ALTER COLUMN {} {}", table, quote_identifier(column), what);
}

// The definition does not say it; the setting does, by the bare name, and an empty one is the database's default.
std::string tablespace_sql(const Index& index) {
    return fmt::format("SET default_tablespace = {}; ", quote_literal(index.tablespace));
}

namespace {

std::string index_sql(const Index& index, const std::string& table) {
    return tablespace_sql(index) + plan::in_same_words(plan::on_table(index.definition, table));
}

}  // namespace

std::vector<std::string> index_settings(const Table& of, const Index& index, const QualifiedName& table) {
    std::vector<std::string> sql;
    QualifiedName name{table.schema, index.name};
    for (auto [column, target] : index.statistics_targets) {
        sql.push_back(fmt::format("ALTER INDEX {} ALTER COLUMN {} SET STATISTICS {}", name.sql(), column, target));
    }
    for (std::size_t begin = 0; begin < index.extensions.size();) {
        const auto end = std::min(index.extensions.find('\n', begin), index.extensions.size());
        sql.push_back(fmt::format("ALTER INDEX {} DEPENDS ON EXTENSION {}", name.sql(),
                                  index.extensions.substr(begin, end - begin)));
        begin = end + 1;
    }
    if (index.comment)
        sql.push_back(fmt::format("COMMENT ON INDEX {} IS {}", name.sql(), quote_literal(*index.comment)));
    for (const auto& constraint : of.constraints) {
        if (constraint.index != index.oid || !constraint.comment) continue;
        sql.push_back(fmt::format("COMMENT ON CONSTRAINT {} ON {} IS {}", quote_identifier(constraint.name),
                                  table.sql(), quote_literal(*constraint.comment)));
    }
    if (index.clustered) {
        sql.push_back(fmt::format("ALTER TABLE {} CLUSTER ON {}", table.sql(), quote_identifier(index.name)));
    }
    if (index.replica_identity) {
        sql.push_back(
            fmt::format("ALTER TABLE {} REPLICA IDENTITY USING INDEX {}", table.sql(), quote_identifier(index.name)));
    }
    return sql;
}

namespace {

const char* storage_name(char storage) {
    switch (storage) {
        case 'p':
            return "PLAIN";
        case 'm':
            return "MAIN";
        case 'e':
            return "EXTERNAL";
        default:
            return "EXTENDED";
    }
}

// int[][] is int[] to the server, which remembers how it was declared all the same; LIKE does not. Giving the type
// again sets its storage back. The server refuses where a generated column stands on the column: there it stays
// forgotten.
Task<void> restore_dimensions(Connection& connection, Table live, QualifiedName shadow) {
    for (const auto& column : live.columns) {
        if (column.dimensions == 0 || !column.type_sql.ends_with("[]")) continue;
        std::string type = column.type_sql;
        for (int more = 1; more < column.dimensions; ++more) type += "[]";
        if (!column.collation_sql.empty()) type += " COLLATE " + column.collation_sql;
        std::string sql = column_sql(shadow.sql(), column.name, "TYPE " + type);
        if (column.storage != column.default_storage) {
            sql += "; " +
                   column_sql(shadow.sql(), column.name, fmt::format("SET STORAGE {}", storage_name(column.storage)));
        }
        co_await connection.script("SAVEPOINT pgwraith_dimensions");
        const auto failure = co_await postgres::try_script(connection, sql);
        if (failure) co_await connection.script("ROLLBACK TO SAVEPOINT pgwraith_dimensions");
    }
}

// The empty table: columns and all that is said about them.
Task<void> create_table(Connection& connection, Table live, QualifiedName shadow) {
    // (No conditional operator within an awaiting expression: g++ 12 destroys its temporaries twice.)
    std::string clauses = " USING " + quote_identifier(live.access_method.empty() ? "heap" : live.access_method);
    if (!live.storage_parameters.empty()) clauses += " WITH (" + live.storage_parameters + ")";
    // Said in any case: the role may have a default of its own.
    std::string tablespace = live.tablespace;
    if (tablespace.empty()) {
        const auto name = co_await connection.query(
            "SELECT spcname FROM pg_tablespace s JOIN pg_database d ON d.dattablespace = s.oid WHERE datname = "
            "current_database()");
        tablespace = name.str(0, 0);
    }
    clauses += " TABLESPACE " + quote_identifier(tablespace);
    co_await connection.script(
        fmt::format("CREATE TABLE {} (LIKE {} INCLUDING DEFAULTS INCLUDING GENERATED INCLUDING STORAGE INCLUDING "
                    "COMPRESSION INCLUDING COMMENTS){}",
                    shadow.sql(), live.name.sql(), clauses));
    co_await restore_dimensions(connection, live, shadow);
    std::string sql;
    for (const auto& column : live.columns) {
        if (column.statistics_target) {
            sql += column_sql(shadow.sql(), column.name, fmt::format("SET STATISTICS {}; ", *column.statistics_target));
        }
        if (!column.options.empty())
            sql += column_sql(shadow.sql(), column.name, fmt::format("SET ({}); ", column.options));
    }
    for (const auto& sequence : live.sequences) {
        if (!sequence.identity) continue;
        const auto* column = live.column_at(sequence.column);
        ensure(column != nullptr, "an identity sequence has a column");
        sql += column_sql(shadow.sql(), column->name,
                          fmt::format("ADD GENERATED {} AS IDENTITY (SEQUENCE NAME {} {}); ",
                                      column->identity == 'a' ? "ALWAYS" : "BY DEFAULT",
                                      QualifiedName{shadow.schema, sequence.name.name}.sql(), sequence.options_sql()));
    }
    if (!live.of_type.empty()) sql += fmt::format("ALTER TABLE {} OF {}; ", shadow.sql(), live.of_type);
    if (live.comment) sql += fmt::format("COMMENT ON TABLE {} IS {}; ", shadow.sql(), quote_literal(*live.comment));
    const bool by_no_index = live.replica_identity == 'f' || live.replica_identity == 'n';
    if (by_no_index) sql += fmt::format("ALTER TABLE {} REPLICA IDENTITY {}; ", shadow.sql(), live.identity().sql());
    if (!sql.empty()) co_await connection.script(sql);
}

// Indexes and constraints, so that the user's statements find and change them.
Task<void> create_part(Connection& connection, std::string what, std::string sql, std::string search_path) {
    auto failure = co_await postgres::try_script(connection, std::move(sql));
    if (!failure) co_return;
    throw Error(ErrorKind::refused,
                fmt::format("{} cannot be made for the new table: {} (the search_path in force is {})", what,
                            failure->message(), search_path),
                failure->hint().empty() ? "Mend what it uses, or drop it." : failure->hint());
}

Task<void> create_parts(Connection& connection, Table live, QualifiedName shadow, std::string search_path) {
    const auto referenced = co_await referenced_indexes(connection, live.oid);
    const auto is_referenced = [&](const Index& index) {
        return std::ranges::find(referenced, index.oid) != referenced.end();
    };
    std::stable_partition(live.indexes.begin(), live.indexes.end(), is_referenced);
    for (const auto& index : live.indexes) {
        if (!index.valid) continue;
        const Constraint* owner = nullptr;
        for (const auto& constraint : live.constraints) {
            if (constraint.index == index.oid && constraint.type != 'f') owner = &constraint;
        }
        if (owner == nullptr || stands_on_plain_index(*owner, &index)) {
            co_await create_part(connection, "index " + quote_identifier(index.name), index_sql(index, shadow.sql()),
                                 search_path);
            if (owner != nullptr) co_await connection.script(constraint_on_index_sql(*owner, shadow.sql()));
        } else {
            co_await create_part(connection, "constraint " + quote_identifier(owner->name),
                                 tablespace_sql(index) + add_constraint_sql(*owner, shadow.sql()), search_path);
        }
        for (const auto& sql : index_settings(live, index, shadow)) co_await connection.script(sql);
    }
    for (const auto& constraint : live.constraints) {
        const bool made_valid = constraint.type == 'n' && !constraint.validated;  // by CREATE TABLE … (LIKE …)
        if (constraint.type != 'c' && !made_valid) continue;
        if (made_valid) co_await connection.script(drop_constraint_sql(constraint, shadow.sql()));
        for (const auto& sql : constraint_and_comment(constraint, shadow.sql())) {
            co_await create_part(connection, "constraint " + quote_identifier(constraint.name), sql, search_path);
        }
    }
}

// Until it has its final replica identity it has FULL: a publication of all tables, there or yet to come, would make
// our own DELETEs of its rows fail otherwise.
std::string identity_sql(const Table& shadow, const char* identity) {
    return fmt::format("ALTER TABLE {} REPLICA IDENTITY {}", shadow.name.sql(), identity);
}

// By an index that the user's statements have dropped.
bool identity_is_gone(const Table& shadow) {
    return shadow.replica_identity == 'i' && std::ranges::none_of(shadow.indexes, &Index::replica_identity);
}

// An index that is one takes over as soon as it is built, see index_settings().
void plan_identity(const Table& shadow, Blueprint& blueprint) {
    if (shadow.replica_identity == 'n') blueprint.at_swap_sql.push_back(identity_sql(shadow, "NOTHING"));
    const bool index_gone = identity_is_gone(shadow);
    if (index_gone) {
        blueprint.warnings.push_back(
            "the index that is the table's replica identity goes with the change: the new table has REPLICA IDENTITY "
            "DEFAULT");
    }
    if (shadow.replica_identity != 'd' && !index_gone) return;
    for (const auto& index : shadow.indexes) {
        if (!index.primary || !index.immediate) continue;
        for (auto& plan : blueprint.indexes) {
            if (plan.name != index.name) continue;
            plan.after_sql.push_back(identity_sql(shadow, "DEFAULT"));
            return;
        }
    }
    blueprint.at_swap_sql.push_back(identity_sql(shadow, "DEFAULT"));
}

// What the finished shadow is to have, from what it has while it is empty.
Blueprint take_down(const Table& shadow) {
    Blueprint blueprint;
    blueprint.shadow_oid = shadow.oid;
    for (const auto& index : shadow.indexes) {
        IndexPlan plan;
        plan.name = index.name;
        plan.unique = index.unique;
        if (index.unique && !index.partial && !index.expressions) {
            for (auto attnum : index.key_attnums) plan.key_columns.push_back(shadow.column_at(attnum)->name);
        }
        plan.create_sql = index_sql(index, shadow.name.sql());
        plan.after_sql = index_settings(shadow, index, shadow.name);
        bool own = true;
        for (const auto& constraint : shadow.constraints) {
            if (constraint.index != index.oid || constraint.type == 'f') continue;
            if (stands_on_plain_index(constraint, &index)) {
                plan.constraint_sql = constraint_on_index_sql(constraint, shadow.name.sql());
            } else {
                own = false;
                blueprint.after_build_sql.push_back(tablespace_sql(index) +
                                                    add_constraint_sql(constraint, shadow.name.sql()));
                for (const auto& sql : plan.after_sql) blueprint.after_build_sql.push_back(sql);
            }
        }
        if (own) blueprint.indexes.push_back(std::move(plan));
    }
    for (const auto& constraint : shadow.constraints) {
        if (!binds_new_rows_only(constraint)) continue;
        for (auto& sql : constraint_and_comment(constraint, shadow.name.sql())) {
            blueprint.at_swap_sql.push_back(std::move(sql));
        }
    }
    plan_identity(shadow, blueprint);
    return blueprint;
}

// PostgreSQL lets a new foreign key stand on the oldest index that fits. Where there are several on the same columns,
// the one that it stands on while the shadow is empty, as after the plain statements, is to be the oldest again.
void build_first(Blueprint& blueprint, const QualifiedName& table) {
    auto columns = [](const IndexPlan& index) {
        return std::set<std::string>(index.key_columns.begin(), index.key_columns.end());
    };
    for (auto& index : blueprint.indexes) {
        const bool referenced = std::ranges::any_of(blueprint.foreign_keys, [&](const ForeignKey& key) {
            return key.parent == table && key.parent_index == index.name;
        });
        const auto alike = std::ranges::count_if(blueprint.indexes, [&](const IndexPlan& other) {
            return other.unique && !other.key_columns.empty() && columns(other) == columns(index);
        });
        index.first = referenced && alike > 1;
    }
}

// Nothing that slows the copy, and nothing that binds new rows only: the copied ones are old.
Task<void> strip(Connection& connection, Table shadow) {
    std::string sql;
    if (shadow.replica_identity != 'f') sql += identity_sql(shadow, "FULL") + "; ";
    for (const auto& constraint : shadow.constraints) {
        bool indexed = constraint.type == 'p' || constraint.type == 'u' || constraint.type == 'x';
        if (indexed || binds_new_rows_only(constraint))
            sql += drop_constraint_sql(constraint, shadow.name.sql()) + "; ";
    }
    for (const auto& index : shadow.indexes) {
        if (index.constraint == 0)
            sql += fmt::format("DROP INDEX {}; ", QualifiedName{shadow.name.schema, index.name}.sql());
    }
    if (!sql.empty()) co_await connection.script(sql);
}

Task<bool> is_immutable(Connection& connection, QualifiedName live, std::string schema, std::string expression) {
    // PostgreSQL takes only immutable expressions for an index; on an empty copy that costs nothing.
    const QualifiedName copy{schema, "pgwraith_try"};
    auto failure = co_await postgres::try_and_undo(
        connection,
        fmt::format("CREATE TABLE {0} (LIKE {1}); CREATE INDEX ON {0} (({2}))", copy.sql(), live.sql(), expression));
    // 42704: no default operator class, which is the type's fault, not the expression's.
    if (!failure || failure->is("42704")) co_return true;
    // 42P17: a function in it is not immutable; 0A000: what no index can have, a subquery; 42P16: a row.
    if (failure->is("42P17") || failure->is("0A000") || failure->is("42P16")) co_return false;
    throw Error(ErrorKind::refused,
                fmt::format("whether the expression {} can be compared later cannot be found out: {}", expression,
                            failure->message()),
                failure->hint().empty() ? "Mend the expression, or what it uses." : failure->hint());
}

// An expression whose value depends on the moment cannot be compared later.
Task<void> settle_verification(Connection& connection, QualifiedName live, std::string schema, plan::Mapping& mapping,
                               std::map<std::string, std::string> moments) {
    for (auto& column : mapping.columns) {
        const bool may_depend = column.origin == "values" || column.origin == "USING" || moments.contains(column.name);
        if (!column.verify_expression || !may_depend) continue;
        if (co_await is_immutable(connection, live, schema, *column.expression)) continue;
        column.verify_expression.reset();
    }
}

}  // namespace

Task<void> take_off(Connection& connection, Oid shadow_oid) {
    co_await strip(connection, co_await catalog::read_table(connection, shadow_oid));
}

namespace {

Task<Blueprint> make_shadow(Connection& connection, Table live, catalog::Key key, plan::UserSql sql,
                            CreateOptions options, RealNames& names) {
    QualifiedName name{options.schema, live.name.name};
    co_await connection.script(fmt::format("CREATE SCHEMA {}; COMMENT ON SCHEMA {} IS {}",
                                           quote_identifier(options.schema), quote_identifier(options.schema),
                                           quote_literal(options.marker)));
    co_await create_table(connection, live, name);
    co_await give_security_labels(connection, live, name);
    const auto search_path = co_await postgres::path_in_words(connection);
    co_await create_parts(connection, live, name, search_path);
    co_await create_statistics(connection, live, name);
    co_await take_off_additions(connection, name);
    co_await require_same(connection, live, name, options.event_triggers);
    const auto invalid = co_await stand_in_invalid_indexes(connection, live, name);
    Actors actors;
    actors.stand_ins = co_await stand_in_foreign_keys(connection, live, name);
    auto referred = co_await stand_in_references(connection, sql);
    for (auto& stand_in : referred) actors.stand_ins.push_back(std::move(stand_in));
    for (auto& known : real_names(actors.stand_ins)) names.push_back(std::move(known));
    co_await run_user_sql(connection, live, sql, options, search_path, actors);
    co_await mean_the_shadow(connection, live, name);
    co_await drop_invalid_indexes(connection, name, invalid);
    co_await take_off_additions(connection, name);
    auto foreign_keys = co_await take_foreign_keys(connection, live.name, name, actors.stand_ins);

    co_await number_sequence_names(connection, live.oid, live.name, options.schema);
    const auto taken = co_await find_taken_name(connection, live, options.schema);
    if (taken) throw Error(ErrorKind::refused, *taken, "Choose another name in `sql`.");
    auto oid = co_await catalog::find_relation(connection, name);
    ensure(oid.has_value(), "the shadow exists after the user's statements");
    auto shadow = co_await catalog::read_table(connection, *oid);
    auto blueprint = take_down(shadow);
    blueprint.foreign_keys = std::move(foreign_keys);
    build_first(blueprint, live.name);
    blueprint.mapping = plan::map_columns(live, key, shadow, sql, options.values);
    const auto live_flags = co_await catalog::read_flags(connection, live.oid);
    auto flags = co_await catalog::read_flags(connection, shadow.oid);
    const catalog::ReplicaIdentity by_default;
    if (identity_is_gone(shadow)) catalog::set_identity(flags, by_default);
    blueprint.flags = changed_flags(live_flags, flags, blueprint.mapping);
    widen_sequences(live, blueprint.mapping, actors.sequences);
    blueprint.sequences = std::move(actors.sequences);
    blueprint.untouched_checks = co_await find_untouched_checks(connection, live, shadow, blueprint.mapping);
    Pair pair{live.oid, live.name, shadow.oid, name, blueprint.mapping};
    auto helper = co_await helper_index(connection, shadow, blueprint.mapping);
    if (helper) blueprint.indexes.push_back(std::move(*helper));
    const auto unpublishable = co_await try_publications(connection, pair);
    blueprint.warnings.insert(blueprint.warnings.end(), unpublishable.begin(), unpublishable.end());
    const auto moments = co_await keep_one_moment(connection, shadow, blueprint.mapping);
    for (const auto& [column, said] : moments) blueprint.warnings.push_back(said);
    pair.mapping = blueprint.mapping;
    const auto narrow = co_await narrow_sequences(connection, live, blueprint);
    blueprint.warnings.insert(blueprint.warnings.end(), narrow.begin(), narrow.end());
    co_await give_owner(connection, live, shadow, blueprint.mapping);
    co_await strip(connection, shadow);
    const auto parameters = co_await keep_autovacuum_off(connection, shadow.oid, name);
    blueprint.at_swap_sql.insert(blueprint.at_swap_sql.end(), parameters.begin(), parameters.end());
    co_await try_copy(connection, pair);
    co_await settle_verification(connection, live.name, options.schema, blueprint.mapping, moments);
    pair.mapping = blueprint.mapping;
    co_await try_statements(connection, pair);
    co_return blueprint;
}

}  // namespace

// What the server says is said in the user's names.
Task<Blueprint> create_shadow(Connection& connection, Table live, catalog::Key key, plan::UserSql sql,
                              CreateOptions options) {
    RealNames names{{options.schema, live.name.schema}};
    std::optional<Error> refused;
    std::optional<Blueprint> blueprint;
    try {
        blueprint = co_await make_shadow(connection, live, key, sql, options, names);
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::refused) throw;
        refused = error;
    }
    if (!refused) co_return *std::move(blueprint);
    throw Error(ErrorKind::refused, with_real_names(refused->message(), names),
                with_real_names(refused->hint(), names));
}

}  // namespace pgwraith::shadow
