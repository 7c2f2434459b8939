// Where both tables stand in the order of the key: two indexes are read side by side, and nothing is sorted or hashed.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "range_rows.h"
#include "walk.h"

namespace pgwraith::transfer {

namespace {

constexpr std::uint64_t first_range_rows = 5'000;
constexpr double bytes_of_block = 8192;  // BLCKSZ; other builds exist, for a limit this is near enough

constexpr const char* width_sql =
    "SELECT pg_table_size($1::oid), (SELECT max(reltuples) FROM pg_class WHERE oid IN ($1::oid, $2::oid))";

class KeyWalk : public Walk {
  public:
    KeyWalk(Context context, KeyColumns after, double row_bytes)
        : context_(context), after_(std::move(after)), row_bytes_(row_bytes) {}

    bool finished() const override { return finished_; }
    const char* name() const override { return "in the order of the key"; }
    const char* settings() const override {
        return "SET enable_hashjoin = off; SET enable_bitmapscan = off; SET enable_sort = off";
    }
    Task<Part> next(postgres::Connection& connection) override;
    void took(const Part& part, milliseconds elapsed) override {
        rows_ = next_range_rows(part.size, elapsed, context_.settings.copy.chunk_target);
    }
    // A key stays what it is, whatever file its row stands in.
    bool is_void(Oid, Oid) const override { return false; }
    void save(VerifyPosition& position) const override {
        position.by_key = true;
        position.after = after_;
    }

  private:
    Context context_;
    KeyColumns after_;  // what comes behind it is still to be handed out; empty: all of it
    double row_bytes_;  // of the live table, with TOAST
    std::uint64_t rows_ = first_range_rows;
    bool finished_ = false;
};

// A range ends with a key of the live table, found by its index alone. The last one has no end, and so has all that the
// shadow may hold beyond.
Task<Part> KeyWalk::next(postgres::Connection& connection) {
    // By bytes as a chunk of the copy, which brings TOAST along.
    const auto by_bytes = static_cast<double>(context_.settings.copy.chunk_max_bytes) / row_bytes_;
    const auto rows = static_cast<std::uint64_t>(std::clamp(by_bytes, 1.0, static_cast<double>(rows_)));
    Part part;
    part.size = rows;
    part.params.assign(after_.begin(), after_.end());
    auto bounds = part.params;
    bounds.emplace_back(std::to_string(rows - 1));
    const bool lower = !after_.empty();
    const auto end = co_await connection.query(shadow::range_end_sql(context_.pair, lower), std::move(bounds));
    KeyColumns upper;
    for (int column = 0; !end.empty() && column < end.columns(); ++column) upper.push_back(end.str(0, column));
    part.params.insert(part.params.end(), upper.begin(), upper.end());
    part.sql = shadow::compare_range_sql(context_.pair, lower, !upper.empty());
    part.where = "a range of the key";
    finished_ = upper.empty();
    if (!finished_) after_ = std::move(upper);
    co_return part;
}

}  // namespace

Task<std::unique_ptr<Walk>> walk_by_key(Context context, postgres::Connection& session, KeyColumns after) {
    const auto width = co_await session.query(
        width_sql, postgres::params(std::to_string(context.pair.live_oid), std::to_string(context.pair.shadow_oid)));
    const auto rows = width.number(0, 1);
    const auto row_bytes = rows > 0 ? width.number(0, 0) / rows : bytes_of_block;
    std::unique_ptr<Walk> walk = std::make_unique<KeyWalk>(context, std::move(after), std::max(1.0, row_bytes));
    co_return walk;
}

}  // namespace pgwraith::transfer
