#include "convergence.h"

#include <fmt/format.h>

#include "pgwraith/transfer/last_keys.h"

namespace pgwraith::migration {

namespace {

constexpr milliseconds short_pass{500};
constexpr std::uint64_t few_keys = 5'000;
constexpr milliseconds some_time{10'000};
constexpr std::uint64_t much_wal = std::uint64_t{16} << 20;  // less comes and goes with every burst of writes

}  // namespace

bool is_caught_up(const transfer::PassResult& pass, bool settled) {
    return pass.took <= short_pass || pass.seen <= few_keys || (settled && pass.seen <= transfer::most_last_keys);
}

std::optional<std::string> Convergence::after(const transfer::PassResult& pass) {
    since_ += pass.took;
    if (seen_before_ && since_ < some_time) return verdict_;
    const auto passed = std::exchange(since_, milliseconds{0});
    const auto before = std::exchange(seen_before_, pass.seen);
    verdict_.reset();
    if (before && pass.seen >= *before) {
        verdict_ = fmt::format("the table changes faster than its changes are applied: {} keys wait, {} did {} ago",
                               format_count(pass.seen), format_count(*before), format_duration(passed));
    }
    return verdict_;
}

std::optional<std::string> stream_falls_behind(std::uint64_t before, std::uint64_t now, milliseconds passed) {
    if (now < before || now < much_wal) return std::nullopt;
    return fmt::format("the server writes WAL faster than its changes are received: {} are to come, {} were {} ago",
                       format_size(now), format_size(before), format_duration(passed));
}

}  // namespace pgwraith::migration
