#include "pgwraith/hooks/hooks.h"

#include <gmock/gmock.h>
#include <signal.h>

#include <boost/asio/io_context.hpp>
#include <fstream>

#include "environment.h"
#include "lines.h"
#include "outcome.h"
#include "pgwraith/base/error.h"

namespace pgwraith::hooks {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;
namespace fs = std::filesystem;

TEST(Environment, FactsComeBeforeWhatIsInherited) {
    const auto environment = environment_of({"HOME=/root", "PGWRAITH_TABLE=x", "PGWRAITH_OWN=1", "PGPASSWORD=s"},
                                            {{"TABLE", "app.t"}, {"REASON", std::string("a\0b", 3)}});
    EXPECT_THAT(environment, ElementsAre("HOME=/root", "PGWRAITH_OWN=1", "PGPASSWORD=s", "PGWRAITH_REASON=ab",
                                         "PGWRAITH_TABLE=app.t"));
    const auto cut = environment_of({}, {{"REASON", std::string(100'000, 'x')}});
    EXPECT_LT(cut.front().size(), 5'000u);
}

TEST(Environment, AScriptIsForTheShellAListIsNot) {
    EXPECT_THAT(arguments_of({"echo $HOME", {}}), ElementsAre("/bin/sh", "-c", "echo $HOME"));
    EXPECT_THAT(arguments_of({"", {"echo", "$HOME"}}), ElementsAre("echo", "$HOME"));
}

TEST(Environment, ThePogramOfAScriptIsKnownWhenItIsAPath) {
    EXPECT_EQ(program_of({"", {"notify"}}), "notify");
    EXPECT_EQ(program_of({"  ./notify.sh --now; true", {}}), "./notify.sh");
    EXPECT_EQ(program_of({"/bin/a&&/bin/b", {}}), "/bin/a");
    for (const char* script : {"notify", "$HOME/x", "if /bin/a; then", "'/a b' c", "~/x", "A=/b c", ""}) {
        EXPECT_EQ(program_of({script, {}}), "") << script;
    }
}

TEST(Lines, ComeInPieces) {
    std::vector<std::string> seen;
    Lines lines([&](const std::string& line) { seen.push_back(line); });
    lines.add("a");
    lines.add("b\r\n\nc\nd");
    EXPECT_THAT(seen, ElementsAre("ab", "c"));
    lines.end();
    EXPECT_THAT(seen, ElementsAre("ab", "c", "d"));
    EXPECT_EQ(lines.last(), "d");
}

TEST(Lines, AreLimited) {
    std::vector<std::string> seen;
    Lines lines([&](const std::string& line) { seen.push_back(line); });
    lines.add(std::string(5'000, 'x') + "\n");
    EXPECT_LT(seen.front().size(), 1'010u);
    for (int i = 0; i < 1'000; ++i) lines.add("line " + std::to_string(i) + "\n");
    EXPECT_THAT(seen, SizeIs(Lines::most_lines));
    EXPECT_EQ(lines.left_out(), 1'001 - Lines::most_lines);
    EXPECT_EQ(lines.last(), "line 999");
}

class Commands : public ::testing::Test {
  protected:
    Commands() {
        std::string name = (fs::temp_directory_path() / "pgwraith_hooks_XXXXXX").string();
        ensure(::mkdtemp(name.data()) != nullptr, "a temporary directory");
        directory = name;
        settings.file = directory / "change.yaml";
    }
    ~Commands() override {
        std::error_code ignored;
        fs::remove_all(directory, ignored);
    }
    config::Command& at(Moment moment) { return settings.hooks.commands.at(static_cast<std::size_t>(moment)); }
    std::optional<std::string> asked() {
        at(Moment::before_cutover) = command;
        std::optional<std::string> answer;
        Hooks hooks(io.get_executor(), settings, [] { return Facts{{"TABLE", "app.t"}}; });
        asio::co_spawn(io, ask_into(hooks, answer), [](std::exception_ptr error) {
            if (error) std::rethrow_exception(error);
        });
        io.restart();
        io.run();
        return answer;
    }
    static Task<void> ask_into(Hooks& hooks, std::optional<std::string>& answer) {
        answer = co_await hooks.ask(Moment::before_cutover);
    }
    std::string content(const char* name) const {
        std::ifstream file(directory / name);
        return {std::istreambuf_iterator<char>(file), {}};
    }

    fs::path directory;
    config::Settings settings;
    config::Command command;
    asio::io_context io{1};
};

TEST_F(Commands, RunInTheFilesDirectoryWithFacts) {
    command.script = "echo \"$PGWRAITH_HOOK $PGWRAITH_TABLE $(pwd) $(cat)\" > said";
    EXPECT_EQ(asked(), std::nullopt);
    EXPECT_EQ(content("said"), "before_cutover app.t " + fs::canonical(directory).string() + " \n");
}

TEST_F(Commands, SayNoWithTheirLastLine) {
    command.script = "echo thinking; echo 'not on a Friday' >&2; exit 3";
    EXPECT_EQ(asked().value_or(""), "the hook before_cutover ended with 3: not on a Friday");
    command = {"", {"sh", "-c", "kill -TERM $$"}};
    EXPECT_EQ(asked().value_or(""), "the hook before_cutover was ended by SIGTERM");
    command = {"no_such_program", {}};
    EXPECT_THAT(asked().value_or(""), HasSubstr("ended with 127 (the command was not found)"));
    command = {"", {"no_such_program"}};
    EXPECT_THAT(asked().value_or(""), HasSubstr("cannot be started: no_such_program: No such file or directory"));
}

TEST_F(Commands, AreEndedAtTheirLimitWithAllTheirChildren) {
    settings.hooks.timeout = 300ms;
    command.script = "trap '' TERM; (trap '' TERM; sleep 60) & echo $! > child; sleep 60";
    const auto begun = Clock::now();
    EXPECT_THAT(asked().value_or(""), HasSubstr("did not end within 300ms (hooks.timeout), and was killed"));
    EXPECT_LT(Clock::now() - begun, 20s);
    const auto child = std::stoi(content("child"));
    for (int i = 0; i < 1'000 && ::kill(child, 0) == 0 &&
                    content(("/proc/" + std::to_string(child) + "/stat").c_str()).find(") Z") == std::string::npos;
         ++i) {
        ::usleep(10'000);
    }
    const auto state = content(("/proc/" + std::to_string(child) + "/stat").c_str());
    EXPECT_TRUE(state.empty() || state.find(") Z") != std::string::npos) << state;
}

TEST_F(Commands, WhoLeavesTheGroupIsNotWaitedFor) {
    command.script = "setsid sleep 3 & exit 0";
    const auto begun = Clock::now();
    EXPECT_EQ(asked(), std::nullopt);
    EXPECT_LT(Clock::now() - begun, 2'500ms);
}

TEST_F(Commands, AMegabyteOfOutputIsRead) {
    command.script = "head -c 1048576 /dev/zero | tr '\\0' x; head -c 1048576 /dev/zero | tr '\\0' '\\n' >&2; exit 1";
    EXPECT_THAT(asked().value_or(""), HasSubstr("ended with 1: xxx"));
}

TEST_F(Commands, InheritNoDescriptorAndNoIgnoredSignal) {
    std::ofstream open(directory / "open");
    ::signal(SIGPIPE, SIG_IGN);
    // The listing itself has one more.
    command = {"", {"sh", "-c", "ls /proc/self/fd | wc -l; grep SigIgn /proc/$$/status > ignored; exit 1"}};
    EXPECT_EQ(asked().value_or(""), "the hook before_cutover ended with 1: 4");
    const auto ignored = std::stoull(content("ignored").substr(8), nullptr, 16);
    EXPECT_EQ(ignored & (1ULL << (SIGPIPE - 1)), 0u);  // (glibc keeps two of its own ignored)
}

TEST_F(Commands, RunOneAfterTheOther) {
    at(Moment::started).script = "sleep 0.2; echo 1 >> order";
    at(Moment::copied).script = "echo 2 >> order";
    at(Moment::ready).script = "exit 7";  // a warning, no more
    command.script = "echo 3 >> order";
    at(Moment::before_cutover) = command;
    Hooks hooks(io.get_executor(), settings, [] { return Facts(); });
    hooks.tell_once(Moment::started);
    hooks.tell_once(Moment::started);
    hooks.tell(Moment::copied);
    hooks.tell(Moment::ready);
    hooks.tell(Moment::failed);  // there is none
    std::optional<std::string> answer = "not asked";
    asio::co_spawn(io, ask_into(hooks, answer), [](std::exception_ptr) {});
    io.run();
    EXPECT_EQ(answer, std::nullopt);
    EXPECT_EQ(content("order"), "1\n2\n3\n");
}

TEST_F(Commands, EndAtOnceWhenTheProcessStops) {
    at(Moment::started).script = "sleep 60";
    at(Moment::copied).script = "touch ran";
    Hooks hooks(io.get_executor(), settings, [] { return Facts(); });
    hooks.tell(Moment::started);
    hooks.tell(Moment::copied);
    io.run_for(200ms);
    const auto begun = Clock::now();
    asio::co_spawn(io, hooks.end(), [](std::exception_ptr) {});
    io.restart();
    io.run();
    EXPECT_LT(Clock::now() - begun, 10s);
    EXPECT_FALSE(fs::exists(directory / "ran"));
    hooks.tell(Moment::copied);
    io.restart();
    io.run();
    EXPECT_FALSE(fs::exists(directory / "ran")) << "nothing is run afterwards";
}

TEST_F(Commands, ThatAreMissingAreFoundBefore) {
    at(Moment::started).words = {"no_such_program"};
    at(Moment::copied).words = {"sh"};
    at(Moment::ready).script = "./missing.sh now";
    std::ofstream(directory / "text") << "x";
    at(Moment::failed).words = {"./text"};
    at(Moment::aborted).script = "echo fine";
    EXPECT_THAT(not_there(settings),
                ElementsAre("hooks.started: there is no program no_such_program in PATH",
                            "hooks.ready: there is no file " + (directory / "./missing.sh").string(),
                            "hooks.failed: " + (directory / "./text").string() + " cannot be executed"));
}

}  // namespace
}  // namespace pgwraith::hooks
