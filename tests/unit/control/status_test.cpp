#include "pgwraith/control/status.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

#include "fake_commands.h"
#include "pgwraith/control/routes.h"

namespace pgwraith::control {
namespace {

using migration::Phase;
using nlohmann::json;

// docs/status.md: key -> types.
std::map<std::string, std::string> documented_keys() {
    std::ifstream file(std::filesystem::path(__FILE__).parent_path() / "../../../docs/status.md");
    std::map<std::string, std::string> keys;
    bool here = false;
    for (std::string line; std::getline(file, line);) {
        if (line == "| key | type | what |") here = true;
        if (!here || !line.starts_with("| `")) continue;
        const auto end = line.find("` | ");
        const auto type = end + 4;
        keys[line.substr(3, end - 3)] = line.substr(type, line.find(" |", type) - type);
    }
    return keys;
}

std::string type_of(const json& value) {
    if (value.is_array()) return "array";
    return value.is_number() ? "number" : value.type_name();
}

void collect(const json& object, const std::string& prefix, std::map<std::string, std::string>& keys) {
    for (const auto& [name, value] : object.items()) {
        keys[prefix + name] = type_of(value);
        if (value.is_object() && name != "phase_ms") collect(value, prefix + name + ".", keys);
        if (value.is_array() && !value.empty() && value[0].is_object()) collect(value[0], prefix + name + "[].", keys);
    }
}

TEST(Status, HasTheDocumentedKeysAndNoOthers) {
    FakeCommands commands;
    auto& progress = commands.state;
    const auto now = Clock::now();
    progress.signals = {{"wal_rate", "bytes/s", 1.0, 2.0, true, "too much", now}};
    progress.outage = migration::Outage{"away", now, now, now};
    progress.last_error = migration::LastError{"away", now};
    progress.stream = migration::StreamState{};
    progress.last_verification = migration::Verification{};
    const auto documented = documented_keys();
    EXPECT_GT(documented.size(), 60U);
    for (const auto& known : {progress, migration::Progress{}}) {
        std::map<std::string, std::string> answered;
        auto status = status_json(known, commands.settings_, 0, now);
        if (known.outage) status["end"] = end_json({"stopped", "why", "what helps", 4});
        collect(status, "", answered);
        for (const auto& [key, type] : answered) {
            ASSERT_TRUE(documented.contains(key)) << key << " is not documented";
            EXPECT_THAT(documented.at(key), testing::HasSubstr(type)) << key;
        }
        if (!known.outage) continue;
        for (const auto& [key, type] : documented) EXPECT_TRUE(answered.contains(key)) << key << " is not answered";
    }
}

TEST(Status, SaysNullForWhatIsNotKnown) {
    const json status = status_json(migration::Progress{}, FakeCommands{}.settings_, 0, Clock::now());
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

TEST(Routes, TheLastStatusSaysHowItEnds) {
    FakeCommands commands;
    Routes routes(commands);
    EXPECT_TRUE(routes.status()["end"].is_null());
    routes.say_end({"aborted", "the migration was aborted", "", 5});
    const auto end = json::parse(routes.handle("GET", "/status", "").body)["end"];
    EXPECT_EQ(end["outcome"], "aborted");
    EXPECT_EQ(end["exit_status"], 5);
}

TEST(Routes, TextThatIsNotUtf8StillAnswers) {
    FakeCommands commands;
    Routes routes(commands);
    commands.state.activity = {"building \xff\xfe"};
    const Reply reply = routes.handle("GET", "/status", "");
    EXPECT_EQ(reply.status, 200u);
    EXPECT_TRUE(json::accept(reply.body));
}

}  // namespace
}  // namespace pgwraith::control
