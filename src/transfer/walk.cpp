#include "walk.h"

#include <fmt/format.h>

#include "key_order.h"

namespace pgwraith::transfer {

namespace {

constexpr std::uint64_t sampled_blocks = 256;
// Each row that stands elsewhere is a read from anywhere.
constexpr double nearly_all = 0.97;

// Places of the first rows of blocks that are spread evenly. Which of these are there only the server knows.
std::string spread_over(std::uint64_t blocks) {
    std::vector<std::string> places;
    const auto count = std::min(blocks, sampled_blocks);
    for (std::uint64_t nth = 0; nth < count; ++nth) {
        const auto block = nth * blocks / count;
        for (int row = 1; row <= 3; ++row) places.push_back(fmt::format("({},{})", block, row));
    }
    return postgres::array_literal({places.begin(), places.end()});
}

Task<double> live_in_order(Context context, postgres::Connection& session, std::uint64_t blocks) {
    const auto rows =
        co_await session.query(shadow::sampled_order_sql(context.pair), postgres::params(spread_over(blocks)));
    std::vector<SampledRow> sampled;
    for (int row = 0; row < rows.rows(); ++row) {
        sampled.push_back({static_cast<std::uint32_t>(rows.uint64(row, 0)), rows.uint64(row, 1)});
    }
    co_return share_in_order(sampled);
}

// What the copy wrote stands in the order of the live table, but for chunks that were copied side by side.
Task<double> shadow_as_copied(Context context, postgres::Connection& session, std::uint64_t blocks) {
    const auto rows =
        co_await session.query(shadow::sampled_writers_sql(context.pair), postgres::params(spread_over(blocks)));
    std::vector<std::uint32_t> writers;
    for (int row = 0; row < rows.rows(); ++row) {
        writers.push_back(static_cast<std::uint32_t>(rows.uint64(row, 0)));
    }
    std::vector<Xid> transactions;
    const auto chunks = co_await context.store.journal().chunks();
    for (const auto& chunk : chunks) transactions.push_back(chunk.xid);
    co_return share_written_by(writers, transactions);
}

}  // namespace

Task<std::unique_ptr<Walk>> begin_walk(Context context, postgres::Connection& session) {
    bool by_key = shadow::has_plain_order(context.pair);
    if (by_key) {
        const auto blocks = co_await session.query(
            "SELECT pg_relation_size($1::oid) / current_setting('block_size')::int, "
            "pg_relation_size($2::oid) / current_setting('block_size')::int",
            postgres::params(std::to_string(context.pair.live_oid), std::to_string(context.pair.shadow_oid)));
        const auto ordered = co_await live_in_order(context, session, blocks.uint64(0, 0));
        const auto copied = co_await shadow_as_copied(context, session, blocks.uint64(0, 1));
        by_key = ordered >= nearly_all && copied >= nearly_all;
        spdlog::debug(
            "verification: {:.0f} % of the live table's rows stand in the order of the key, {:.0f} % of the "
            "shadow's where the copy put them",
            100 * ordered, 100 * copied);
    }
    std::unique_ptr<Walk> walk;
    if (by_key) {
        walk = co_await walk_by_key(context, session, KeyColumns{});
    } else {
        walk = co_await walk_by_blocks(context, session, std::nullopt);
    }
    co_return walk;
}

Task<std::unique_ptr<Walk>> resume_walk(Context context, postgres::Connection& session, VerifyPosition position) {
    std::unique_ptr<Walk> walk;
    if (position.by_key) {
        walk = co_await walk_by_key(context, session, position.after);
    } else {
        walk = co_await walk_by_blocks(context, session, position);
    }
    co_return walk;
}

}  // namespace pgwraith::transfer
