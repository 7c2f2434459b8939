#include "helpers.h"

namespace pgwraith::config {
namespace {

using namespace std::chrono_literals;

std::string set_refusal(Settings& settings, const std::string& key, const std::string& value) {
    const Settings before = settings;
    try {
        apply_setting(settings, key, value);
        return "(accepted)";
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::usage);
        EXPECT_EQ(settings, before);
        return error.message();
    }
}

TEST(ApplySetting, ChangesWhatMayChange) {
    Settings settings = settings_with("");
    apply_setting(settings, "copy.workers", "4");
    apply_setting(settings, "copy.chunk_target", "1s");
    apply_setting(settings, "copy.chunk_max_bytes", "1MiB");
    apply_setting(settings, "fill.max_dead_rows", "0.5");
    apply_setting(settings, "fill.dead_rows_from", "0B");
    apply_setting(settings, "throttle.max_replica_lag", "5m");
    apply_setting(settings, "throttle.idle_ratio", "0.5");
    apply_setting(settings, "throttle.max_commit_latency", "20ms");
    apply_setting(settings, "throttle.ignore_replicas", "gone");
    apply_setting(settings, "throttle.ignore_replicas", "a, b c");
    apply_setting(settings, "cutover.mode", "manual");
    apply_setting(settings, "cutover.max_blocked", "3s");
    apply_setting(settings, "cutover.lock_timeout", "2s");

    Settings expected = settings_with("");
    expected.copy = {4, 1s, 1'048'576};
    expected.fill = {0.5, 0};
    expected.throttle.max_replica_lag = 5min;
    expected.throttle.ignore_replicas = {"a", "b c"};
    expected.throttle.max_commit_latency = {false, 20ms};
    expected.throttle.idle_ratio = 0.5;
    expected.cutover = {CutoverMode::manual, 2s, 3s, 1h, {}, {}};
    EXPECT_EQ(settings, expected);
    apply_setting(settings, "throttle.ignore_replicas", " ");
    EXPECT_TRUE(settings.throttle.ignore_replicas.empty());
    apply_setting(settings, "throttle.max_commit_latency", "off");
    EXPECT_TRUE(settings.throttle.max_commit_latency.off());
    apply_setting(settings, "throttle.max_commit_latency", "auto");
    EXPECT_EQ(settings.throttle.max_commit_latency, LatencyLimit{});
}

TEST(ApplySetting, GoesByTheFilesRules) {
    Settings settings = settings_with("");
    EXPECT_EQ(set_refusal(settings, "copy.workers", "33"),
              "copy.workers: 33 is out of range (expected a whole number from 1 to 32)");
    EXPECT_EQ(set_refusal(settings, "copy.chunk_target", "500"),
              "copy.chunk_target: '500' has no unit (expected a duration with its unit, from 10ms to 1m)");
    EXPECT_EQ(set_refusal(settings, "cutover.mode", ""), "cutover.mode: is empty (expected auto or manual)");
    EXPECT_EQ(
        set_refusal(settings, "cutover.lock_timeout", "2s"),
        "cutover.lock_timeout: cutover.max_blocked (1s) is less than cutover.lock_timeout (2s) (expected at least "
        "as much: the wait for the lock is part of it)");
    EXPECT_EQ(set_refusal(settings, "throttle.ignore_replicas", "a,,b").substr(0, 44),
              "throttle.ignore_replicas: has an empty name ");
    EXPECT_EQ(set_refusal(settings, "copy.workers", "${HOME:-4}").substr(0, 43),
              "copy.workers: '${HOME:-4}' is not a whole n");
}

TEST(ApplySetting, NamesTheKeysThatMayWhenThisOneMayNot) {
    const std::string keys =
        " cannot be changed while a migration runs (expected one of copy.workers, copy.chunk_target, "
        "copy.chunk_max_bytes, fill.max_dead_rows, fill.dead_rows_from, throttle.max_replica_lag, "
        "throttle.ignore_replicas, throttle.max_commit_latency, "
        "throttle.max_slot_lag, throttle.ignore_slots, throttle.max_active_sessions, throttle.max_lock_waiters, "
        "throttle.max_wal_rate, throttle.max_retained_wal, throttle.query, throttle.query_limit, throttle.flag_file, "
        "throttle.hours, throttle.idle_ratio, cutover.mode, "
        "cutover.lock_timeout, cutover.max_blocked, cutover.window, cutover.terminate_blockers.after, "
        "cutover.validate_timeout)";
    Settings settings = settings_with("");
    for (const char* key : {"table", "sql", "connection", "verify", "values.a", "copy", "", "cutover.mod"}) {
        EXPECT_EQ(set_refusal(settings, key, "full"), "'" + std::string(key) + "'" + keys);
    }
}

}  // namespace
}  // namespace pgwraith::config
