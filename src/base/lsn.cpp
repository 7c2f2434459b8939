#include "pgwraith/base/lsn.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

namespace pgwraith {
namespace {

// PostgreSQL's FirstNormalTransactionId: 0 is "none", 1 and 2 are the bootstrap and the frozen transaction.
constexpr std::uint32_t first_normal_xid = 3;

// The whole of `text` as a number, or nothing: no sign, no blank, no rest.
template <typename Number>
std::optional<Number> whole(std::string_view text, int base) {
    Number value = 0;
    const char* end = text.data() + text.size();
    const auto [stop, failure] = std::from_chars(text.data(), end, value, base);
    if (failure != std::errc{} || stop != end) {
        return std::nullopt;
    }
    return value;
}

}  // namespace

std::string Lsn::text() const { return fmt::format("{:X}/{:X}", value >> 32, value & 0xFFFFFFFFU); }

std::optional<Lsn> Lsn::parse(std::string_view text) {
    const auto slash = text.find('/');
    if (slash == std::string_view::npos) {
        return std::nullopt;
    }
    const auto upper_text = text.substr(0, slash);
    const auto lower_text = text.substr(slash + 1);
    if (upper_text.size() > 8 || lower_text.size() > 8) {
        return std::nullopt;
    }
    const auto upper = whole<std::uint32_t>(upper_text, 16);
    const auto lower = whole<std::uint32_t>(lower_text, 16);
    if (!upper || !lower) {
        return std::nullopt;
    }
    return Lsn{(static_cast<std::uint64_t>(*upper) << 32) | *lower};
}

Xid extend_xid(std::uint32_t xid, Xid reference) {
    if (xid < first_normal_xid) {
        return xid;  // never wraps, and precedes every other id
    }
    constexpr Xid epoch = 1ULL << 32;
    constexpr Xid half = epoch / 2;
    const Xid candidate = (reference & ~(epoch - 1)) | xid;
    if (candidate > reference && candidate - reference > half && candidate >= epoch) {
        return candidate - epoch;
    }
    if (candidate < reference && reference - candidate > half) {
        return candidate + epoch;
    }
    return candidate;
}

bool Snapshot::sees(Xid xid) const {
    if (xid == 0 || xid < xmin) {
        return true;
    }
    return xid < xmax && !std::binary_search(in_progress.begin(), in_progress.end(), xid);
}

std::optional<Snapshot> Snapshot::parse(std::string_view text) {
    const auto first = text.find(':');
    const auto second = first == std::string_view::npos ? first : text.find(':', first + 1);
    if (second == std::string_view::npos) {
        return std::nullopt;
    }
    const auto xmin = whole<Xid>(text.substr(0, first), 10);
    const auto xmax = whole<Xid>(text.substr(first + 1, second - first - 1), 10);
    if (!xmin || !xmax || *xmin == 0 || *xmax < *xmin) {
        return std::nullopt;
    }
    Snapshot snapshot{*xmin, *xmax, {}};
    std::string_view list = text.substr(second + 1);
    while (!list.empty()) {
        const auto comma = list.find(',');
        const auto id = whole<Xid>(list.substr(0, comma), 10);
        if (!id || *id < *xmin || *id >= *xmax) {
            return std::nullopt;
        }
        snapshot.in_progress.push_back(*id);
        if (comma == std::string_view::npos) {
            break;
        }
        list.remove_prefix(comma + 1);
        if (list.empty()) {
            return std::nullopt;  // "10:20:11," is cut off, and a snapshot that misses an id sees too much
        }
    }
    std::sort(snapshot.in_progress.begin(), snapshot.in_progress.end());
    return snapshot;
}

}  // namespace pgwraith
