#include "connections.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pgwraith::migration {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

config::Settings workers(int copy, int build, int apply) {
    config::Settings settings;
    settings.copy.workers = copy;
    settings.build.workers = build;
    settings.apply.workers = apply;
    settings.copy.method = config::CopyMethod::insert;
    settings.verify = config::Verify::off;
    settings.throttle.max_commit_latency = {false, std::nullopt};
    return settings;
}

TEST(Sessions, AreThoseOfThePhaseThatHasMost) {
    EXPECT_EQ(sessions_wanted(workers(1, 9, 1), 170000), 5 + 10) << "build";
    EXPECT_EQ(sessions_wanted(workers(9, 1, 1), 170000), 5 + 9) << "copy";
    EXPECT_EQ(sessions_wanted(workers(1, 1, 9), 170000), 5 + 4 + 9) << "cutover";
}

TEST(Sessions, OfACopyAreTwiceAsManyWhereAnIntentNeedsACommit) {
    EXPECT_EQ(sessions_wanted(workers(9, 1, 1), 160000), 5 + 18);
}

TEST(Sessions, OfACopyByTheProtocolReadBesideThoseThatWrite) {
    auto settings = workers(9, 1, 1);
    for (const auto method : {config::CopyMethod::automatic, config::CopyMethod::copy}) {
        settings.copy.method = method;
        EXPECT_EQ(sessions_wanted(settings, 170000), 5 + 18);
        EXPECT_EQ(sessions_wanted(settings, 160000), 5 + 27);
        EXPECT_EQ(sessions_least(settings, 170000), sessions_least(workers(9, 1, 1), 170000)) << "INSERT will do";
    }
}

TEST(Sessions, OfAVerificationAreThoseOfCopyAndApply) {
    auto settings = workers(4, 1, 3);
    settings.verify = config::Verify::full;
    EXPECT_EQ(sessions_wanted(settings, 170000), 5 + 4 + 3 + 3);
}

TEST(Sessions, OfSignalsCountWhenTheyHaveTheirOwn) {
    auto settings = workers(9, 1, 1);
    settings.throttle.max_commit_latency = {};
    settings.throttle.query = "SELECT 1";
    EXPECT_EQ(sessions_wanted(settings, 170000), 5 + 2 + 9);
}

TEST(Sessions, AtLeastAreIndependentOfTheWorkers) {
    EXPECT_EQ(sessions_least(workers(9, 9, 9), 170000), sessions_least(workers(1, 1, 1), 170000));
}

Survey judged(const std::vector<ConnectionLimit>& limits) {
    Survey survey;
    judge_limits(limits, 14, 10, survey);
    return survey;
}

TEST(Limits, ThatLeaveEnoughAreNotMentioned) {
    const auto survey = judged({{"max_connections", 100, 86, "max_connections at least"}});
    EXPECT_THAT(survey.refusals, IsEmpty());
    EXPECT_THAT(survey.warnings, IsEmpty());
}

TEST(Limits, ThatLeaveFewerThanWantedAreAWarningOnce) {
    const auto survey = judged({{"one", 100, 87, ""}, {"other", 100, 87, ""}});
    EXPECT_THAT(survey.refusals, IsEmpty());
    EXPECT_THAT(survey.warnings, ElementsAre(HasSubstr("one leaves 13 connections (100, 87 in use by others)")));
}

TEST(Limits, ThatLeaveTooFewAreEachRefused) {
    const auto survey = judged({{"one", 100, 91, "SET one TO"}, {"other", 5, 9, "SET other TO"}});
    ASSERT_THAT(survey.refusals, SizeIs(2));
    EXPECT_THAT(survey.refusals[0].remedy, HasSubstr("SET one TO 105"));
    EXPECT_THAT(survey.refusals[1].reason, HasSubstr("leaves 0 connections"));
}

TEST(FewerWorkers, AreHalfOfEachKindDownToOne) {
    auto settings = workers(5, 2, 1);
    EXPECT_TRUE(use_fewer_workers(settings));
    EXPECT_EQ(settings.copy.workers, 2);
    EXPECT_EQ(settings.build.workers, 1);
    EXPECT_EQ(settings.apply.workers, 1);
    EXPECT_TRUE(use_fewer_workers(settings));
    EXPECT_FALSE(use_fewer_workers(settings)) << "one of each kind is the least";
}

}  // namespace
}  // namespace pgwraith::migration
