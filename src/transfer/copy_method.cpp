#include "copy_method.h"

#include <fmt/format.h>

#include <algorithm>

namespace pgwraith::transfer {

namespace {

constexpr double heap_block_bytes = 8192;

// Below it the whole copy takes about as long as trying both.
constexpr std::uint64_t worth_a_trial_blocks = 4096;
// With more TOAST than that beside the heap there is little to be gained.
constexpr std::uint64_t heap_per_toast = 16;
// Of each method, the first not counted.
constexpr int trial_chunks = 3;

// Measured: what a record of INSERT has beside the row, and what of it is left with COPY's records of a page's rows.
constexpr double insert_overhead_bytes = 36;
constexpr double saved_bytes = 50;

// So much longer may COPY take for all of the WAL saved.
constexpr double seconds_per_wal = 0.25;

// What our slot's walsender takes to pass over a row's record of INSERT, in a process that no chunk's time shows
// (PostgreSQL 17, 0.58 µs; more where it may not leave out what the copy writes). COPY's record of a page takes as
// much.
constexpr double walsender_seconds_per_record = 0.5e-6;

}  // namespace

const char* method_name(Method method) { return method == Method::insert ? "insert" : "copy"; }

double wal_saved(double bytes_per_row) {
    return std::min(0.5, saved_bytes / (std::max(0.0, bytes_per_row) + insert_overhead_bytes));
}

double MethodChoice::Trial::bytes_per_second() const {
    return static_cast<double>(blocks) * heap_block_bytes / std::max(seconds, 0.001);
}

double MethodChoice::Trial::bytes_per_second_of_all(std::uint64_t records) const {
    const auto walsender = static_cast<double>(records) * walsender_seconds_per_record;
    return static_cast<double>(blocks) * heap_block_bytes / std::max(seconds + walsender, 0.001);
}

MethodChoice::MethodChoice(std::uint64_t blocks, std::uint64_t heap_bytes, std::uint64_t toast_bytes)
    : worth_a_trial_(blocks >= worth_a_trial_blocks && toast_bytes <= heap_bytes / heap_per_toast) {}

bool MethodChoice::rule_out(std::string why) {
    if (ruled_out_) return false;
    ruled_out_ = std::move(why);
    return true;
}

bool MethodChoice::is_trying(config::CopyMethod setting) const {
    return worth_a_trial_ && !ruled_out_ && !decided_ && setting == config::CopyMethod::automatic;
}

Method MethodChoice::next(config::CopyMethod setting) {
    if (ruled_out_ || setting == config::CopyMethod::insert) return Method::insert;
    if (setting == config::CopyMethod::copy) return Method::copy;
    if (decided_) return *decided_;
    if (!worth_a_trial_) return Method::insert;
    const auto method = trial(Method::insert).begun <= trial(Method::copy).begun ? Method::insert : Method::copy;
    ++trial(method).begun;
    return method;
}

std::optional<std::string> MethodChoice::took(const CopiedChunk& chunk) {
    auto& of = trial(chunk.method);
    if (decided_ || ruled_out_) return std::nullopt;
    if (++of.ended > 1) {
        of.blocks += chunk.blocks;
        of.rows += chunk.rows;
        of.seconds += std::chrono::duration<double>(chunk.took).count();
    }
    const auto& insert = trial(Method::insert);
    const auto& copy = trial(Method::copy);
    if (insert.ended <= trial_chunks || copy.ended <= trial_chunks) return std::nullopt;
    const auto rows = static_cast<double>(std::max<std::uint64_t>(1, insert.rows + copy.rows));
    const double saved = wal_saved(static_cast<double>(insert.blocks + copy.blocks) * heap_block_bytes / rows);
    const bool copies = copy.bytes_per_second_of_all(copy.blocks) * (1 + seconds_per_wal * saved) >=
                        insert.bytes_per_second_of_all(insert.rows);
    decided_ = copies ? Method::copy : Method::insert;
    return fmt::format(
        "rows are copied by {}: the first chunks came at {}/s by COPY and at {}/s by INSERT … SELECT; COPY writes "
        "about "
        "{:.0f} % less WAL for such rows, and fewer records for our slot to pass over",
        copies ? "COPY" : "INSERT … SELECT", format_size(static_cast<std::uint64_t>(copy.bytes_per_second())),
        format_size(static_cast<std::uint64_t>(insert.bytes_per_second())), 100 * saved);
}

}  // namespace pgwraith::transfer
