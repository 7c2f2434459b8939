// What a file must not say, and what its author is told: file, line, key, what is wrong, what was expected.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "field.h"
#include "helpers.h"

namespace pgwraith::config {
namespace {

// Settings and sections, as the file has them.
std::string top_level_keys() {
    std::vector<std::string> keys;
    for (const Field& field : fields()) {
        const auto key = field.key.substr(0, field.key.find('.'));
        if (keys.empty() || keys.back() != key) keys.push_back(key);
    }
    return fmt::format("{}", fmt::join(keys, ", "));
}

TEST(Problems, TheTableMustBeThere) {
    const std::string missing = "f.yaml:1: table: is missing (expected schema.table as in SQL, quoted where it needs)";
    EXPECT_EQ(refusal(""), missing);
    EXPECT_EQ(refusal("# nothing\n"), missing);
    EXPECT_EQ(refusal("verify: full\n"), missing);
    EXPECT_EQ(refusal("\ntable:\n"),
              "f.yaml:2: table: is empty (expected schema.table as in SQL, quoted where it needs)");
    EXPECT_EQ(parse("table: orders\n", "f.yaml").table, (QualifiedName{"", "orders"}));
    EXPECT_EQ(parse("table: '\"My Orders\"'\n", "f.yaml").table, (QualifiedName{"", "My Orders"}));
}

TEST(Problems, UnknownKeysAreNamedWithTheOneThatWasMeant) {
    EXPECT_EQ(
        refusal_of("copy:\n  wrokers: 3\n"),
        "f.yaml:3: copy.wrokers: unknown key, did you mean workers? (expected one of workers, method, chunk_target, "
        "chunk_max_bytes)");
    EXPECT_EQ(refusal_of("copy: {zzz: 3}\n"),
              "f.yaml:2: copy.zzz: unknown key (expected one of workers, method, chunk_target, chunk_max_bytes)");
    // In the wrong section.
    EXPECT_EQ(refusal_of("cutover: {chunk_target: 1s}\n").substr(0, 96),
              "f.yaml:2: cutover.chunk_target: unknown key, did you mean copy.chunk_target? (expected one of mo");
    EXPECT_EQ(refusal_of("tabel: app.x\n"),
              "f.yaml:2: tabel: unknown key, did you mean table? (expected one of " + top_level_keys() + ")");
    // The dotted form belongs to `set` alone.
    EXPECT_EQ(refusal_of("copy.workers: 3\n").substr(0, 70),
              "f.yaml:2: copy.workers: unknown key, did you mean copy.workers? (expec");
    EXPECT_EQ(refusal_of("<<: {verify: off}\n").substr(0, 24), "f.yaml:2: <<: unknown ke");
}

TEST(Problems, NumbersAreWholeAndInRange) {
    const std::string expected = " (expected a whole number from 1 to 32)";
    const auto workers = [](const std::string& value) { return refusal_of("copy:\n  workers: " + value + "\n"); };
    EXPECT_EQ(workers("many"), "f.yaml:3: copy.workers: 'many' is not a whole number" + expected);
    EXPECT_EQ(workers("2.5"), "f.yaml:3: copy.workers: '2.5' is not a whole number" + expected);
    EXPECT_EQ(workers("0x10"), "f.yaml:3: copy.workers: '0x10' is not a whole number" + expected);
    EXPECT_EQ(workers("0"), "f.yaml:3: copy.workers: 0 is out of range" + expected);
    EXPECT_EQ(workers("-4294967294"), "f.yaml:3: copy.workers: -4294967294 is out of range" + expected);
    EXPECT_EQ(workers("4294967298"), "f.yaml:3: copy.workers: 4294967298 is out of range" + expected);
    EXPECT_EQ(workers(""), "f.yaml:3: copy.workers: is empty" + expected);
    EXPECT_EQ(workers("[1, 2]"), "f.yaml:3: copy.workers: is a list" + expected);
    EXPECT_EQ(workers("{a: 1}"), "f.yaml:3: copy.workers: is a mapping" + expected);
    for (const char* value : {"nan", "inf", "-0.1", "10.01", "1,5", "5%"}) {
        const auto message = refusal_of("throttle: {idle_ratio: '" + std::string(value) + "'}");
        EXPECT_NE(message.find("f.yaml:2: throttle.idle_ratio: "), std::string::npos) << value;
        EXPECT_NE(message.find("(expected a number from 0 to 10)"), std::string::npos) << value;
    }
}

TEST(Problems, DurationsAndSizesNeedTheirUnit) {
    const std::string duration = " (expected a duration with its unit, from 10ms to 1m)";
    EXPECT_EQ(refusal_of("copy: {chunk_target: 500}"), "f.yaml:2: copy.chunk_target: '500' has no unit" + duration);
    EXPECT_EQ(refusal_of("copy: {chunk_target: 5 s}"),
              "f.yaml:2: copy.chunk_target: '5 s' is not a duration" + duration);
    EXPECT_EQ(refusal_of("copy: {chunk_target: 9ms}"), "f.yaml:2: copy.chunk_target: 9ms is out of range" + duration);
    EXPECT_EQ(refusal_of("copy: {chunk_target: 61s}"), "f.yaml:2: copy.chunk_target: 61s is out of range" + duration);
    const std::string size = " (expected a size with its unit, from 8KiB to 1GiB)";
    EXPECT_EQ(refusal_of("copy: {chunk_max_bytes: 1000000}"),
              "f.yaml:2: copy.chunk_max_bytes: '1000000' has no unit" + size);
    EXPECT_EQ(refusal_of("copy: {chunk_max_bytes: 64kib}"),
              "f.yaml:2: copy.chunk_max_bytes: '64kib' is not a size" + size);
    EXPECT_EQ(refusal_of("copy: {chunk_max_bytes: 2GiB}"),
              "f.yaml:2: copy.chunk_max_bytes: 2GiB is out of range" + size);
    // PostgreSQL takes a lock_timeout of 0 for "wait for ever".
    EXPECT_NE(refusal_of("cutover: {lock_timeout: 0s}").find("0s is out of range"), std::string::npos);
}

TEST(Problems, ChoicesNameWhatThereIs) {
    EXPECT_EQ(refusal_of("verify: no"), "f.yaml:2: verify: 'no' is not known (expected full or off)");
    EXPECT_EQ(refusal_of("verify:"), "f.yaml:2: verify: is empty (expected full or off)");
    EXPECT_EQ(refusal_of("cutover: {mode: Auto}"),
              "f.yaml:2: cutover.mode: 'Auto' is not known (expected auto or manual)");
    EXPECT_EQ(refusal_of("old_table: delete"), "f.yaml:2: old_table: 'delete' is not known (expected keep or drop)");
    EXPECT_EQ(refusal_of("dependents: {materialized_views: true}"),
              "f.yaml:2: dependents.materialized_views: 'true' is not known (expected refuse or recreate)");
}

TEST(Problems, SectionsAreMappings) {
    EXPECT_EQ(
        refusal_of("copy: 3"),
        "f.yaml:2: copy: is a single value (expected a mapping with workers, method, chunk_target, chunk_max_bytes)");
    EXPECT_EQ(refusal_of("copy: [workers]"),
              "f.yaml:2: copy: is a list (expected a mapping with workers, method, chunk_target, chunk_max_bytes)");
    EXPECT_EQ(refusal_of("values: [a]"),
              "f.yaml:2: values: is a list (expected a mapping: an SQL expression for each column)");
    EXPECT_EQ(refusal_of("? [a, b]\n: c\n"), "f.yaml:2: a key is not a plain name (expected key: value)");
    EXPECT_EQ(refusal_of("state_dir: ''"), "f.yaml:2: state_dir: is empty (expected a directory)");
}

TEST(Problems, EntriesOfTheUsersAreCheckedToo) {
    EXPECT_EQ(refusal_of("values:\n  a: 1\n  b:\n"),
              "f.yaml:4: values.b: is empty (expected an SQL expression for each column)");
    EXPECT_EQ(refusal_of("dependents:\n  views:\n    v: SELECT 1\n"),
              "f.yaml:4: dependents.views.v: 'v' is not a table name: the schema is missing; write it before the "
              "name, for example public.v (expected the new SELECT for each schema.view)");
    EXPECT_EQ(refusal_of("sql: \"a\\0b\"\n"),
              "f.yaml:2: sql: contains a zero byte (expected SQL statements, or nothing)");
}

TEST(Problems, AKeyIsAName) {
    EXPECT_EQ(
        refusal_of("key: My Key\n"),
        "f.yaml:2: key: 'My Key' is not an index's name: 'K' is not expected after a name; quote it: \"My Table\" "
        "(expected an index of the table as in SQL, auto, or nothing)");
    EXPECT_EQ(refusal_of("key: [a]\n"),
              "f.yaml:2: key: is a list (expected an index of the table as in SQL, auto, or nothing)");
}

TEST(Problems, DuplicatesAreNamedWithBothLines) {
    EXPECT_EQ(refusal_of("verify: off\nverify: full\n"),
              "f.yaml:3: verify: is there twice, first in line 2 (expected once)");
    EXPECT_EQ(refusal_of("values: {a: 1, a: 2}\n"),
              "f.yaml:2: values.a: is there twice, first in line 2 (expected once)");
}

TEST(Problems, ContradictionsAreFoundWhicheverKeyIsThere) {
    EXPECT_EQ(refusal_of("cutover:\n  lock_timeout: 3s\n  max_blocked: 2s\n"),
              "f.yaml:4: cutover.max_blocked: cutover.max_blocked (2s) is less than cutover.lock_timeout (3s) "
              "(expected at least as much: the wait for the lock is part of it)");
    EXPECT_EQ(refusal_of("cutover:\n  lock_timeout: 3s\n").substr(0, 63),
              "f.yaml:3: cutover.lock_timeout: cutover.max_blocked (1s) is les");
}

TEST(Problems, NewColumnsBesideOldOnesAreWhole) {
    EXPECT_EQ(refusal_of("expand: handle\n").substr(0, 34), "f.yaml:2: expand: is a single valu");
    EXPECT_EQ(refusal_of("expand:\n  handle: username\n"),
              "f.yaml:3: expand.handle: is a single value (expected a mapping with from, type, up, down)");
    EXPECT_EQ(refusal_of("expand:\n  handle: {}\n").substr(0, 40), "f.yaml:3: expand.handle: is a mapping (e");
    EXPECT_EQ(refusal_of("expand:\n  handle:\n    form: username\n"),
              "f.yaml:4: expand.handle.form: unknown key, did you mean from? (expected one of from, type, up, down)");
    EXPECT_EQ(refusal_of("expand:\n  handle: {from: ' '}\n"),
              "f.yaml:3: expand.handle.from: is empty (expected a text)");
    EXPECT_EQ(refusal_of("expand:\n  handle: {from: {a: b}}\n"),
              "f.yaml:3: expand.handle.from.a: is a mapping (expected a text)");
    EXPECT_EQ(refusal_of("expand:\n  full: {up: a, down: a}\n"),
              "f.yaml:3: expand.full.down: is a single value (expected a mapping: an SQL expression for each old "
              "column)");
    EXPECT_EQ(refusal_of("expand:\n  full: {up: a, down: {a: ''}}\n"),
              "f.yaml:3: expand.full.down.a: is empty (expected an SQL expression over the new columns)");
    EXPECT_EQ(refusal_of("expand:\n  handle: {type: text}\n"),
              "f.yaml:3: expand.handle: has neither `from` nor `up` (expected one of them)");
    EXPECT_EQ(refusal_of("expand:\n  handle: {from: a, up: a}\n").substr(0, 56),
              "f.yaml:3: expand.handle: has `from` beside `up` or `down");
    EXPECT_EQ(refusal_of("expand:\n  full: {up: a}\n").substr(0, 49),
              "f.yaml:3: expand.full: has `up` and no `down` (ex");
    EXPECT_EQ(refusal_of("expand:\n  a: {from: a}\n"),
              "f.yaml:3: expand.a: is to replace itself (expected another column)");
    EXPECT_EQ(refusal_of("expand:\n  a: {from: o}\n  b: {from: o}\n"),
              "f.yaml:4: expand.b: 'a' and 'b' give the old column 'o' different values (expected the same expression "
              "for it in all of them)");
}

TEST(Problems, NewColumnsStandAlone) {
    const std::string expand = "expand: {handle: {from: username}}\n";
    EXPECT_EQ(refusal_of(expand + "sql: SELECT 1\n").substr(0, 36), "f.yaml:2: expand: stands beside `sql");
    EXPECT_EQ(refusal_of(expand + "values: {a: 1}\n").substr(0, 39), "f.yaml:2: expand: stands beside `values");
    EXPECT_EQ(refusal_of(expand + "strategy: shadow\n").substr(0, 37), "f.yaml:3: strategy: a shadow table ca");
    EXPECT_EQ(refusal_of(expand + "sql: ' '\nvalues:\n"), "(accepted)");
}

TEST(Problems, UnsetVariablesAreNamed) {
    EXPECT_EQ(refusal_of("\nconnection: host=${PGWRAITH_TEST_UNSET}\n"),
              "f.yaml:3: connection: the environment variable PGWRAITH_TEST_UNSET is not set (expected it to be, or a "
              "default: ${PGWRAITH_TEST_UNSET:-default}; write $${ for a literal ${)");
    EXPECT_EQ(refusal_of("connection: host=${HOME\n"),
              "f.yaml:2: connection: the closing brace of ${ is missing (expected ${NAME}; write $${ for a literal "
              "${)");
    EXPECT_EQ(refusal_of("connection: ${1a}\n"),
              "f.yaml:2: connection: '1a' names no environment variable (expected ${NAME} or ${NAME:-default}; write "
              "$${ for a literal ${)");
}

TEST(Problems, AllAreToldAtOnceInTheFilesOrder) {
    EXPECT_EQ(refusal("table: a.b\nverify: maybe\ncopy: {workers: x}\nnonsense: 1\nverify: off\n"),
              "f.yaml:2: verify: 'maybe' is not known (expected full or off)\n"
              "f.yaml:3: copy.workers: 'x' is not a whole number (expected a whole number from 1 to 32)\n"
              "f.yaml:4: nonsense: unknown key (expected one of " +
                  top_level_keys() +
                  ")\n"
                  "f.yaml:5: verify: is there twice, first in line 2 (expected once)");
}

TEST(Problems, BrokenYamlHasItsLine) {
    EXPECT_EQ(refusal_of("copy: {workers: 2\n").substr(0, 28), "f.yaml:3: not valid YAML: en");
    EXPECT_EQ(refusal_of("copy:\n\tworkers: 2\n").substr(0, 26), "f.yaml:3: not valid YAML: ");
    EXPECT_EQ(refusal_of("---\ntable: a.c\n"),
              "f.yaml:2: a second YAML document, or a stray character (expected one document)");
    EXPECT_EQ(refusal("{table: a.b},\n"),
              "f.yaml:1: a second YAML document, or a stray character (expected one document)");
    EXPECT_EQ(refusal("--- # nothing before\ntable: a.b\n...\n# nothing after\n"), "(accepted)");
    EXPECT_EQ(refusal("- table: a.b\n").substr(0, 73),
              "f.yaml:1: is a list (expected a mapping with connection, table, key, sql,");
    EXPECT_EQ(refusal_of("sql: *nowhere\n").substr(0, 26), "f.yaml:2: not valid YAML: ");
}

TEST(Problems, SecretsAreNotShown) {
    // No blank after the colon: the connection string becomes part of a key.
    for (const char* text :
         {"connection:postgresql://u:hunter2@h/db: x\n", "copy: {workers: 'postgresql://u:hunter2@h'}",
          "old_table: password=hunter2\n", "values: {'u://a:hunter2@b': 1, 'u://a:hunter2@b': 2}",
          "connection: [postgresql://u:hunter2@h]\n", "connection: \"u:hunter2\\0\"\n"}) {
        const auto message = refusal_of(text);
        EXPECT_EQ(message.find("hunter2"), std::string::npos) << message;
        EXPECT_NE(message, "(accepted)") << text;
    }
}

TEST(Problems, LongAndUnprintableTextIsCut) {
    const auto message = refusal_of("verify: \"a\\u001b[2J\\n" + std::string(500, 'x') + "\"\n");
    EXPECT_EQ(message, "f.yaml:2: verify: 'a?[2J?" + std::string(54, 'x') + "…' is not known (expected full or off)");
}

}  // namespace
}  // namespace pgwraith::config
