#include "pgwraith/control/metrics.h"

#include <gmock/gmock.h>

#include "fake_commands.h"
#include "pgwraith/control/health.h"
#include "pgwraith/control/routes.h"

namespace pgwraith::control {
namespace {

using namespace std::chrono_literals;
using migration::Phase;
using testing::HasSubstr;
using testing::Not;

std::string text_of(const FakeCommands& commands, Moments now = Moments::now()) {
    return metrics_text(commands.state, commands.settings_, 42.5, now);
}

TEST(Metrics, AreInPrometheusTextFormatAndBaseUnits) {
    FakeCommands commands;
    commands.state.throttled = "paused";
    commands.state.throttled_for = milliseconds{1'500};
    commands.state.blocked_ms = 5;
    const std::string text = text_of(commands);
    EXPECT_THAT(text, HasSubstr("# TYPE pgwraith_rows_copied_total counter\n"));
    EXPECT_THAT(text, HasSubstr("pgwraith_rows_copied_total{table=\"public.orders\"} 42300\n"));
    EXPECT_THAT(text, HasSubstr("pgwraith_phase{table=\"public.orders\",phase=\"copy\"} 1\n"));
    EXPECT_THAT(text, HasSubstr("pgwraith_phase{table=\"public.orders\",phase=\"build\"} 0\n"));
    EXPECT_THAT(text, HasSubstr("pgwraith_throttled_seconds_total{table=\"public.orders\"} 1.5\n"));
    EXPECT_THAT(text, HasSubstr("pgwraith_longest_block_seconds{table=\"public.orders\"} 0.005"));
    EXPECT_THAT(text, HasSubstr("pgwraith_phase_progress_ratio{table=\"public.orders\"} 0.425"));
    EXPECT_THAT(text, Not(HasSubstr("replica_lag")));  // not known: not there
    EXPECT_THAT(text, Not(HasSubstr("safe_wal")));
}

TEST(Metrics, MomentsAreUnixTime) {
    FakeCommands commands;
    const Moments now{Clock::now(), std::chrono::system_clock::time_point(1'795'000'000s)};
    commands.state.phase_began = now.steady - 90s;
    commands.state.advanced = now.steady - 500ms;
    const auto text = text_of(commands, now);
    EXPECT_THAT(text, HasSubstr("pgwraith_phase_began_timestamp_seconds{table=\"public.orders\"} 1794999910\n"));
    EXPECT_THAT(text, HasSubstr("pgwraith_advanced_timestamp_seconds{table=\"public.orders\"} 1794999999.5\n"));
}

TEST(Metrics, EachUnitOfASignalHasItsNames) {
    FakeCommands commands;
    const auto now = Clock::now();
    commands.state.signals = {{"commit_latency", "ms", 120.04, 100.0, true, "slow", now},
                              {"retained_wal", "bytes", 4'096.0, std::nullopt, false, "", now},
                              {"wal_rate", "bytes/s", 5.0, 10.0, false, "", now},
                              {"cores", "sessions/core", 5.0, 10.0, false, "", now},
                              {"query", "", 7.0, 0.0, false, "", now},
                              {"hours", "", std::nullopt, std::nullopt, true, "closed", now}};
    const auto text = text_of(commands);
    const auto has = [&](const std::string& series) { EXPECT_THAT(text, HasSubstr(series + "\n")) << series; };
    has("pgwraith_signal_seconds{table=\"public.orders\",signal=\"commit_latency\"} 0.12004");
    has("pgwraith_signal_limit_seconds{table=\"public.orders\",signal=\"commit_latency\"} 0.1");
    has("pgwraith_signal_used_ratio{table=\"public.orders\",signal=\"commit_latency\"} 1.2004");
    has("pgwraith_signal_bytes{table=\"public.orders\",signal=\"retained_wal\"} 4096");
    has("pgwraith_signal_bytes_per_second{table=\"public.orders\",signal=\"wal_rate\"} 5");
    has("pgwraith_signal_sessions_core{table=\"public.orders\",signal=\"cores\"} 5");
    has("pgwraith_signal_value{table=\"public.orders\",signal=\"query\"} 7");
    has("pgwraith_signal_holds{table=\"public.orders\",signal=\"hours\"} 1");
    EXPECT_THAT(text, Not(HasSubstr("pgwraith_signal_limit_bytes{")));
    EXPECT_THAT(text, Not(HasSubstr("signal_used_ratio{table=\"public.orders\",signal=\"query\"")));
    // One family each, whatever the order of the signals is.
    EXPECT_EQ(text.find("# TYPE pgwraith_signal_holds"), text.rfind("# TYPE pgwraith_signal_holds"));
}

TEST(Metrics, OfTheProcess) {
    const auto text = process_metrics_text();
    EXPECT_THAT(text, HasSubstr("\nprocess_start_time_seconds 1"));
    EXPECT_THAT(text, HasSubstr("# TYPE process_cpu_seconds_total counter\n"));
    EXPECT_THAT(text, Not(HasSubstr("process_resident_memory_bytes 0\n")));
}

TEST(Scrapes, TheNextComesWhenTheyAreRegular) {
    Scrapes scrapes;
    const auto begin = Clock::now();
    EXPECT_EQ(scrapes.next_within(begin), 0ms);
    scrapes.come(begin);
    EXPECT_EQ(scrapes.next_within(begin), 0ms) << "one is somebody with curl";
    scrapes.come(begin + 10s);
    EXPECT_EQ(scrapes.next_within(begin + 12s), 13s);
    EXPECT_FALSE(scrapes.come_since(begin + 12s));
    EXPECT_EQ(scrapes.next_within(begin + 60s), 0ms) << "it has gone away";
    scrapes.come(begin + 60s);
    EXPECT_TRUE(scrapes.come_since(begin + 12s));
    scrapes.come(begin + 200s);
    EXPECT_EQ(scrapes.next_within(begin + 200s), 0ms) << "too seldom to be waited for";
}

TEST(Health, AProcessThatTriesAgainIsAliveAndNotReady) {
    FakeCommands commands;
    Routes routes(commands);
    EXPECT_EQ(routes.handle("GET", "/healthz", "").status, 200u);
    EXPECT_EQ(routes.handle("GET", "/readyz", "").status, 503u) << "it does not hold the table yet";
    commands.state.owns = true;
    EXPECT_EQ(routes.handle("GET", "/readyz", "").status, 200u);
    commands.state.throttled = "paused by the operator";
    EXPECT_EQ(routes.handle("GET", "/readyz", "").status, 200u) << "it waits, as it was told";
    commands.state.outage = migration::Outage{"the server does not answer", {}, {}, {}};
    EXPECT_EQ(routes.handle("GET", "/healthz", "").status, 200u);
    const auto reply = routes.handle("GET", "/readyz", "");
    EXPECT_EQ(reply.status, 503u);
    EXPECT_THAT(reply.body, HasSubstr("the server does not answer"));
    EXPECT_THAT(routes.handle("GET", "/metrics", "").body, HasSubstr("pgwraith_ready{table=\"public.orders\"} 0\n"));
    commands.state.outage.reset();
    commands.state.owns = false;
    commands.state.phase = Phase::done;
    EXPECT_EQ(routes.handle("GET", "/readyz", "").status, 200u);
    EXPECT_EQ(routes.handle("POST", "/readyz", "").status, 405u);
}

}  // namespace
}  // namespace pgwraith::control
