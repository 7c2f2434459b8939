#include "pgwraith/config/reread.h"

#include "field.h"
#include "helpers.h"

namespace pgwraith::config {
namespace {

using namespace std::chrono_literals;
using Names = std::vector<std::string>;

TEST(Reread, TakesWhatMayChangeAndNamesTheRest) {
    Settings running = settings_with("copy: {workers: 3}\nsql: SELECT 1\n");
    const Settings file = settings_with(
        "verify: off\ncopy: {workers: 4}\nthrottle: {max_replica_lag: 5m, max_slot_lag: '30s, 1GiB', "
        "max_active_sessions: 8, ignore_replicas: [a, b], hours: 'Sat 00:00-24:00 UTC', query: SELECT 2}\n"
        "cutover: {mode: manual}\n");
    const auto reread = take_changes(running, file);
    EXPECT_EQ(reread.changed,
              (Names{"cutover.mode: auto -> manual", "throttle.max_replica_lag: 10s -> 5m",
                     "throttle.ignore_replicas: empty -> a, b", "throttle.max_slot_lag: off -> 30s, 1GiB",
                     "throttle.max_active_sessions: off -> 8", "throttle.query: empty -> SELECT 2",
                     "throttle.hours: empty -> Sat 00:00-24:00 UTC", "copy.workers: 3 -> 4"}));
    EXPECT_EQ(reread.not_changed, (Names{"sql", "verify"}));
    EXPECT_EQ(running.copy.workers, 4);
    EXPECT_EQ(running.throttle, file.throttle);
    EXPECT_EQ(running.sql, "SELECT 1");
    EXPECT_EQ(running.verify, Verify::full);
}

TEST(Reread, OfTheSameFileChangesNothing) {
    Settings running = settings_with("");
    const auto reread = take_changes(running, settings_with(""));
    EXPECT_EQ(reread.changed, Names{});
    EXPECT_EQ(reread.not_changed, Names{});
}

TEST(Reread, AContradictionChangesNothing) {
    Settings running = settings_with("");
    Settings file = running;
    file.throttle.idle_ratio = 5;
    file.cutover.lock_timeout = 5s;
    const Settings before = running;
    EXPECT_THROW(take_changes(running, file), Error);
    EXPECT_EQ(running, before);
}

TEST(Reread, EverySettingCanBeCompared) {
    for (const Field& field : fields()) {
        EXPECT_TRUE(field.same && field.take) << field.key;
        EXPECT_TRUE(field.changes == Changes::at_start || field.in_words) << field.key;
    }
}

}  // namespace
}  // namespace pgwraith::config
