#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pgwraith/catalog/definition.h"
#include "pgwraith/catalog/fingerprint.h"
#include "pgwraith/catalog/preflight.h"
#include "server_fixture.h"

namespace pgwraith::catalog {
namespace {

using testing::CatalogServer;
using ::testing::Contains;
using testing::dependents_sql;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

TEST_F(CatalogServer, TableAloneHasNoDependentsAndPasses) {
    const Table table = read();
    EXPECT_THAT(wait(read_dependents(*connection, table)), IsEmpty());
    EXPECT_THAT(wait(check_table(*connection, table)).refusals, IsEmpty());
}

TEST_F(CatalogServer, EveryDependentIsNamedOnce) {
    run(dependents_sql);
    std::vector<std::string> found;
    for (const Dependent& dependent : wait(read_dependents(*connection, read()))) {
        found.push_back(std::string(dependent_kind_name(dependent.kind)) + ": " + dependent.identity);
    }
    EXPECT_THAT(
        found,
        ElementsAre(
            R"(foreign key of the table: table constraint to_parent on cat."Order Items")",
            R"(foreign key to the table: table constraint child_fk on "Other".child)",
            R"(view on the table: view "Other".v)", R"(materialized view on the table: materialized view cat.mv)",
            R"(rule: rule r on cat."Order Items")", R"(trigger: trigger ctr on cat."Order Items")",
            R"(trigger: trigger tr on cat."Order Items")", R"(policy: policy p on cat."Order Items")",
            R"(policy of another table: policy fp on cat.parent)", R"(row level security: enabled)",
            R"(publication of the table: publication relation cat."Order Items" in publication pgwraith_test_table)",
            R"(publication of the table's schema: publication namespace cat in publication pgwraith_test_schema)",
            R"(function: function cat.agg_step(integer,cat."Order Items"))", R"(function: function cat.sqlf())",
            R"(aggregate over the table's rows: aggregate cat.agg(cat."Order Items"))",
            R"(use of the table's row type: cast (cat."Order Items" AS pg_catalog.text))",
            R"(use of the table's row type: table "Other".user_of_type)", R"(inheritance: table "Other".heir)",
            R"(use of a sequence that the table owns: default value for "Other".heir.n)",
            R"(use of a sequence that the table owns: default value for "Other".seq_user.n)"));
    std::vector<std::string> refused;
    for (const Refusal& refusal : refuse_dependents(wait(read_dependents(*connection, read()))))
        refused.push_back(refusal.reason);
    EXPECT_THAT(refused,
                ElementsAre(HasSubstr("cat.agg("), HasSubstr("cast ("), HasSubstr("user_of_type"), HasSubstr("heir")));
}

TEST_F(CatalogServer, WhatTheMigrationMakesIsNoDependent) {
    const Definition before = define();
    const std::string name = std::to_string(oid);
    run("DROP SCHEMA IF EXISTS pgwraith_new_" + name + " CASCADE; CREATE SCHEMA pgwraith_new_" + name +
        "; CREATE TABLE pgwraith_new_" + name +
        R"(."Order Items" (LIKE cat."Order Items" INCLUDING DEFAULTS); CREATE PUBLICATION pgwraith_)" + name +
        R"( FOR TABLE cat."Order Items" (id, part))");
    EXPECT_THAT(wait(read_dependents(*connection, read())), IsEmpty());
    EXPECT_THAT(differences(before, define()), IsEmpty());
    run("DROP PUBLICATION pgwraith_" + name + "; DROP SCHEMA pgwraith_new_" + name + " CASCADE");
}

std::vector<DependentKind> kinds_of(const std::vector<Dependent>& dependents) {
    std::vector<DependentKind> kinds;
    for (const Dependent& dependent : dependents) {
        kinds.push_back(dependent.kind);
    }
    return kinds;
}

TEST_F(CatalogServer, ParentsExtensionsLabelsSubscriptionsAndTypes) {
    run("BEGIN; SET LOCAL allow_system_table_mods = on; CREATE TABLE cat.base (part int);"
        R"(ALTER TABLE cat."Order Items" INHERIT cat.base; ALTER EXTENSION plpgsql ADD TABLE cat."Order Items";)"
        R"(INSERT INTO pg_seclabel VALUES ('cat."Order Items"'::regclass, 'pg_class'::regclass, 3, 'dummy', 'l');)"
        "CREATE SUBSCRIPTION pgwraith_test_sub CONNECTION 'dbname=none' PUBLICATION p WITH (connect = false);"
        R"(INSERT INTO pg_subscription_rel SELECT oid, 'cat."Order Items"'::regclass, 'r', NULL)"
        "  FROM pg_subscription WHERE subname = 'pgwraith_test_sub'");
    const Table table = read();
    const std::vector<Dependent> found = wait(read_dependents(*connection, table));
    EXPECT_TRUE(table.has_inheritance);
    run("ROLLBACK; BEGIN; CREATE TYPE cat.shape AS (id int); CREATE TABLE cat.typed OF cat.shape");
    const Oid typed = *wait(find_relation(*connection, {"cat", "typed"}));
    const std::vector<Dependent> of_type = wait(read_dependents(*connection, wait(read_table(*connection, typed))));
    run("ROLLBACK");
    EXPECT_THAT(kinds_of(found), ElementsAre(DependentKind::inheritance, DependentKind::extension,
                                             DependentKind::security_label, DependentKind::subscription));
    EXPECT_THAT(found, Contains(Field(&Dependent::identity, "extension plpgsql")));
    EXPECT_THAT(found, Contains(Field(&Dependent::identity, "table cat.base")));
    EXPECT_THAT(kinds_of(of_type), IsEmpty());
}

TEST_F(CatalogServer, AnOrdinaryOwnerReadsAsMuchAsASuperuser) {
    run(dependents_sql);
    run("BEGIN; CREATE ROLE pgwraith_test_owner; GRANT ALL ON SCHEMA cat TO pgwraith_test_owner; "
        R"(ALTER TABLE cat."Order Items" OWNER TO pgwraith_test_owner)");
    const Definition superuser = define();
    const std::size_t dependents = wait(read_dependents(*connection, read())).size();
    run("SET LOCAL ROLE pgwraith_test_owner");
    const Table table = read();
    EXPECT_THAT(differences(superuser, define()), IsEmpty());
    EXPECT_EQ(wait(read_dependents(*connection, table)).size(), dependents);
    EXPECT_EQ(table.owner, "pgwraith_test_owner");
    EXPECT_EQ(wait(choose_key(*connection, table)).columns.size(), 2U);
    run("ROLLBACK");
}

// One change, and what the definition must say about it.
struct Change {
    const char* sql;
    const char* line;
};

TEST_F(CatalogServer, DefinitionNoticesEveryChange) {
    run(dependents_sql);
    const Change changes[] = {
        {R"(ALTER TABLE cat."Order Items" ADD COLUMN late int)", "column late appeared"},
        {R"(ALTER TABLE cat."Order Items" ALTER note SET DEFAULT 'z')", "column note: "},
        {R"(ALTER TABLE cat."Order Items" ALTER note SET STATISTICS 51)", "statistics target of column note: "},
        {R"(ALTER TABLE cat."Order Items" RENAME note TO remark)", "column remark appeared"},
        {R"(GRANT DELETE ON cat."Order Items" TO PUBLIC)", "privileges: "},
        {R"(GRANT SELECT (part) ON cat."Order Items" TO pg_monitor)", "privileges of column part appeared"},
        {R"(COMMENT ON TABLE cat."Order Items" IS 'other')", "comment: "},
        {R"(ALTER TABLE cat."Order Items" SET (fillfactor = 71))", "storage parameter fillfactor: "},
        {R"(ALTER TABLE cat."Order Items" SET (toast.autovacuum_enabled = true))",
         "storage parameter toast.autovacuum_enabled: "},
        {R"(ALTER TABLE cat."Order Items" REPLICA IDENTITY FULL)", "replica identity: "},
        {R"(ALTER TABLE cat."Order Items" FORCE ROW LEVEL SECURITY)", "row level security: "},
        {R"(CREATE INDEX late_idx ON cat."Order Items" (n))", "index late_idx appeared"},
        {R"(CLUSTER cat."Order Items" USING "Order Items_pkey")", "CLUSTER mark appeared"},
        {R"(ALTER TABLE cat."Order Items" ADD CHECK (n > 0) NOT VALID)", "constraint Order Items_n_check appeared"},
        {R"(ALTER STATISTICS "Other".st SET STATISTICS 34)",
         R"(statistics target of extended statistics "Other".st: )"},
        {R"(ALTER SEQUENCE cat."Order Items_n_seq" INCREMENT 3)", R"(sequence cat."Order Items_n_seq": )"},
        {R"(ALTER TABLE cat."Order Items" DISABLE TRIGGER tr)", "state of trigger trigger tr on "},
        {R"(ALTER TABLE cat."Order Items" DISABLE TRIGGER ALL)", "state of an internal trigger to_parent appeared"},
        {R"(ALTER TABLE cat."Order Items" DISABLE RULE r)", "state of rule rule r on "},
        {R"(ALTER POLICY p ON cat."Order Items" USING (id > 1))", "policy policy p on "},
        {R"(ALTER POLICY p ON cat."Order Items" TO pg_monitor)", "policy policy p on "},
        {R"(CREATE OR REPLACE VIEW "Other".v AS SELECT id, note, part FROM cat."Order Items")", "view on the table "},
        {R"(GRANT SELECT ON "Other".v TO pg_monitor)", "privileges of view on the table "},
        {R"(CREATE VIEW "Other".v2 AS SELECT part FROM cat."Order Items")", R"(view on the table view "Other".v2)"},
        {R"(ALTER PUBLICATION pgwraith_test_table SET TABLE cat."Order Items" (id, part) WHERE (part > 1))",
         "publication of the table "},
        {R"(ALTER TABLE "Other".child DROP CONSTRAINT child_fk)", "foreign key to the table "},
        {R"(ALTER TABLE "Other".heir NO INHERIT cat."Order Items")", "inheritance table "},
        {R"(ALTER TABLE cat."Order Items" RENAME TO renamed)", "name: "},
    };
    const Definition before = define();
    const Fingerprint fingerprint = wait(take_fingerprint(*connection, oid));
    for (const Change& change : changes) {
        SCOPED_TRACE(change.sql);
        run(std::string("BEGIN; ") + change.sql);
        EXPECT_THAT(differences(before, define()), Contains(StartsWith(change.line)));
        EXPECT_THAT(wait(changed_since(*connection, fingerprint)), Not(IsEmpty()));
        run("ROLLBACK");
        EXPECT_THAT(differences(before, define()), IsEmpty());
        EXPECT_THAT(wait(changed_since(*connection, fingerprint)), IsEmpty());
    }
}

TEST_F(CatalogServer, AnotherIndexAsReplicaIdentityIsOneFact) {
    run(R"(CREATE UNIQUE INDEX "by Part" ON cat."Order Items" (part, id) INCLUDE (n);
           CREATE UNIQUE INDEX alike ON cat."Order Items" (part, id))");
    const Definition before = define();
    const Oid index = *wait(find_relation(*connection, {"cat", "by Part"}));
    const Definition expected = wait(with_identity(*connection, before, index));
    run(R"(ALTER TABLE cat."Order Items" REPLICA IDENTITY USING INDEX "by Part")");
    EXPECT_THAT(differences(expected, define()), IsEmpty());
    EXPECT_THAT(changes(before, define()).drift, ElementsAre(StartsWith("replica identity: ")));
    run(R"(ALTER TABLE cat."Order Items" REPLICA IDENTITY USING INDEX alike)");
    EXPECT_THAT(differences(expected, define()), ElementsAre(StartsWith("replica identity: ")));
    EXPECT_EQ(read().identity(),
              (ReplicaIdentity{IdentityKind::index, "alike", *wait(find_relation(*connection, {"cat", "alike"}))}));
}

// What sessions make for themselves and take along when they end.
TEST_F(CatalogServer, TemporaryObjectsAreNoDependents) {
    run(R"(CREATE VIEW "Other".v AS SELECT id, part FROM cat."Order Items")");
    const Definition before = define();
    run(R"(BEGIN;
CREATE TEMP TABLE stage (LIKE cat."Order Items" INCLUDING DEFAULTS);
ALTER TABLE stage ALTER id SET DEFAULT nextval('cat."Order Items_id_seq"');
CREATE TEMP VIEW tv AS SELECT id, part FROM cat."Order Items";
CREATE TEMP VIEW over_v AS SELECT id FROM "Other".v;
CREATE TEMP VIEW numbers AS SELECT last_value FROM cat."Order Items_n_seq";
CREATE TEMP TABLE of_rows (o cat."Order Items", os cat."Order Items"[]);
CREATE TEMP TABLE heir () INHERITS (cat."Order Items");
CREATE RULE r AS ON INSERT TO stage DO ALSO DELETE FROM cat."Order Items" WHERE id = NEW.id;
CREATE FUNCTION pg_temp.f() RETURNS bigint LANGUAGE sql BEGIN ATOMIC SELECT count(*) FROM cat."Order Items"; END;
CREATE FUNCTION pg_temp.g(o cat."Order Items") RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE DOMAIN pg_temp.d AS cat."Order Items" CHECK (VALUE IS NOT NULL))");
    EXPECT_THAT(differences(before, define()), IsEmpty());
    const Table table = read();
    EXPECT_FALSE(table.has_inheritance);
    EXPECT_THAT(kinds_of(wait(read_dependents(*connection, table))), ElementsAre(DependentKind::view));
    run("ROLLBACK");
}

// Who else uses a sequence of the table, a key that waits to be validated, an index that is being made.
TEST_F(CatalogServer, DefinitionIgnoresWhatOthersMayDo) {
    run(dependents_sql);
    const Definition before = define();
    for (const std::string sql :
         {R"(CREATE TABLE "Other".more (n int DEFAULT nextval('cat."Order Items_n_seq"')))",
          R"(DROP TABLE "Other".seq_user)",
          R"(ALTER TABLE cat."Order Items" DROP CONSTRAINT to_parent; ALTER TABLE cat."Order Items" ADD CONSTRAINT
             to_parent FOREIGN KEY (part) REFERENCES cat.parent NOT VALID)",
          R"(ALTER TABLE "Other".child DROP CONSTRAINT child_fk; ALTER TABLE "Other".child ADD CONSTRAINT child_fk
             FOREIGN KEY (order_id, part) REFERENCES cat."Order Items" NOT VALID)",
          R"(REINDEX TABLE cat."Order Items"; REINDEX TABLE cat.mv)"}) {
        SCOPED_TRACE(sql);
        run("BEGIN; " + sql);
        run(R"(CREATE INDEX later ON cat."Order Items" (n);
               UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'cat.later'::regclass)");
        EXPECT_THAT(differences(before, define()), IsEmpty());
        run("ROLLBACK");
    }
}

TEST_F(CatalogServer, DefinitionIgnoresWhatChangesByItself) {
    const Definition before = define();
    const Fingerprint fingerprint = wait(take_fingerprint(*connection, oid));
    run(R"(INSERT INTO cat."Order Items" (part) SELECT generate_series(1, 1000);)");
    run(R"(ANALYZE cat."Order Items")");
    run(R"(VACUUM cat."Order Items")");
    run(R"(CREATE TEMP TABLE stage (LIKE cat."Order Items" INCLUDING DEFAULTS);
           CREATE TEMP VIEW tv AS SELECT id FROM cat."Order Items")");
    EXPECT_THAT(wait(changed_since(*connection, fingerprint)), IsEmpty());
    run(R"(VACUUM FULL cat."Order Items")");
    EXPECT_THAT(differences(before, define()), IsEmpty());
}

TEST_F(CatalogServer, ServerChecks) {
    const Table table = read();
    const PreflightReport fine = wait(check_server(*connection, "no_such_slot"));
    EXPECT_THAT(wait(check_access(*connection, table)).refusals, IsEmpty());
    EXPECT_THAT(fine.refusals, IsEmpty());
    EXPECT_THAT(fine.warnings, Contains(HasSubstr("max_slot_wal_keep_size")));

    run("BEGIN; CREATE ROLE pgwraith_test_nobody; SET LOCAL ROLE pgwraith_test_nobody");
    const PreflightReport bad = wait(check_access(*connection, table));
    const PreflightReport followed = wait(check_server(*connection, "no_such_slot"));
    run("ROLLBACK");
    // REPLICATION is asked of the role that logged in, which may.
    EXPECT_THAT(followed.refusals, Not(Contains(Field(&Refusal::reason, HasSubstr("may not use replication")))));
    EXPECT_THAT(bad.refusals, Contains(Field(&Refusal::reason, HasSubstr("does not own table"))));
    EXPECT_THAT(bad.refusals, Contains(Field(&Refusal::reason, HasSubstr("may not create schemas"))));
    EXPECT_THAT(bad.refusals, Contains(Field(&Refusal::reason, HasSubstr("may not create tables in schema"))));
}

TEST_F(CatalogServer, ReplicationsCompany) {
    const Table table = read();
    const auto about_everything = Contains(Field(&Refusal::reason, HasSubstr("\"everything\" is FOR ALL TABLES")));
    EXPECT_THAT(wait(check_replication(*connection, table, {})).refusals, IsEmpty());
    run("BEGIN; CREATE PUBLICATION everything FOR ALL TABLES");
    const PreflightReport refused = wait(check_replication(*connection, table, {}));
    const PreflightReport allowed = wait(check_replication(*connection, table, {true, true}));
    run("ROLLBACK");
    EXPECT_THAT(refused.refusals, about_everything);
    EXPECT_THAT(allowed.refusals, IsEmpty());
    EXPECT_THAT(allowed.warnings, Contains(HasSubstr("\"everything\" is FOR ALL TABLES")));
}

TEST_F(CatalogServer, RowsThatAPolicyHidesFromUsAreRefused) {
    run("BEGIN; CREATE ROLE pgwraith_test_owner; GRANT ALL ON SCHEMA cat TO pgwraith_test_owner; "
        R"(ALTER TABLE cat."Order Items" OWNER TO pgwraith_test_owner, ENABLE ROW LEVEL SECURITY,
           FORCE ROW LEVEL SECURITY; SET LOCAL ROLE pgwraith_test_owner)");
    const PreflightReport report = wait(check_table(*connection, read()));
    run("ROLLBACK");
    EXPECT_THAT(report.refusals, Contains(Field(&Refusal::reason, HasSubstr("row level security applies"))));
}

}  // namespace
}  // namespace pgwraith::catalog
