#include "pgwraith/control/display.h"

#include <gmock/gmock.h>

#include "fake_commands.h"
#include "pgwraith/migration/migration.h"

namespace pgwraith::control {
namespace {

using migration::Phase;
using testing::HasSubstr;
using testing::Not;

TEST(Eta, GetsCoarserTheFartherItIs) {
    EXPECT_EQ(format_eta(milliseconds{0}), "<1s");
    EXPECT_EQ(format_eta(milliseconds{999}), "<1s");
    EXPECT_EQ(format_eta(milliseconds{1'001}), "2s");
    EXPECT_EQ(format_eta(milliseconds{59'000}), "59s");
    EXPECT_EQ(format_eta(milliseconds{61'000}), "1m 05s");
    EXPECT_EQ(format_eta(milliseconds{598'000}), "10m 00s");
    EXPECT_EQ(format_eta(milliseconds{601'000}), "11m");
    EXPECT_EQ(format_eta(milliseconds{3'600'000}), "1h 00m");
    EXPECT_EQ(format_eta(milliseconds{7'500'000}), "2h 05m");
    EXPECT_EQ(format_eta(milliseconds{187'200'000}), "2d 4h");
}

TEST(Fit, CutsByColumnsNotBytes) {
    EXPECT_EQ(fit("abcdef", 4), "abcd");
    EXPECT_EQ(fit("abc", 4), "abc");
    EXPECT_EQ(fit("äöüß", 3), "äöü");
    EXPECT_EQ(fit("表表表", 5), "表表");  // each takes two
    EXPECT_EQ(fit("", 4), "");
}

TEST(Fit, LeavesNothingThatCouldPlayWithTheTerminal) {
    EXPECT_EQ(fit("a\x1b[2Jb\r\nc", 80), "a [2Jb  c");
    EXPECT_EQ(fit("x\xff\xc3", 80), "x??");
}

TEST(Line, ShowsWhatMatters) {
    FakeCommands commands;
    commands.state.stream_lag_bytes = 1024 * 1024;
    ProgressDisplay display;
    const std::string line = display.line(commands.state, 160);
    EXPECT_THAT(line, HasSubstr("copy"));
    EXPECT_THAT(line, HasSubstr("[##########--------------]"));
    EXPECT_THAT(line, HasSubstr("42.3%"));
    EXPECT_THAT(line, HasSubstr("181,234 rows/s"));
    EXPECT_THAT(line, HasSubstr("ETA 12s"));
    EXPECT_THAT(line, HasSubstr("lag " + format_size(1024 * 1024)));
    EXPECT_THAT(line, HasSubstr("pending 77"));
    EXPECT_THAT(line, HasSubstr("copying"));
    EXPECT_THAT(line, Not(HasSubstr("throttled")));
}

TEST(Line, FitsAnyWidthAndKeepsTheThrottleReasonFirst) {
    FakeCommands commands;
    commands.state.throttled = "replica lag 12s > 10s";
    ProgressDisplay display;
    for (const std::size_t width : {0u, 1u, 2u, 20u, 69u, 70u, 100u, 300u}) {
        EXPECT_LE(display.line(commands.state, width).size(), width) << width;
    }
    EXPECT_THAT(display.line(commands.state, 80), HasSubstr("throttled: replica lag 12s > 10s"));
}

TEST(Line, LeavesRoomForTheEchoOfCtrlC) {
    FakeCommands commands;
    commands.state.throttled = std::string(200, 'x');
    ProgressDisplay display;
    EXPECT_EQ(display.line(commands.state, 80).size(), 77U);
}

TEST(Line, PercentNeverGoesBack) {
    FakeCommands commands;
    ProgressDisplay display;
    EXPECT_THAT(display.line(commands.state, 80), HasSubstr(" 42.3%"));
    commands.state.units_total = 5'000;
    EXPECT_THAT(display.line(commands.state, 80), HasSubstr(" 42.3%"));
    commands.state.units_done = 9'999;
    EXPECT_THAT(display.line(commands.state, 80), HasSubstr("100.0%"));
    EXPECT_THAT(display.log_line(commands.state), HasSubstr("copy 100.0%"));
}

TEST(Line, NoPercentNorEtaWhenTheyMeanNothing) {
    migration::Progress progress;
    progress.phase = Phase::catch_up;
    ProgressDisplay display;
    const std::string line = display.line(progress, 120);
    EXPECT_THAT(line, Not(HasSubstr("%")));
    EXPECT_THAT(line, Not(HasSubstr("ETA")));
    EXPECT_THAT(line, Not(HasSubstr("rows/s")));
}

TEST(LogLine, SaysRowsOfTheEstimateButNeverMoreThanAll) {
    FakeCommands commands;
    commands.state.rows_copied = 120'000;  // the estimate was low
    ProgressDisplay display;
    EXPECT_THAT(display.log_line(commands.state), HasSubstr("120,000 of about 120,000 rows"));
}

// The process that ends it need not be the one that asked for the locks.
TEST(Summary, OfStepsKnowsWhatEarlierProcessesMeasured) {
    FakeCommands commands;
    commands.state.direct = true;
    commands.state.blocked_ms.reset();
    EXPECT_THAT(summary_text(commands.state, commands.settings_, Clock::now()), HasSubstr("no lock stops readers"));
    commands.state.blocked_ms = 4.3;
    commands.state.blocked_by = "ADD COLUMN a";
    EXPECT_THAT(summary_text(commands.state, commands.settings_, Clock::now()),
                HasSubstr("others waited 4.3 ms at most, for ADD COLUMN a"));
}

TEST(Summary, NamesRowsPhasesBlockingRetriesAndTheOldTable) {
    FakeCommands commands;
    auto& progress = commands.state;
    progress.rows_copied = progress.rows_verified = 1'000'000;
    progress.shadow_rows_verified = 999'999;
    progress.differences_repaired = 2;
    progress.changes_applied = 34'567;
    progress.cutover_attempts = 3;
    progress.blocked_ms = 4.32;
    progress.old_table = "pgwraith_old_16385.orders";
    progress.phase_times = {{Phase::copy, milliseconds{5'000}}, {Phase::build, milliseconds{850}}};
    const std::string text = summary_text(progress, commands.settings_, progress.started + milliseconds{6'100});
    EXPECT_THAT(text, HasSubstr("public.orders"));
    EXPECT_THAT(text,
                HasSubstr("1,000,000 copied, 1,000,000 verified against 999,999 of the new table, 2 differences "));
    EXPECT_THAT(text, HasSubstr("34,567 applied"));
    EXPECT_THAT(text, HasSubstr("build 850ms"));
    EXPECT_THAT(text, HasSubstr("4.3 ms"));
    EXPECT_THAT(text, HasSubstr("2 of the cutover"));
    EXPECT_THAT(text, HasSubstr("pgwraith_old_16385.orders"));
    commands.settings_.verify = config::Verify::off;
    EXPECT_THAT(summary_text(progress, commands.settings_, Clock::now()), HasSubstr("not verified"));
    // Asked for by hand: it was verified all the same.
    progress.verifications = 1;
    EXPECT_THAT(summary_text(progress, commands.settings_, Clock::now()), HasSubstr("1,000,000 verified"));
}

TEST(VerificationText, SaysWhatWasComparedAndPointsToTheLogOnlyForRepairs) {
    FakeCommands commands;
    commands.state.last_verification = migration::Verification{1'000, 1'001, 1};
    auto text = verification_text(status_json(commands.state, commands.settings_, 0, Clock::now()));
    EXPECT_THAT(text, HasSubstr("1,000 rows of public.orders against 1,001 rows of the new table, 1 differences"));
    EXPECT_THAT(text, HasSubstr("log"));
    commands.state.last_verification->repaired = 0;
    text = verification_text(status_json(commands.state, commands.settings_, 0, Clock::now()));
    EXPECT_THAT(text, Not(HasSubstr("log")));
}

TEST(StatusText, ReadsWhatAProcessAnswersAndSurvivesMissingKeys) {
    FakeCommands commands;
    const std::string text = status_text(status_json(commands.state, commands.settings_, 42.3, Clock::now()));
    EXPECT_THAT(text, HasSubstr("copy, 42.3%, ETA 12s"));
    EXPECT_THAT(text, HasSubstr("42,300 copied of about 100,000"));
    EXPECT_THAT(status_text(nlohmann::json::object()), HasSubstr("phase"));
}

TEST(StatusText, StepsHaveNoRowsOfAShadow) {
    FakeCommands commands;
    commands.state.direct = true;
    const std::string text = status_text(status_json(commands.state, commands.settings_, 0, Clock::now()));
    EXPECT_THAT(text, Not(HasSubstr("copied")));
    EXPECT_THAT(text, Not(HasSubstr("retained WAL")));
    EXPECT_THAT(text, HasSubstr("cutover"));
}

migration::Plan example_plan() {
    migration::Plan plan;
    plan.table = "public.orders";
    plan.key = {"id"};
    plan.key_index = "orders_key";
    plan.key_why = "it has the fewest columns";
    plan.borrowed_identity = "USING INDEX \"orders_key\" for the time of the migration, DEFAULT before and after";
    plan.settings = {{"TimeZone", "Asia/Tokyo"}, {"app.tenant", "(set)"}};
    plan.steps = {{"copy 1,000 rows", "ACCESS SHARE", "INSERT INTO a\nSELECT b"}, {"verify", "", ""}};
    plan.columns = {{"id", "bigint", "id", "id", "same"}, {"status", "text", "", "'new'", "default"}};
    plan.dropped_columns = {"note"};
    plan.space_bytes = 3 * 1024 * 1024;
    plan.warnings = {"max_slot_wal_keep_size is unlimited"};
    plan.refusals = {{"a view depends on it", "drop the view first"}};
    return plan;
}

TEST(Plan, TextNamesStepsLocksColumnsAndRefusals) {
    const std::string text = plan_text(example_plan());
    for (const char* part :
         {"Plan for public.orders", "id, of index orders_key: it has the fewest columns",
          "USING INDEX \"orders_key\" for the time", "TimeZone = Asia/Tokyo, app.tenant = (set)", "1. copy 1,000 rows",
          "lock: ACCESS SHARE", "lock: none", "       SELECT b", "status      text    -     'new'", "Dropped: note",
          "max_slot_wal_keep_size", "a view depends", "drop the view first"}) {
        EXPECT_THAT(text, HasSubstr(part));
    }
    auto accepted = example_plan();
    accepted.refusals.clear();
    EXPECT_THAT(plan_text(accepted), Not(HasSubstr("Refused")));
    accepted.way = "shadow";
    EXPECT_THAT(plan_text(accepted), HasSubstr("roughly 3"));
}

TEST(Plan, TextBeginsWithTheAnswer) {
    migration::Plan plan;
    plan.table = "public.orders";
    plan.strategy = "auto";
    plan.way = "online";
    plan.way_why = "rows are read";
    plan.duration = "about 3 min";
    plan.blocking = "readers and writers wait once";
    plan.before = {"it must write no NULL into a any more"};
    plan.parts = {{"ALTER TABLE …", "ALTER COLUMN a SET NOT NULL", "online", "a CHECK", "ACCESS EXCLUSIVE", true}};
    plan.passed_over = {"DROP INDEX i"};
    plan.steps = {{"do it", "ACCESS EXCLUSIVE", ""}, {"  in it", "the same", "SELECT 1", true}, {"end", "none", ""}};
    const auto text = plan_text(plan);
    for (const char* part : {"online (strategy: auto)", "about 3 min, on", "next to none", "no NULL into a",
                             "ALTER COLUMN a SET NOT NULL: online, a CHECK", "DROP INDEX i: nothing to do",
                             "(1 in it, see --verbose)", "2. end"}) {
        EXPECT_THAT(text, HasSubstr(part));
    }
    EXPECT_LT(text.find("way"), text.find("Each part"));
    EXPECT_THAT(text, Not(HasSubstr("SELECT 1")));
    EXPECT_THAT(plan_text(plan, true), HasSubstr("SELECT 1"));
}

TEST(Plan, JsonHasTheSame) {
    const auto plan = plan_json(example_plan());
    EXPECT_EQ(plan["steps"][0]["lock"], "ACCESS SHARE");
    EXPECT_EQ(plan["columns"][1]["expression"], "'new'");
    EXPECT_EQ(plan["space_bytes"], 3 * 1024 * 1024);
    EXPECT_EQ(plan["refusals"][0]["remedy"], "drop the view first");
    EXPECT_EQ(plan["key"][0], "id");
    EXPECT_EQ(plan["settings"]["TimeZone"], "Asia/Tokyo");
    EXPECT_EQ(plan["dropped_columns"][0], "note");
    EXPECT_EQ(plan["warnings"].size(), 1u);
}

}  // namespace
}  // namespace pgwraith::control
