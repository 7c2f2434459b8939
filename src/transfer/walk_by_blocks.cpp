// Whatever the order of the key: ranges of blocks of both tables, joined by a hash.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "pgwraith/transfer/chunks.h"
#include "pgwraith/transfer/windows.h"
#include "walk.h"

namespace pgwraith::transfer {

namespace {

// Blocks of the shadow in one window, at most: a hash table of what they hold suits the processor's cache.
constexpr std::uint32_t most_window_blocks = 512;
constexpr std::uint32_t least_window_blocks = 16;

constexpr const char* files_sql =
    "SELECT coalesce(pg_relation_filenode(o.oid), 0), "
    "(pg_relation_size(o.oid) / current_setting('block_size')::int)::bigint, pg_relation_size(o.oid), "
    "coalesce((SELECT pg_total_relation_size(reltoastrelid) FROM pg_class WHERE oid = o.oid AND reltoastrelid <> 0), "
    "0) "
    "FROM unnest(ARRAY[$1, $2]::oid[]) WITH ORDINALITY AS o(oid, n) ORDER BY o.n";

ComparedFile file_of(const postgres::Result& files, int row) {
    return {files.oid(row, 0), static_cast<std::uint32_t>(files.uint64(row, 1))};
}

// The places of the first two rows of each block, as an array.
std::string first_rows(BlockRange blocks) {
    std::vector<std::string> places;
    for (auto block = blocks.begin; block < blocks.end; ++block) {
        places.push_back(fmt::format("({},1)", block));
        places.push_back(fmt::format("({},2)", block));
    }
    return postgres::array_literal({places.begin(), places.end()});
}

std::vector<std::string> conditions(const std::vector<BlockRange>& ranges) {
    std::vector<std::string> conditions;
    for (const auto& range : ranges) conditions.push_back(shadow::block_range(range.begin, range.end));
    return conditions;
}

class BlocksWalk : public Walk {
  public:
    explicit BlocksWalk(Context context)
        : context_(context), sizer_(context.settings.copy.chunk_target, most_window_blocks) {}

    // False: the position means nothing any more.
    Task<bool> begin(postgres::Connection& session, std::optional<VerifyPosition> position);

    bool finished() const override { return windows_->finished(); }
    const char* name() const override { return "by blocks"; }
    // A hash join, where the key's type has one.
    const char* settings() const override { return "SET enable_mergejoin = off"; }
    Task<Part> next(postgres::Connection& connection) override;
    void took(const Part& part, milliseconds elapsed) override {
        sizer_.took(static_cast<std::uint32_t>(part.size), elapsed);
    }
    // Its rows are no longer where they were: what was compared so far need not be all that was there.
    bool is_void(Oid live, Oid shadow) const override { return live != live_.file_node || shadow != shadow_.file_node; }
    void save(VerifyPosition& position) const override;

  private:
    std::uint32_t most_blocks() const;
    Task<std::vector<Partner>> partners(postgres::Connection& connection, BlockRange blocks);
    Part part_of(const Window& window) const;

    Context context_;
    ComparedFile live_, shadow_;     // as they were when it began
    std::uint64_t heap_bytes_ = 0;   // of the live table
    std::uint64_t toast_bytes_ = 0;  // of the table that has more of them
    std::optional<Windows> windows_;
    ChunkSizer sizer_;
};

Task<bool> BlocksWalk::begin(postgres::Connection& session, std::optional<VerifyPosition> position) {
    const auto files = co_await session.query(
        files_sql, postgres::params(std::to_string(context_.pair.live_oid), std::to_string(context_.pair.shadow_oid)));
    live_ = file_of(files, 0);
    shadow_ = file_of(files, 1);
    heap_bytes_ = files.uint64(0, 2);
    toast_bytes_ = std::max(files.uint64(0, 3), files.uint64(1, 3));
    std::vector<BlockRange> live{{0, live_.blocks}};
    std::uint32_t shadow_next = 0;
    if (position) {
        if (is_void(position->live.file_node, position->shadow.file_node)) co_return false;
        live_ = position->live;
        shadow_ = position->shadow;
        live.clear();
        for (const auto& [from, to] : position->live_left) live.push_back({from, to});
        shadow_next = position->shadow_next;
    }
    auto chunks = co_await context_.store.journal().chunks();
    windows_.emplace(std::move(chunks), std::move(live), BlockRange{shadow_next, shadow_.blocks});
    co_return true;
}

// By bytes as a chunk of the copy, which brings TOAST along, and the live table may have more blocks than the shadow.
std::uint32_t BlocksWalk::most_blocks() const {
    const auto by_bytes = blocks_for_bytes(context_.settings.copy.chunk_max_bytes, heap_bytes_, toast_bytes_);
    return std::clamp(by_bytes / windows_->live_per_shadow(), 1U, most_window_blocks);
}

Task<Part> BlocksWalk::next(postgres::Connection& connection) {
    sizer_.set_target(context_.settings.copy.chunk_target);
    sizer_.set_max_blocks(most_blocks());
    const auto share = fair_share(windows_->remaining(), context_.settings.copy.workers, least_window_blocks);
    const auto blocks = std::min(sizer_.blocks(), share);
    const auto found = co_await partners(connection, windows_->behind(blocks));
    const auto window = windows_->take(blocks, found);
    auto part = part_of(window);
    co_return part;
}

Part BlocksWalk::part_of(const Window& window) const {
    const shadow::ComparedBlocks live{conditions(window.live), conditions(window.live_near)};
    std::vector<BlockRange> core;
    if (window.shadow.begin < window.shadow.end) core.push_back(window.shadow);
    const shadow::ComparedBlocks shadow{conditions(core), conditions(window.shadow_near)};
    Part part;
    part.sql = shadow::compare_blocks_sql(context_.pair, live, shadow);
    part.size = std::max(window.shadow.end - window.shadow.begin, 1U);
    part.where = fmt::format("blocks {} to {} of the shadow with {}", window.shadow.begin, window.shadow.end,
                             fmt::join(live.core, " OR "));
    return part;
}

// The first rows of these blocks of the shadow. It is a guess that saves work, so what the server cannot answer is
// left: a key's text that the live table's type does not take, for instance, in a row that somebody put there.
Task<std::vector<Partner>> BlocksWalk::partners(postgres::Connection& connection, BlockRange blocks) {
    std::vector<Partner> found;
    if (blocks.begin >= blocks.end) co_return found;
    const auto places = postgres::params(first_rows(blocks));
    try {
        const auto rows = co_await connection.query(shadow::partners_sql(context_.pair), places);
        for (int row = 0; row < rows.rows(); ++row) {
            const auto number = [&](int column) { return static_cast<std::uint32_t>(rows.uint64(row, column)); };
            found.push_back({number(0), number(1), number(2)});
        }
    } catch (const postgres::PgError& error) {
        if (error.state_class() != postgres::SqlStateClass::definitive) throw;
        spdlog::debug("verification: the partners of some rows are not known");
    }
    co_return found;
}

void BlocksWalk::save(VerifyPosition& position) const {
    position.live = live_;
    position.shadow = shadow_;
    for (const auto& range : windows_->live()) position.live_left.emplace_back(range.begin, range.end);
    position.shadow_next = windows_->shadow().begin;
}

}  // namespace

Task<std::unique_ptr<Walk>> walk_by_blocks(Context context, postgres::Connection& session,
                                           std::optional<VerifyPosition> position) {
    auto walk = std::make_unique<BlocksWalk>(context);
    const bool begun = co_await walk->begin(session, std::move(position));
    std::unique_ptr<Walk> result;
    if (begun) result = std::move(walk);
    co_return result;
}

}  // namespace pgwraith::transfer
