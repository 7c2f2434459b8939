#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pgwraith/base/error.h"
#include "pgwraith/catalog/table.h"
#include "server_fixture.h"

namespace pgwraith::catalog {
namespace {

using ::testing::AllOf;
using testing::CatalogServer;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::Pair;

TEST_F(CatalogServer, FindsOnlyWhatIsThere) {
    EXPECT_EQ(wait(find_relation(*connection, {"cat", "order items"})), std::nullopt);
    EXPECT_TRUE(wait(find_relation(*connection, {"cat", "oi_mood"})).has_value());
}

TEST_F(CatalogServer, TableProperties) {
    const Table table = read();
    EXPECT_EQ(table.name.sql(), R"("cat"."Order Items")");
    EXPECT_EQ(table.kind, RelationKind::table);
    EXPECT_EQ(table.persistence, Persistence::permanent);
    EXPECT_EQ(table.replica_identity, IdentityKind::primary_key);
    EXPECT_EQ(table.access_method, "heap");
    EXPECT_EQ(table.storage_parameters, "fillfactor='70', toast.autovacuum_enabled='false'");
    EXPECT_EQ(table.comment, "it's a table");
    EXPECT_NE(table.file_node, 0U);
    EXPECT_EQ(table.blocks, 0U);
    EXPECT_FALSE(table.system || table.is_partition || table.has_inheritance || table.row_security);
    run(R"(INSERT INTO cat."Order Items" (part) VALUES (1))");
    EXPECT_EQ(read().blocks, 1U);
}

TEST_F(CatalogServer, ColumnsAreQualifiedWhateverTheSearchPath) {
    run(R"(SET search_path = "Other", cat)");
    const Table table = read();
    ASSERT_EQ(table.columns.size(), 9U);
    EXPECT_EQ(table.columns[1].attnum, 3);
    const Column& mood = *table.column("mood");
    EXPECT_EQ(mood.type_sql, R"("Other"."Mood")");
    EXPECT_EQ(mood.default_sql, R"('ok'::"Other"."Mood")");
    EXPECT_TRUE(mood.default_immutable);
    EXPECT_EQ(mood.collation_sql, "");
    const Column& note = *table.column("note");
    EXPECT_EQ(note.type_sql, "character varying(20)");
    EXPECT_EQ(note.base_type_sql, "character varying");
    EXPECT_EQ(note.collation_sql, R"(pg_catalog."C")");
    EXPECT_TRUE(note.default_immutable);
    EXPECT_EQ(note.statistics_target, 50);
    EXPECT_EQ(note.storage, 'e');
    EXPECT_EQ(note.default_storage, 'x');
    EXPECT_EQ(note.options, "n_distinct='-0.5'");
    EXPECT_EQ(note.comment, "a note");
    EXPECT_FALSE(table.column("made")->default_immutable);
    EXPECT_FALSE(table.column("stamp")->default_immutable);
    EXPECT_FALSE(table.column("n")->default_immutable);
    EXPECT_EQ(table.column("made")->statistics_target, std::nullopt);
    EXPECT_EQ(table.column("id")->identity, IdentityColumn::by_default);
    EXPECT_EQ(table.column("twice")->generated, Generated::stored);
    EXPECT_EQ(table.column("twice")->default_sql, "(amount * (2)::numeric)");
    EXPECT_EQ(run("SHOW search_path").text(0, 0), R"("Other", cat)");
}

TEST_F(CatalogServer, IndexesConstraintsAndStatistics) {
    const Table table = read();
    ASSERT_EQ(table.indexes.size(), 3U);
    const Index& unique = table.indexes[0];
    EXPECT_EQ(unique.name, "Order Items_n_key");
    EXPECT_TRUE(unique.unique && !unique.immediate && unique.constraint != 0);
    const Index& pkey = table.indexes[1];
    EXPECT_TRUE(pkey.primary && pkey.immediate && pkey.valid && pkey.method == "btree");
    EXPECT_THAT(pkey.key_attnums, ElementsAre(1, 3));
    const Index& mood = table.indexes[2];
    EXPECT_EQ(mood.definition,
              R"(CREATE INDEX oi_mood ON cat."Order Items" USING btree (mood, lower((note)::text)) INCLUDE (made) )"
              R"(WHERE (mood = 'ok'::"Other"."Mood"))");
    EXPECT_TRUE(mood.partial && mood.expressions && !mood.unique);
    EXPECT_THAT(mood.key_attnums, ElementsAre(4, 0));
    EXPECT_THAT(mood.statistics_targets, ElementsAre(Pair(2, 77)));
    EXPECT_EQ(mood.comment, "an index");

    EXPECT_THAT(table.constraints, Contains(AllOf(Field(&Constraint::type, ConstraintType::check),
                                                  Field(&Constraint::definition, "CHECK ((amount > (0)::numeric))"))));
    EXPECT_THAT(table.constraints,
                Contains(AllOf(Field(&Constraint::type, ConstraintType::unique), Field(&Constraint::deferrable, true),
                               Field(&Constraint::index, unique.oid))));
    ASSERT_EQ(table.statistics.size(), 1U);
    EXPECT_EQ(table.statistics[0].definition,
              R"(CREATE STATISTICS "Other".st (ndistinct) ON part, mood FROM cat."Order Items")");
    EXPECT_EQ(table.statistics[0].target, 33);
}

TEST_F(CatalogServer, GrantsAndSequences) {
    const Table table = read();
    EXPECT_FALSE(table.default_acl);
    EXPECT_THAT(table.grants, Contains(AllOf(Field(&Grant::privilege, "SELECT"), Field(&Grant::grantee, ""),
                                             Field(&Grant::column, ""))));
    EXPECT_THAT(table.grants, Contains(AllOf(Field(&Grant::privilege, "UPDATE"), Field(&Grant::grantee, "pg_monitor"),
                                             Field(&Grant::column, "note"), Field(&Grant::grantable, true))));
    ASSERT_EQ(table.sequences.size(), 2U);
    const Sequence& identity = table.sequences[0];
    EXPECT_TRUE(identity.identity && identity.column == 1 && identity.default_acl);
    EXPECT_EQ(identity.options_sql(),
              "START WITH 5 INCREMENT BY 2 MINVALUE 1 MAXVALUE 9223372036854775807 CACHE 1 NO CYCLE");
    const Sequence& serial = table.sequences[1];
    EXPECT_EQ(serial.name.sql(), R"("cat"."Order Items_n_seq")");
    EXPECT_EQ(serial.type, "integer");
    EXPECT_FALSE(serial.identity || serial.default_acl);
    EXPECT_THAT(serial.grants,
                Contains(AllOf(Field(&Grant::privilege, "USAGE"), Field(&Grant::grantee, "pg_monitor"))));
}

TEST_F(CatalogServer, ReadsInsideATransactionOfTheCallerAndKeepsItsSearchPath) {
    run(R"(BEGIN; SET LOCAL search_path = "Other"; ALTER TABLE cat."Order Items" ADD COLUMN late "Other"."Mood")");
    EXPECT_EQ(read().column("late")->type_sql, R"("Other"."Mood")");
    EXPECT_EQ(run("SHOW search_path").text(0, 0), R"("Other")");
    run("COMMIT");
    EXPECT_EQ(run("SHOW search_path").text(0, 0), "cat, public");
}

TEST_F(CatalogServer, KeyWithItsOperators) {
    const Key key = wait(choose_key(*connection, read()));
    EXPECT_EQ(key.index, "Order Items_pkey");
    ASSERT_EQ(key.columns.size(), 2U);
    EXPECT_EQ(key.columns[0].name, "id");
    EXPECT_EQ(key.columns[1].equals, "OPERATOR(pg_catalog.=)");
    EXPECT_EQ(key.columns[1].less, "OPERATOR(pg_catalog.<)");
    EXPECT_EQ(run("SELECT 1 " + key.columns[0].less + " 2").text(0, 0), "t");
}

TEST_F(CatalogServer, FloatKeysOfADomainToo) {
    run(R"(CREATE DOMAIN "Other".real_key AS float8; CREATE TABLE cat.f (k "Other".real_key PRIMARY KEY))");
    const Oid floating = *wait(find_relation(*connection, {"cat", "f"}));
    const Table table = wait(read_table(*connection, floating));
    EXPECT_THROW(wait(choose_key(*connection, table)), Error);
}

TEST_F(CatalogServer, AutoPassesOverWhatTheOperatorsForbid) {
    run("CREATE TABLE cat.f (k float8 NOT NULL UNIQUE, a int NOT NULL, b int NOT NULL, UNIQUE (a, b))");
    const Table table = wait(read_table(*connection, *wait(find_relation(*connection, {"cat", "f"}))));
    EXPECT_EQ(table.columns[0].length, 8);
    const Key key = wait(choose_key(*connection, table, {.automatic = true}));
    EXPECT_EQ(key.index, "f_a_b_key");
    EXPECT_TRUE(key.borrows_identity);
    EXPECT_EQ(key.identity().sql(), R"(USING INDEX "f_a_b_key")");
    EXPECT_THROW(wait(choose_key(*connection, table, {.index = {"", "f_k_key"}})), Error);
}

TEST_F(CatalogServer, KeysOfManyTypes) {
    run(R"(CREATE DOMAIN "Other".code AS varchar(5);
           CREATE TABLE cat.k (a uuid, b text, c numeric, d timestamptz, e bytea, f "Other"."Mood", g "Other".code,
                               h int4range, PRIMARY KEY (a, b, c, d, e, f, g, h)))");
    const Oid many = *wait(find_relation(*connection, {"cat", "k"}));
    const Table table = wait(read_table(*connection, many));
    const Key key = wait(choose_key(*connection, table));
    ASSERT_EQ(key.columns.size(), 8U);
    std::string condition = "true";
    for (const KeyColumn& column : key.columns) {
        condition += " AND l." + column.name + " " + column.equals + " r." + column.name;
    }
    EXPECT_EQ(run("SELECT count(*) FROM cat.k l, cat.k r WHERE " + condition).text(0, 0), "0");
}

}  // namespace
}  // namespace pgwraith::catalog
