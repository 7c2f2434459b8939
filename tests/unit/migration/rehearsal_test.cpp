#include "rehearsal.h"

#include <gmock/gmock.h>

#include <boost/asio/io_context.hpp>

namespace pgwraith::migration {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

template <typename Failure>
std::optional<std::string> why(const Failure& failure) {
    Progress progress;
    progress.phase = Phase::build;
    progress.activity = {"building i"};
    return failed_because(std::make_exception_ptr(failure), progress);
}

TEST(Rehearsal, FailsWhereAMigrationStops) {
    EXPECT_EQ(why(Error(ErrorKind::stopped, "rows differ")), "in phase build (building i): rows differ");
    EXPECT_THAT(why(postgres::PgError("23505", "duplicate")).value(), HasSubstr("duplicate"));
}

TEST(Rehearsal, DoesNotFailForWhatPassesOrIsRefusedOrIsABug) {
    EXPECT_FALSE(why(postgres::PgError("", "the connection is gone")));
    EXPECT_FALSE(why(postgres::PgError("55P03", "a lock")));
    EXPECT_FALSE(why(postgres::PgError("42601", "a syntax error of ours")));
    EXPECT_FALSE(why(Error(ErrorKind::refused, "no")));
    EXPECT_FALSE(why(Error(ErrorKind::internal, "a bug")));
    EXPECT_FALSE(why(std::runtime_error("anything")));
}

TEST(Rehearsal, TimesOfAPhaseThatIsEnteredAgainAddUp) {
    Progress progress;
    progress.phase_times = {
        {Phase::prepare, milliseconds{1}}, {Phase::copy, milliseconds{2}}, {Phase::prepare, milliseconds{4}}};
    EXPECT_THAT(times_of_phases(progress), ElementsAre(Pair("prepare", 5), Pair("copy", 2)));
}

TEST(Rehearsal, AndMigrationDoNotCarryEachOtherOn) {
    asio::io_context io;
    Board board(io.get_executor(), config::Settings());
    Identity identity;
    identity.table = {"public", "t"};
    EXPECT_NO_THROW(require_same_purpose(board, identity, Phase::copy));
    identity.rehearsal = true;
    try {
        require_same_purpose(board, identity, Phase::copy);
        FAIL() << "run carries no rehearsal on";
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::refused);
        EXPECT_THAT(error.report(), HasSubstr("pgwraith rehearse"));
    }
    board.progress.rehearsal = true;
    EXPECT_NO_THROW(require_same_purpose(board, identity, Phase::copy));
    identity.rehearsal = false;
    const auto hint = [&](Phase phase) -> std::string {
        try {
            require_same_purpose(board, identity, phase);
        } catch (const Error& error) {
            return error.hint();
        }
        return "";
    };
    EXPECT_THAT(hint(Phase::copy), HasSubstr("`pgwraith run` carries it on"));
    EXPECT_THAT(hint(Phase::expanded), HasSubstr("`pgwraith contract` ends it"));
}

TEST(Rehearsal, ThatIsStoppedSaysHowToGoOnAndBack) {
    EXPECT_THAT(rehearsal_stopped(Phase::copy, true).report(), HasSubstr("keeps WAL"));
    EXPECT_THAT(rehearsal_stopped(Phase::copy, false).hint(), HasSubstr("goes back in the end"));
    EXPECT_THAT(rehearsal_stopped(Phase::going_back, false).message(), HasSubstr("on the way back"));
}

}  // namespace
}  // namespace pgwraith::migration
