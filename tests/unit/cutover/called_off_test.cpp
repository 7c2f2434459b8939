#include "called_off.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>

#include "pgwraith/transfer/copier.h"

namespace pgwraith::cutover {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

constexpr milliseconds max_blocked{1'000};

template <typename Failure>
SwapResult after(const Failure& failure, const LockWatch* watch = nullptr) {
    return called_off(std::make_exception_ptr(failure), watch, 12.5, max_blocked);
}

postgres::PgError server(const std::string& state, const std::string& message = "said") { return {state, message}; }

TEST(Attempt, ThatWeCallOffSaysWhy) {
    const auto result = after(CalledOff("too late"));
    EXPECT_FALSE(result.swapped);
    EXPECT_EQ(result.reason, "too late");
    EXPECT_DOUBLE_EQ(result.blocked_ms, 12.5);
}

TEST(Attempt, IsCalledOffByALockThatIsNotGranted) {
    EXPECT_THAT(after(server("55P03")).reason, HasSubstr("a lock was not granted at once"));
    EXPECT_THAT(after(server("40P01")).reason, HasSubstr("a lock was not granted at once")) << "deadlock detected";
}

TEST(Attempt, InRoundsHasBlockedForTheLongestOfThem) {
    const postgres::PgError refused(
        "55P03", "the lock on public.t was not granted",
        R"({"relation" : "public.t", "rounds" : 3, "waited_ms" : 500.5, "longest_ms" : 7.5})");
    const auto result = after(refused);
    EXPECT_EQ(result.reason, "the lock on public.t was not granted within 500ms (3 tries)");
    EXPECT_DOUBLE_EQ(result.blocked_ms, 7.5) << "locks that are given back in between do not add up";
}

TEST(Attempt, IsCalledOffWhenItTakesTooLong) {
    for (const char* state : {"57014", "25P03", "25P04"}) {
        EXPECT_EQ(after(server(state)).reason, "it took longer than 1s") << state;
    }
}

TEST(Attempt, IsCalledOffByASessionsTemporaryView) {
    const postgres::PgError depends("2BP01", "cannot drop view v", "view pg_temp_3.w depends on view v");
    EXPECT_THAT(after(depends).reason,
                testing::AllOf(HasSubstr("cannot drop view v"), HasSubstr("(view pg_temp_3.w depends on view v)")));
}

TEST(Attempt, ThatFailsIsNotCalledOff) {
    EXPECT_THAT(after(server("08006")).reason, IsEmpty()) << "a connection that is lost";
    EXPECT_THAT(after(server("42501")).reason, IsEmpty()) << "a right that is missing";
    EXPECT_THAT(after(transfer::TableRewritten("truncated")).reason, IsEmpty());
    EXPECT_THAT(after(altered({"public", "t"}, {"column c"})).reason, IsEmpty());
    EXPECT_THAT(after(std::runtime_error("x")).reason, IsEmpty());
}

TEST(Attempt, WithAWatchThatSawNothingSaysTheSame) {
    asio::io_context io(1);
    const LockWatch watch(io.get_executor(), catalog::LockStrength::access_exclusive);
    EXPECT_EQ(after(server("57014"), &watch).reason, "it took longer than 1s") << "it was not the watch that cancelled";
    EXPECT_THAT(after(server("55P03"), &watch).reason, HasSubstr("a lock was not granted at once"));
}

TEST(Altered, NamesAllThatWasChanged) {
    const auto error = altered({"public", "t"}, {"column c is new", "index i is gone"});
    EXPECT_EQ(error.kind(), ErrorKind::stopped);
    EXPECT_THAT(error.message(), HasSubstr("column c is new; index i is gone"));
    EXPECT_THAT(error.hint(), HasSubstr("Nothing was swapped."));
}

TEST(UnknownOutcome, SaysHowToFindOut) {
    const auto error = unknown_outcome(4711);
    EXPECT_EQ(error.kind(), ErrorKind::unknown_outcome);
    EXPECT_THAT(error.hint(), HasSubstr("pg_xact_status('4711'::xid8)"));
}

}  // namespace
}  // namespace pgwraith::cutover
