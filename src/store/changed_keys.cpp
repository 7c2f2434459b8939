#include "pgwraith/store/changed_keys.h"

#include <algorithm>
#include <array>
#include <limits>

#include "ledger_value.h"
#include "pgwraith/base/error.h"
#include "pgwraith/store/key.h"

namespace pgwraith::store {

namespace {

// A record with the first bytes of its key at hand: most comparisons of two keys end there, without a look into memory
// that is far away.
struct SortedRecord {
    std::uint64_t first, second;
    const char* record;
};

// The bytes as a number that sorts as they do. A key that ends earlier is filled up with zeroes.
std::uint64_t leading_bytes(std::string_view bytes) {
    std::array<char, 8> filled{};
    std::memcpy(filled.data(), bytes.data(), std::min(bytes.size(), filled.size()));
    return read_u64(filled.data());
}

}  // namespace

void ChangedKeys::add(std::span<const std::string_view> columns, Xid xid, Lsn commit, bool stands) {
    ensure(xid != 0 && !columns.empty(), "a change has a transaction and a key");
    const std::size_t length = key_size(columns);
    ensure(length <= std::numeric_limits<std::uint32_t>::max(), "a key of 4 GiB or more");
    const auto stored = static_cast<std::uint32_t>(length);
    const std::size_t begin = bytes_.size();
    bytes_.resize(begin + sizeof stored + length + value_bytes);
    char* at = bytes_.data() + begin;
    std::memcpy(at, &stored, sizeof stored);
    at = put_key(at + sizeof stored, columns);
    static_assert(value_bytes == ledger_value_bytes);
    put_value(at, {xid, commit, stands});
    ++size_;
}

std::vector<ChangedKeys::Entry> ChangedKeys::newest() const {
    std::vector<SortedRecord> records;
    records.reserve(size_);
    each([&](const Entry& entry) {
        const auto rest = entry.key.substr(std::min<std::size_t>(8, entry.key.size()));
        records.push_back({leading_bytes(entry.key), leading_bytes(rest), entry.key.data() - sizeof(std::uint32_t)});
    });
    std::sort(records.begin(), records.end(), [](const SortedRecord& a, const SortedRecord& b) {
        if (a.first != b.first) return a.first < b.first;
        if (a.second != b.second) return a.second < b.second;
        const int compared = entry_at(a.record).key.compare(entry_at(b.record).key);
        return compared != 0 ? compared < 0 : a.record < b.record;  // of one key's the last one added comes last
    });
    std::vector<Entry> found;
    found.reserve(size_);
    for (const auto& each : records) {
        const Entry entry = entry_at(each.record);
        if (!found.empty() && found.back().key == entry.key) {
            found.back() = entry;
        } else {
            found.push_back(entry);
        }
    }
    return found;
}

void ChangedKeys::clear() {
    bytes_.clear();
    size_ = 0;
}

}  // namespace pgwraith::store
