// What the file may say, and what becomes of it.
#include <filesystem>
#include <fstream>

#include "helpers.h"

namespace pgwraith::config {
namespace {

using namespace std::chrono_literals;

TEST(Settings, ATableAloneLeavesEverythingElseAtItsDefault) {
    Settings expected;
    expected.file = "/etc/m/f.yaml";
    expected.table = {"app", "t"};
    expected.state_dir = "/etc/m/state";
    EXPECT_EQ(settings_with(""), expected);
    // Sections with nothing in them, and what may be empty.
    EXPECT_EQ(settings_with("connection:\nsql: ''\nvalues:\ncopy:\ncutover: {}\ndependents: {views: }\n"), expected);
}

TEST(Settings, TakesEveryKey) {
    const Settings settings = settings_with(R"(
connection: postgresql://migrator@db.internal:5432/shop
key: T_Key
sql: |
  ALTER TABLE app.t ALTER COLUMN a TYPE bigint;
  COMMENT ON TABLE app.t IS '$1, $$ and $${x}';
values: { status: "CASE WHEN a THEN 'new' END", Größe: 1 }
state_dir: ../var/state/
copy: { workers: 4, method: copy, chunk_target: 250ms, chunk_max_bytes: 1MiB }
fill: { max_dead_rows: 0.2, dead_rows_from: 10GiB }
build: { workers: 3, maintenance_work_mem: 1GB, parallel_workers: 0 }
apply: { workers: 8, batch: 500 }
throttle: { max_replica_lag: 2m, idle_ratio: 0.25, ignore_replicas: [delayed, "far, away"], max_commit_latency: 80ms,
  max_slot_lag: "30s, 1GiB", ignore_slots: [dead], max_active_sessions: 16, max_lock_waiters: 0, max_wal_rate: 50MiB,
  max_retained_wal: 2GiB, query: SELECT 1, query_limit: 2.5, flag_file: ../run/stop, hours: Mon-Fri 22:00-06:00 UTC }
replication: { other_slots: allow, all_tables: allow }
verify: off
cutover: { mode: manual, lock_timeout: 2s, max_blocked: 2s, window: "Sat 02:00-05:00 Europe/Berlin",
  terminate_blockers: { after: 10m } }
old_table: drop
reconnect: { give_up_after: 1h }
dependents:
  views: { app.v1: SELECT 1, 'app."V 2"': SELECT 2 }
  materialized_views: recreate
)");
    EXPECT_EQ(settings.connection, "postgresql://migrator@db.internal:5432/shop");
    EXPECT_EQ(settings.table, (QualifiedName{"app", "t"}));
    EXPECT_EQ(settings.key, (Key{false, {"", "t_key"}}));
    EXPECT_EQ(settings.sql,
              "ALTER TABLE app.t ALTER COLUMN a TYPE bigint;\nCOMMENT ON TABLE app.t IS '$1, $$ and ${x}';\n");
    EXPECT_EQ(settings.values,
              (std::map<std::string, std::string>{{"status", "CASE WHEN a THEN 'new' END"}, {"Größe", "1"}}));
    EXPECT_EQ(settings.state_dir, "/etc/var/state");
    EXPECT_EQ(settings.copy, (Copy{4, CopyMethod::copy, 250ms, 1'048'576}));
    EXPECT_EQ(settings.fill, (Fill{0.2, 10'737'418'240}));
    EXPECT_EQ(settings.build, (Build{3, 1'000'000'000, 0}));
    EXPECT_EQ(settings.apply, (Apply{8, 500}));
    Throttle throttle;
    throttle.max_replica_lag = 2min;
    throttle.ignore_replicas = {"delayed", "far, away"};
    throttle.max_commit_latency = {false, 80ms};
    throttle.max_slot_lag = {30s, 1'073'741'824};
    throttle.ignore_slots = {"dead"};
    throttle.max_active_sessions = 16;
    throttle.max_lock_waiters = 0;
    throttle.max_wal_rate = 52'428'800;
    throttle.max_retained_wal = 2'147'483'648;
    throttle.query = "SELECT 1";
    throttle.query_limit = 2.5;
    throttle.flag_file = "/etc/run/stop";
    throttle.hours = Hours::parse("Mon-Fri 22:00-06:00 UTC");
    throttle.idle_ratio = 0.25;
    EXPECT_EQ(settings.throttle, throttle);
    EXPECT_EQ(settings.replication, (Replication{true, true}));
    EXPECT_EQ(settings.verify, Verify::off);
    EXPECT_EQ(settings.cutover,
              (Cutover{CutoverMode::manual, 2s, 2s, 1h, Hours::parse("Sat 02:00-05:00 Europe/Berlin"), 10min}));
    EXPECT_EQ(settings.old_table, OldTable::drop);
    EXPECT_EQ(settings.reconnect, Reconnect{1h});
    EXPECT_EQ(settings.dependents.views,
              (std::map<std::string, std::string>{{"app.v1", "SELECT 1"}, {"app.\"V 2\"", "SELECT 2"}}));
    EXPECT_TRUE(settings.dependents.recreate_materialized_views);
}

TEST(Settings, TheKeyIsAnIndexAutoOrNothing) {
    const auto key = [](const std::string& value) { return settings_with("key: " + value + "\n").key; };
    EXPECT_EQ(key(""), Key{});
    EXPECT_EQ(key("").text(), "");
    EXPECT_EQ(key("auto"), (Key{true, {}}));
    EXPECT_EQ(key("auto").text(), "auto");
    EXPECT_EQ(key(R"('"auto"')"), (Key{false, {"", "auto"}}));
    EXPECT_EQ(key(R"('"auto"')").text(), R"("auto")");
    EXPECT_EQ(key(R"(app."My Key")").text(), R"("app"."My Key")");
}

TEST(Settings, NewColumnsBesideOldOnesKeepTheirOrder) {
    const Settings settings = settings_with(R"(
expand:
  handle: { from: username }
  big_id: { from: id, type: bigint }
  "full.name":
    up: "first || ' ' || last"
    down:
      first: split_part("full.name", ' ', 1)
      last: split_part("full.name", ' ', 2)
)");
    const std::vector<ExpandColumn> expected{
        {"handle", "username", "", "", {}},
        {"big_id", "id", "bigint", "", {}},
        {"full.name",
         "",
         "",
         "first || ' ' || last",
         {{"first", "split_part(\"full.name\", ' ', 1)"}, {"last", "split_part(\"full.name\", ' ', 2)"}}}};
    EXPECT_EQ(settings.expand, expected);
}

TEST(Settings, AListIsAlsoOneName) {
    const auto ignored = [](const std::string& value) {
        return settings_with("throttle: {ignore_replicas: " + value + "}\n").throttle.ignore_replicas;
    };
    EXPECT_EQ(ignored("delayed"), std::vector<std::string>{"delayed"});
    EXPECT_EQ(ignored("[]"), std::vector<std::string>{});
    EXPECT_EQ(ignored(""), std::vector<std::string>{});
    EXPECT_EQ(ignored("[a, b]"), (std::vector<std::string>{"a", "b"}));
}

TEST(Settings, ALimitMayBeOff) {
    const auto throttle = [](const std::string& rest) { return settings_with("throttle: {" + rest + "}\n").throttle; };
    EXPECT_EQ(throttle("max_commit_latency: auto, max_slot_lag: off, max_active_sessions: off, max_lock_waiters: off, "
                       "max_wal_rate: off, max_retained_wal: off, query: '', flag_file: '', hours: ''"),
              Throttle{});
    EXPECT_TRUE(throttle("max_commit_latency: off").max_commit_latency.off());
    EXPECT_EQ(throttle("max_slot_lag: 5m").max_slot_lag, (LagLimit{5min, std::nullopt}));
    EXPECT_EQ(throttle("max_slot_lag: 64MiB").max_slot_lag, (LagLimit{std::nullopt, 67'108'864}));
    for (const char* wrong :
         {"max_commit_latency: 0ms", "max_commit_latency: 100", "max_commit_latency: no", "max_slot_lag: 10",
          "max_slot_lag: 1s, 2s", "'max_slot_lag': '1s, 2s'", "max_slot_lag: 100ms", "max_slot_lag: ''",
          "max_active_sessions: 0", "max_active_sessions: 2x", "max_lock_waiters: -1", "max_wal_rate: 10kB",
          "query_limit: many", "hours: 22:00-06:00"}) {
        EXPECT_NE(refusal_of(std::string("throttle: {") + wrong + "}\n"), "(accepted)") << wrong;
    }
}

TEST(Settings, TakesTheEndsOfEachRange) {
    const auto low = settings_with(
        "copy: {workers: 1, method: insert, chunk_target: 10ms, chunk_max_bytes: 64KiB}\n"
        "throttle: {idle_ratio: 0, max_replica_lag: 100ms}\ncutover: {lock_timeout: 1ms, max_blocked: 1ms}\n");
    EXPECT_EQ(low.copy, (Copy{1, CopyMethod::insert, 10ms, 65'536}));
    EXPECT_EQ(low.cutover.max_blocked, 1ms);
    const auto high = settings_with(
        "copy: {workers: 32, method: auto, chunk_target: 60s, chunk_max_bytes: 1GiB}\nthrottle: {idle_ratio: 10}\n");
    EXPECT_EQ(high.copy, (Copy{32, CopyMethod::automatic, 60s, 1'073'741'824}));
    EXPECT_EQ(high.throttle.idle_ratio, 10.0);
}

TEST(Settings, AnAbsoluteStateDirStaysWhereItIs) {
    EXPECT_EQ(settings_with("state_dir: /var/lib/m\n").state_dir, "/var/lib/m");
    EXPECT_EQ(parse("table: a.b", "here.yaml").state_dir, std::filesystem::current_path() / "state");
}

TEST(Environment, ValuesAndDefaultsAreExpanded) {
    const Variable host("PGWRAITH_TEST_HOST", "db1");
    const Variable empty("PGWRAITH_TEST_EMPTY", "");
    EXPECT_EQ(settings_with("connection: host=${PGWRAITH_TEST_HOST} port=${PGWRAITH_TEST_UNSET:-5433}\n").connection,
              "host=db1 port=5433");
    EXPECT_EQ(settings_with("connection: a${PGWRAITH_TEST_EMPTY}b${PGWRAITH_TEST_EMPTY:-c}\n").connection, "abc");
    EXPECT_EQ(settings_with("connection: ${PGWRAITH_TEST_UNSET:-}\n").connection, "");
    EXPECT_EQ(settings_with("sql: SELECT '$${X} $1 $$'\n").sql, "SELECT '${X} $1 $$'");
    const Variable workers("PGWRAITH_TEST_WORKERS", "7");
    EXPECT_EQ(settings_with("copy: {workers: \"${PGWRAITH_TEST_WORKERS}\"}\n").copy.workers, 7);
    const Variable nested("PGWRAITH_TEST_HOST", "${PGWRAITH_TEST_WORKERS}");
    EXPECT_EQ(settings_with("connection: ${PGWRAITH_TEST_HOST}\n").connection, "${PGWRAITH_TEST_WORKERS}")
        << "what comes from the environment is not expanded again";
}

TEST(Load, ReadsAFileAndSaysWhenItCannot) {
    const auto dir = std::filesystem::path(testing::TempDir()) / "pgwraith_config_load";
    std::filesystem::create_directories(dir);
    std::ofstream(dir / "m.yaml") << "table: app.t\n";
    EXPECT_EQ(load(dir / "m.yaml").state_dir, dir / "state");
    const auto message = [](const std::filesystem::path& file) {
        try {
            load(file);
            return std::string("(accepted)");
        } catch (const Error& error) {
            EXPECT_EQ(error.kind(), ErrorKind::usage);
            return error.message();
        }
    };
    EXPECT_EQ(message(dir / "none.yaml"),
              "cannot read " + (dir / "none.yaml").string() + ": No such file or directory");
    EXPECT_EQ(message(dir), "cannot read " + dir.string() + ": it is a directory");
    std::ofstream(dir / "large.yaml") << "table: app.t\nsql: " << std::string(1024 * 1024, 'x');
    EXPECT_EQ(message(dir / "large.yaml"),
              (dir / "large.yaml").string() + ":1: the file is too large (expected at most 1 MiB)");
    std::filesystem::remove_all(dir);
}

}  // namespace
}  // namespace pgwraith::config
