#include <fmt/format.h>
#include <fmt/ranges.h>

#include "field.h"
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
    expected.copy = {4, CopyMethod::automatic, 1s, 1'048'576};
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
    std::vector<std::string> changeable;
    for (const Field& field : fields()) {
        if (field.changes == Changes::running) changeable.push_back(field.key);
    }
    const auto keys =
        fmt::format(" cannot be changed while a migration runs (expected one of {})", fmt::join(changeable, ", "));
    Settings settings = settings_with("");
    for (const char* key : {"table", "sql", "connection", "verify", "values.a", "copy", "", "cutover.mod"}) {
        EXPECT_EQ(set_refusal(settings, key, "full"), "'" + std::string(key) + "'" + keys);
    }
}

TEST(ApplySetting, SaysTheNewValueWithoutPasswords) {
    Settings settings = settings_with("");
    EXPECT_EQ(apply_setting(settings, "copy.chunk_target", "1000ms"), "1s");
    EXPECT_EQ(
        apply_setting(settings, "throttle.replicas", "host=a,b port=1,2 password=secret; postgresql://u:secret@c/d"),
        "host=a,b port=1,2 password=***, postgresql://u:***@c/d");
    EXPECT_EQ(settings.throttle.replicas,
              (std::vector<std::string>{"host=a,b port=1,2 password=secret", "postgresql://u:secret@c/d"}));
    EXPECT_EQ(apply_setting(settings, "throttle.replicas", ""), "empty");
}

}  // namespace
}  // namespace pgwraith::config
