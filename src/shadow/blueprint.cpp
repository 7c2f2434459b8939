#include "pgwraith/shadow/blueprint.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "additions.h"
#include "autovacuum.h"
#include "followed_key.h"
#include "foreign_keys.h"
#include "invalid_indexes.h"
#include "moments.h"
#include "own_references.h"
#include "pgwraith/postgres/settings.h"
#include "pgwraith/shadow/attachments.h"
#include "pgwraith/shadow/flags.h"
#include "pgwraith/shadow/pair.h"
#include "pgwraith/shadow/stand_in.h"
#include "privileges.h"
#include "same_table.h"
#include "security_labels.h"
#include "sequence_names.h"
#include "sequences.h"
#include "take_down.h"
#include "try_statements.h"
#include "untouched_checks.h"
#include "user_sql.h"

namespace pgwraith::shadow {

namespace {

using catalog::Table;
using postgres::Connection;

Task<bool> is_immutable(Connection& connection, QualifiedName live, std::string schema, std::string expression) {
    // PostgreSQL takes only immutable expressions for an index; on an empty copy that costs nothing. The copy has the
    // table's name, because the expression may say it (orders.amount).
    const QualifiedName copy{schema + "_try", live.name};
    auto failure = co_await postgres::try_and_undo(
        connection, fmt::format("CREATE SCHEMA {0}; CREATE TABLE {1} (LIKE {2}); CREATE INDEX ON {1} (({3}))",
                                quote_identifier(copy.schema), copy.sql(), live.sql(), expression));
    // 42704: no default operator class, which is the type's fault, not the expression's.
    if (!failure || failure->is(postgres::sqlstate::undefined_object)) co_return true;
    // 42P17: a function in it is not immutable; 0A000: what no index can have, a subquery; 42P16: a row; 42P01: the
    // table's name with its schema.
    if (failure->is(postgres::sqlstate::invalid_object_definition) ||
        failure->is(postgres::sqlstate::undefined_table) || failure->is(postgres::sqlstate::feature_not_supported) ||
        failure->is(postgres::sqlstate::invalid_table_definition))
        co_return false;
    throw Error(ErrorKind::refused,
                fmt::format("whether the expression {} can be compared later cannot be found out: {}", expression,
                            failure->message()),
                failure->hint().empty() ? "Fix the expression, or what it uses." : failure->hint());
}

// An expression whose value depends on the moment cannot be compared later.
Task<void> leave_out_unstable(Connection& connection, QualifiedName live, std::string schema, plan::Mapping& mapping,
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

// The shadow as the live table is, before the user's statements change it. Returns the search_path in force.
Task<std::string> make_same(Connection& connection, Table live, QualifiedName name, CreateOptions options) {
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
    co_return search_path;
}

// The table, and those that play others while the user's statements run.
struct Stage {
    std::string search_path;
    std::vector<Oid> invalid_indexes;
    std::vector<StandIn> stand_ins;
};

Task<Stage> set_stage(Connection& connection, Table live, plan::UserSql sql, CreateOptions options) {
    const QualifiedName name{options.schema, live.name.name};
    Stage stage;
    stage.search_path = co_await make_same(connection, live, name, options);
    stage.invalid_indexes = co_await stand_in_invalid_indexes(connection, live, name);
    stage.stand_ins = co_await stand_in_foreign_keys(connection, live, name);
    auto referred = co_await stand_in_references(connection, sql);
    for (auto& stand_in : referred) stage.stand_ins.push_back(std::move(stand_in));
    co_return stage;
}

Task<Blueprint> make_shadow(Connection& connection, Table live, catalog::Key key, plan::UserSql sql,
                            CreateOptions options, RealNames& names) {
    const QualifiedName name{options.schema, live.name.name};
    auto stage = co_await set_stage(connection, live, sql, options);
    Actors actors;
    actors.stand_ins = std::move(stage.stand_ins);
    for (auto& known : real_names(actors.stand_ins)) names.push_back(std::move(known));
    co_await run_user_sql(connection, live, sql, options, stage.search_path, actors);
    co_await mean_the_shadow(connection, live, name);
    co_await drop_invalid_indexes(connection, name, stage.invalid_indexes);
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
    blueprint.renamed_indexes = actors.indexes.renamed();
    blueprint.renamed_constraints = actors.constraints.renamed();
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
    auto of_key = co_await indexes_of_key(connection, shadow, blueprint.mapping);
    blueprint.mapping.updatable = of_key.arbiter && co_await can_update(connection, pair);
    if (of_key.helper) blueprint.indexes.push_back(std::move(*of_key.helper));
    const auto unpublishable = co_await try_publications(connection, pair);
    blueprint.warnings.insert(blueprint.warnings.end(), unpublishable.begin(), unpublishable.end());
    const auto moments = co_await keep_one_moment(connection, shadow, blueprint.mapping);
    for (const auto& [column, said] : moments) blueprint.warnings.push_back(said);
    pair.mapping = blueprint.mapping;
    const auto narrow = co_await narrow_sequences(connection, live, blueprint);
    blueprint.warnings.insert(blueprint.warnings.end(), narrow.begin(), narrow.end());
    co_await give_owner(connection, live, shadow, blueprint.mapping);
    co_await strip(connection, shadow);
    co_await keep_autovacuum_off(connection, name, blueprint);
    co_await try_copy(connection, pair);
    co_await require_one_value(connection, pair);
    co_await leave_out_unstable(connection, live.name, options.schema, blueprint.mapping, moments);
    pair.mapping = blueprint.mapping;
    co_await try_statements(connection, pair);
    co_return blueprint;
}

}  // namespace

Task<StandInTable> make_stand_in(Connection& connection, Table live, plan::UserSql sql, CreateOptions options) {
    auto stage = co_await set_stage(connection, live, sql, options);
    co_return StandInTable{std::move(stage.search_path), real_names(stage.stand_ins)};
}

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
