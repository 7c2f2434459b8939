#include "convergence.h"

#include <fmt/format.h>

namespace pgwraith::migration {

namespace {

constexpr milliseconds short_pass{500};
constexpr std::uint64_t few_keys = 5'000;
constexpr int compared_every = 5;

}  // namespace

bool is_caught_up(const transfer::PassResult& pass) { return pass.took <= short_pass || pass.seen <= few_keys; }

std::optional<std::string> Convergence::after(const transfer::PassResult& pass) {
    if (++passes_ % compared_every != 0) return std::nullopt;
    const auto before = std::exchange(seen_before_, pass.seen);
    if (!before || pass.seen < *before) return std::nullopt;
    return fmt::format(
        "catching up does not converge: {} keys pending after {} passes, {} before; raise apply.workers, or wait for a "
        "quieter hour",
        format_count(pass.seen), passes_, format_count(*before));
}

}  // namespace pgwraith::migration
