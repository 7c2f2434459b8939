#include "pgwraith/control/status.h"

#include <gmock/gmock.h>

#include "fake_commands.h"
#include "pgwraith/control/routes.h"

namespace pgwraith::control {
namespace {

using migration::Phase;
using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

TEST(Status, HasEveryKeyAlsoWhenNothingIsKnown) {
    const json status = status_json(migration::Progress{}, FakeCommands{}.settings_, 0, Clock::now());
    for (const char* key : {"table",
                            "pid",
                            "mode",
                            "way",
                            "rehearsal",
                            "phase",
                            "activity",
                            "percent",
                            "rows_copied",
                            "row_estimate",
                            "rows_per_second",
                            "eta_ms",
                            "throttled",
                            "throttled_ms",
                            "changes_received",
                            "changes_applied",
                            "pending_changes",
                            "stream_lag_bytes",
                            "retained_wal_bytes",
                            "replica_lag_ms",
                            "commit_latency_ms",
                            "signals",
                            "workers_allowed",
                            "rows_verified",
                            "shadow_rows_verified",
                            "unverified_columns",
                            "verifications",
                            "last_verification",
                            "differences_repaired",
                            "cutover_attempts",
                            "blocked_ms",
                            "old_table",
                            "reconnects",
                            "elapsed_ms",
                            "phase_ms"}) {
        EXPECT_TRUE(status.contains(key)) << key;
    }
    EXPECT_TRUE(status["eta_ms"].is_null());
    EXPECT_TRUE(status["throttled"].is_null());
    EXPECT_TRUE(status["blocked_ms"].is_null());
    EXPECT_TRUE(status["last_verification"].is_null());
    EXPECT_EQ(status["elapsed_ms"], 0);
    EXPECT_EQ(status["phase"], "prepare");
    EXPECT_EQ(status["phase_ms"], json::object());
}

TEST(Status, CarriesValuesWithTheirUnits) {
    FakeCommands commands;
    auto& progress = commands.state;
    progress.throttled = "replica lag 12s > 10s";
    progress.throttled_for = milliseconds{1'500};
    progress.replica_lag = milliseconds{12'000};
    progress.blocked_ms = 4.5;
    progress.phase_times = {
        {Phase::copy, milliseconds{100}}, {Phase::copy, milliseconds{50}}, {Phase::build, milliseconds{7}}};
    commands.settings_.cutover.mode = config::CutoverMode::manual;
    const json status =
        status_json(progress, commands.settings_, 42.3, progress.started + std::chrono::milliseconds{9'000});
    EXPECT_EQ(status["table"], "public.orders");
    EXPECT_EQ(status["mode"], "manual");
    EXPECT_EQ(status["phase"], "copy");
    EXPECT_EQ(status["percent"], 42.3);
    EXPECT_EQ(status["rows_per_second"], 181'234);
    EXPECT_EQ(status["eta_ms"], 12'000);
    EXPECT_EQ(status["throttled"], "replica lag 12s > 10s");
    EXPECT_EQ(status["throttled_ms"], 1'500);
    EXPECT_EQ(status["replica_lag_ms"], 12'000);
    EXPECT_EQ(status["blocked_ms"], 4.5);
    EXPECT_EQ(status["elapsed_ms"], 9'000);
    EXPECT_EQ(status["phase_ms"], (json{{"copy", 150}, {"build", 7}}));
}

TEST(Status, ListsTheSignals) {
    FakeCommands commands;
    const auto now = Clock::now();
    EXPECT_TRUE(status_json(commands.state, commands.settings_, 0, now)["commit_latency_ms"].is_null());
    commands.state.signals = {
        {"commit_latency", "ms", 120.04, 100.0, true, "a commit takes 120ms", now - milliseconds{700}},
        {"retained_wal", "bytes", 4'096.0, std::nullopt, false, "", now}};
    const json status = status_json(commands.state, commands.settings_, 0, now);
    EXPECT_EQ(status["commit_latency_ms"], 120.0);
    EXPECT_EQ(status["signals"][0], (json{{"name", "commit_latency"},
                                          {"unit", "ms"},
                                          {"value", 120.0},
                                          {"limit", 100.0},
                                          {"holds", true},
                                          {"since_ms", 700},
                                          {"why", "a commit takes 120ms"}}));
    EXPECT_TRUE(status["signals"][1]["limit"].is_null());
    EXPECT_TRUE(status["signals"][1]["why"].is_null());
    const auto text = metrics_text(commands.state, commands.settings_, 0, now);
    EXPECT_THAT(text, HasSubstr("pgwraith_signal_value{table=\"public.orders\",signal=\"commit_latency\",unit="
                                "\"seconds\"} 0.12004"));
    EXPECT_THAT(text, HasSubstr("pgwraith_signal_limit{table=\"public.orders\",signal=\"commit_latency\",unit="
                                "\"seconds\"} 0.1\n"));
    EXPECT_THAT(text, Not(HasSubstr("signal_limit{table=\"public.orders\",signal=\"retained_wal\"")));
    EXPECT_THAT(text, HasSubstr("pgwraith_signal_holds{table=\"public.orders\",signal=\"retained_wal\"} 0\n"));
}

TEST(Status, QuotesATableOnlyWhereItMust) {
    EXPECT_EQ(display_name({"public", "orders_2"}), "public.orders_2");
    EXPECT_EQ(display_name({"app", "Order Items"}), "app.\"Order Items\"");
    EXPECT_EQ(display_name({"2app", "a\"b"}), "\"2app\".\"a\"\"b\"");
}

TEST(Percent, NeverGoesBackwardsWithinAPhaseAndNeverAboveHundred) {
    PercentFloor floor;
    migration::Progress progress;
    progress.phase = Phase::copy;
    progress.units_total = 1000;
    progress.units_done = 500;
    EXPECT_EQ(floor.update(progress), 50);
    progress.units_total = 2000;  // the table grew
    EXPECT_EQ(floor.update(progress), 50);
    progress.units_done = 1999;
    EXPECT_EQ(floor.update(progress), 99.9);  // not rounded up to all of it
    progress.units_done = 3000;
    EXPECT_EQ(floor.update(progress), 100);
    progress.phase = Phase::build;
    progress.units_done = 0;
    EXPECT_EQ(floor.update(progress), 0);
}

TEST(Percent, UnknownTotalIsZeroAndTheEndIsAll) {
    migration::Progress progress;
    progress.units_done = 5;
    EXPECT_EQ(progress.fraction(), 0);
    progress.phase = Phase::done;
    EXPECT_EQ(progress.fraction(), 1);
    EXPECT_STREQ(migration::phase_name(Phase::catch_up), "catch_up");
}

TEST(Metrics, AreInPrometheusTextFormatAndBaseUnits) {
    FakeCommands commands;
    commands.state.throttled = "paused";
    commands.state.throttled_for = milliseconds{1'500};
    commands.state.blocked_ms = 5;
    const std::string text = metrics_text(commands.state, commands.settings_, 42.5, Clock::now());
    EXPECT_THAT(text, HasSubstr("# TYPE pgwraith_rows_copied_total counter\n"));
    EXPECT_THAT(text, HasSubstr("pgwraith_rows_copied_total{table=\"public.orders\"} 42300\n"));
    EXPECT_THAT(text, HasSubstr("pgwraith_phase{table=\"public.orders\",phase=\"copy\"} 1\n"));
    EXPECT_THAT(text, HasSubstr("pgwraith_phase{table=\"public.orders\",phase=\"build\"} 0\n"));
    EXPECT_THAT(text, HasSubstr("pgwraith_throttled_seconds_total{table=\"public.orders\"} 1.5\n"));
    EXPECT_THAT(text, HasSubstr("pgwraith_cutover_blocked_seconds{table=\"public.orders\"} 0.005"));
    EXPECT_THAT(text, HasSubstr("pgwraith_phase_progress_ratio{table=\"public.orders\"} 0.425"));
    EXPECT_THAT(text, Not(HasSubstr("replica_lag")));  // not known: not there
}

TEST(Routes, CommandsReachTheMigration) {
    FakeCommands commands;
    Routes routes(commands);
    EXPECT_EQ(routes.handle("POST", "/pause", "").status, 200u);
    EXPECT_TRUE(commands.paused);
    EXPECT_EQ(routes.handle("POST", "/resume", "").status, 200u);
    EXPECT_FALSE(commands.paused);
    const Reply cutover = routes.handle("POST", "/cutover", "");
    EXPECT_EQ(cutover.status, 202u);
    EXPECT_EQ(json::parse(cutover.body)["message"], "swapping now");
    EXPECT_EQ(routes.handle("POST", "/abort", "").status, 202u);
    EXPECT_TRUE(commands.aborted);
}

TEST(Routes, SetTakesTextAndNumbers) {
    FakeCommands commands;
    Routes routes(commands);
    EXPECT_EQ(routes.handle("POST", "/set", R"({"key":"copy.workers","value":"3"})").status, 200u);
    EXPECT_EQ(commands.workers, "3");
    EXPECT_EQ(routes.handle("POST", "/set", R"({"key":"copy.workers","value":4})").status, 200u);
    EXPECT_EQ(commands.workers, "4");
    const Reply unknown = routes.handle("POST", "/set", R"({"key":"nonsense","value":"1"})");
    EXPECT_EQ(unknown.status, 400u);
    EXPECT_EQ(json::parse(unknown.body)["error"], "no setting nonsense");
    EXPECT_EQ(json::parse(unknown.body)["hint"], "there is copy.workers");
    for (const char* broken : {"", "{", "[]", "7", R"({"key":"copy.workers"})", R"({"key":[],"value":{}})"}) {
        EXPECT_EQ(routes.handle("POST", "/set", broken).status, 400u) << broken;
    }
    EXPECT_EQ(commands.workers, "4");
}

TEST(Routes, RefusesWhatItDoesNotKnow) {
    FakeCommands commands;
    Routes routes(commands);
    EXPECT_EQ(routes.handle("GET", "/nothing", "").status, 404u);
    EXPECT_EQ(routes.handle("GET", "", "").status, 404u);
    const Reply method = routes.handle("GET", "/abort", "");
    EXPECT_EQ(method.status, 405u);
    EXPECT_EQ(method.allow, "POST");
    EXPECT_FALSE(commands.aborted);
    EXPECT_EQ(routes.handle("GET", "/status?pretty", "").status, 200u);
}

TEST(Routes, ACommandThatCannotBeNowIsAConflict) {
    FakeCommands commands;
    Routes routes(commands);
    commands.ready = false;
    EXPECT_EQ(routes.handle("POST", "/cutover", "").status, 409u);
    commands.state.phase = Phase::done;
    EXPECT_EQ(routes.handle("POST", "/abort", "").status, 409u);
    EXPECT_FALSE(commands.aborted);
}

TEST(Routes, TextThatIsNotUtf8StillAnswers) {
    FakeCommands commands;
    Routes routes(commands);
    commands.state.activity = "building \xff\xfe";
    const Reply reply = routes.handle("GET", "/status", "");
    EXPECT_EQ(reply.status, 200u);
    EXPECT_TRUE(json::accept(reply.body));
}

}  // namespace
}  // namespace pgwraith::control
