#include "trial.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>

namespace pgwraith::migration {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Task<void> nothing_found() { co_return; }
Task<void> refuses_two() {
    std::vector<catalog::Refusal> two{{"view v", "drop it"}, {"view w", "drop it"}};
    throw catalog::Refused(std::move(two));
    co_return;
}
Task<void> refuses() {
    throw Error(ErrorKind::refused, "trigger t", "disable it");
    co_return;
}
Task<void> is_lost() {
    throw postgres::PgError("08006", "the connection was lost");
    co_return;
}

Task<void> collect_all(std::vector<std::string>& reasons) {
    std::vector<catalog::Refusal> refusals;
    co_await collect(refusals, nothing_found());
    co_await collect(refusals, refuses_two());
    co_await collect(refusals, refuses());
    for (const auto& refusal : refusals) reasons.push_back(refusal.reason);
}

Task<void> collect_failure() {
    std::vector<catalog::Refusal> refusals;
    co_await collect(refusals, is_lost());
}

std::exception_ptr run(Task<void> task) {
    asio::io_context io(1);
    std::exception_ptr failure;
    asio::co_spawn(io, std::move(task), [&](std::exception_ptr error) { failure = error; });
    io.run();
    return failure;
}

TEST(Collect, NamesAllThatIsRefused) {
    std::vector<std::string> reasons;
    EXPECT_FALSE(run(collect_all(reasons)));
    EXPECT_THAT(reasons, ElementsAre("view v", "view w", "trigger t"));
}

TEST(Collect, LetsFailuresThrough) { EXPECT_THROW(std::rethrow_exception(run(collect_failure())), postgres::PgError); }

template <typename Failure>
std::pair<ErrorKind, std::string> as_refusal(const Failure& failure) {
    try {
        rethrow_as_refusal(std::make_exception_ptr(failure), {});
    } catch (const Error& error) {
        return {error.kind(), error.message()};
    }
}

TEST(Refusal, IsWhatTheServerSaysForGood) {
    const auto [kind, message] = as_refusal(postgres::PgError("42501", "permission denied for schema app"));
    EXPECT_EQ(kind, ErrorKind::refused);
    EXPECT_THAT(message, HasSubstr("does not let us prepare the migration: permission denied"));
}

TEST(Refusal, IsNotWhatPasses) {
    EXPECT_THAT(as_refusal(postgres::PgError("57P01", "shutting down")).second, testing::StartsWith("shutting down"));
    EXPECT_EQ(as_refusal(Error(ErrorKind::stopped, "as it is")).second, "as it is");
}

TEST(CarryContext, JoinsTheTableWithItsShadow) {
    catalog::Table live;
    live.oid = 7;
    live.name = {"app", "t"};
    shadow::Blueprint blueprint;
    blueprint.shadow_oid = 8;
    config::Settings settings;
    settings.dependents.recreate_materialized_views = true;
    const auto context = carry_context(live, blueprint, MigrationNames(5, 7), settings);
    EXPECT_EQ(context.pair.live, live.name);
    EXPECT_EQ(context.pair.shadow.sql(), R"("pgwraith_new_7"."t")");
    EXPECT_EQ(context.pair.shadow_oid, 8U);
    EXPECT_EQ(context.old_schema, "pgwraith_old_7");
    EXPECT_TRUE(context.dependents.recreate_materialized_views);
    EXPECT_THAT(context.start, IsEmpty());
}

}  // namespace
}  // namespace pgwraith::migration
