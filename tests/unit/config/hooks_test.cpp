#include "pgwraith/config/hooks.h"

#include "field.h"
#include "helpers.h"

namespace pgwraith::config {
namespace {

using Words = std::vector<std::string>;

TEST(Hooks, ATextIsAScriptAndAListIsAProgram) {
    const auto hooks = settings_with(
                           "hooks:\n  ready: \"echo ${PGWRAITH_TABLE} ${NOT_SET_HERE}\"\n  failed: [./a.sh, '', '$x']\n"
                           "  aborted: [./b.sh]\n  copied: ''\n  started:\n  timeout: 5s\n")
                           .hooks;
    EXPECT_EQ(hooks.at(Moment::ready).script, "echo ${PGWRAITH_TABLE} ${NOT_SET_HERE}") << "the shell expands it";
    EXPECT_EQ(hooks.at(Moment::failed).words, (Words{"./a.sh", "", "$x"}));
    EXPECT_EQ(hooks.at(Moment::aborted).words, (Words{"./b.sh"}));
    EXPECT_TRUE(hooks.at(Moment::aborted).script.empty());
    EXPECT_TRUE(hooks.at(Moment::copied).empty());
    EXPECT_TRUE(hooks.at(Moment::started).empty());
    EXPECT_EQ(hooks.timeout, milliseconds{5'000});
}

TEST(Hooks, CannotBeSetFromOutside) {
    for (const Field& field : fields()) {
        const bool fixed = field.changes == Changes::at_start;
        EXPECT_TRUE(fixed || !field.key.starts_with("hooks.")) << field.key;
    }
}

TEST(Hooks, SayWhatIsWrong) {
    EXPECT_THROW(settings_with("hooks: {ready: {a: b}}\n"), Error);
    EXPECT_THROW(settings_with("hooks: {ready: [[a]]}\n"), Error);
    EXPECT_THROW(settings_with("hooks: {ready: ['', a]}\n"), Error);
    EXPECT_THROW(settings_with("hooks: {redy: a}\n"), Error);
    EXPECT_THROW(settings_with("hooks: {timeout: 0s}\n"), Error);
}

}  // namespace
}  // namespace pgwraith::config
