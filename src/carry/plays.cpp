#include "plays.h"

#include <fmt/format.h>

namespace pgwraith::carry {

namespace {

void of_tables(std::vector<Play>& plays, const CarryContext& context, const QualifiedName& table) {
    const std::string name = table.sql();
    auto alter = [&](const std::string& what) { return fmt::format("ALTER TABLE {} {}", name, what); };
    Play play{"ALTER TABLE ", {}, {alter("SET (fillfactor = 90)"), alter("RESET (fillfactor)")}};
    if (!context.live.of_type.empty()) {
        play.commands.push_back(alter("OF " + context.live.of_type));
        play.commands.push_back(alter("NOT OF"));
    }
    plays.push_back(std::move(play));
    const std::string trigger = fmt::format(
        "CREATE TRIGGER pgwraith_try BEFORE UPDATE ON {} FOR EACH ROW EXECUTE FUNCTION "
        "pg_catalog.suppress_redundant_updates_trigger()",
        name);
    for (const char* begins : {"CREATE TRIGGER ", "CREATE CONSTRAINT TRIGGER "})
        plays.push_back({begins, {}, {trigger}});
    plays.push_back(
        {"ALTER TRIGGER ", {trigger}, {fmt::format("ALTER TRIGGER pgwraith_try ON {} RENAME TO again", name)}});
    const std::string rule =
        fmt::format("CREATE OR REPLACE RULE pgwraith_try AS ON UPDATE TO {} DO ALSO NOTHING", name);
    for (const char* begins : {"CREATE RULE ", "CREATE OR REPLACE RULE "}) plays.push_back({begins, {}, {rule}});
    const std::string policy = fmt::format("POLICY pgwraith_try ON {} USING (true)", name);
    plays.push_back({"CREATE POLICY ", {}, {"CREATE " + policy}});
    plays.push_back({"ALTER POLICY ", {"CREATE " + policy}, {"ALTER " + policy}});
    plays.push_back({"GRANT ", {}, {fmt::format("GRANT SELECT ON {} TO PUBLIC", name)}});
    plays.push_back({"REVOKE ", {}, {fmt::format("REVOKE SELECT ON {} FROM PUBLIC", name)}});
    plays.push_back({"COMMENT ON ", {}, {fmt::format("COMMENT ON TABLE {} IS ''", name)}});
    const auto index = QualifiedName{table.schema, "pgwraith_try"}.sql();
    const std::string create_index = fmt::format("CREATE INDEX pgwraith_try ON {} ((1))", name);
    plays.push_back({"CREATE INDEX ", {}, {create_index}});
    plays.push_back({"ALTER INDEX ", {create_index}, {fmt::format("ALTER INDEX {} SET (fillfactor = 90)", index)}});
    plays.push_back({"DROP INDEX ", {create_index}, {fmt::format("DROP INDEX {}", index)}});
    const auto publication = fmt::format("pgwraith_try_{}", context.live.oid);
    plays.push_back({"ALTER PUBLICATION ",
                     {"CREATE PUBLICATION " + publication},
                     {fmt::format("ALTER PUBLICATION {} ADD TABLE ONLY {}", publication, name),
                      fmt::format("ALTER PUBLICATION {} DROP TABLE ONLY {}", publication, name)}});
}

void of_views(std::vector<Play>& plays, const std::string& name) {
    for (const char* kind : {"VIEW ", "MATERIALIZED VIEW "}) {
        const std::string create = fmt::format("CREATE {}{} AS SELECT 1 AS one", kind, name);
        plays.push_back({fmt::format("CREATE {}", kind), {}, {create}});
        plays.push_back({fmt::format("DROP {}", kind), {create}, {fmt::format("DROP {}{}", kind, name)}});
        plays.push_back(
            {fmt::format("ALTER {}", kind), {create}, {fmt::format("ALTER {}{} OWNER TO CURRENT_USER", kind, name)}});
    }
    plays.push_back(
        {"CREATE OR REPLACE VIEW ", {}, {fmt::format("CREATE OR REPLACE VIEW {} AS SELECT 1 AS one", name)}});
    plays.push_back({"REFRESH MATERIALIZED VIEW ",
                     {fmt::format("CREATE MATERIALIZED VIEW {} AS SELECT 1 AS one WITH NO DATA", name)},
                     {fmt::format("REFRESH MATERIALIZED VIEW {}", name)}});
}

void of_routines(std::vector<Play>& plays, const QualifiedName& name, const std::string& old_schema) {
    const auto routine = name.sql() + "()";
    const auto function = fmt::format("CREATE OR REPLACE FUNCTION {} RETURNS int LANGUAGE sql AS 'SELECT 1'", routine);
    const auto procedure = fmt::format("CREATE OR REPLACE PROCEDURE {} LANGUAGE sql AS 'SELECT 1'", routine);
    const QualifiedName renamed{name.schema, name.name + "_renamed"};
    const auto schema = quote_identifier(old_schema);
    plays.push_back({"CREATE OR REPLACE FUNCTION ", {}, {function}});
    plays.push_back({"CREATE OR REPLACE PROCEDURE ", {}, {procedure}});
    plays.push_back({"ALTER FUNCTION ", {function}, {fmt::format("ALTER FUNCTION {} OWNER TO CURRENT_USER", routine)}});
    plays.push_back(
        {"ALTER PROCEDURE ", {procedure}, {fmt::format("ALTER PROCEDURE {} OWNER TO CURRENT_USER", routine)}});
    plays.push_back({"ALTER ROUTINE ",
                     {function, "CREATE SCHEMA " + schema},
                     {fmt::format("ALTER ROUTINE {} RENAME TO {}", routine, quote_identifier(renamed.name)),
                      fmt::format("ALTER ROUTINE {}() SET SCHEMA {}", renamed.sql(), schema)}});
    plays.push_back({"DROP ROUTINE ", {function}, {"DROP ROUTINE " + routine}});
}

}  // namespace

std::vector<Play> all_plays(const CarryContext& context, const QualifiedName& table) {
    const QualifiedName in_place{context.live.name.schema, fmt::format("pgwraith_try_{}", context.live.oid)};
    std::vector<Play> plays;
    of_tables(plays, context, table);
    of_views(plays, in_place.sql());
    of_routines(plays, in_place, context.old_schema);
    plays.push_back({"ALTER SEQUENCE ",
                     {"CREATE SEQUENCE " + in_place.sql()},
                     {fmt::format("ALTER SEQUENCE {} OWNER TO CURRENT_USER", in_place.sql())}});
    const auto key = quote_identifier(context.pair.mapping.key.front().shadow_name);
    const std::string statistics =
        fmt::format("CREATE STATISTICS {} ON ({}::text || '') FROM {}", in_place.sql(), key, table.sql());
    plays.push_back({"CREATE STATISTICS ", {}, {statistics}});
    plays.push_back(
        {"ALTER STATISTICS ", {statistics}, {fmt::format("ALTER STATISTICS {} RENAME TO again", in_place.sql())}});
    return plays;
}

}  // namespace pgwraith::carry
