#include "pgwraith/store/changed_keys.h"

#include <limits>

#include "bytes.h"
#include "pgwraith/base/error.h"
#include "pgwraith/store/key.h"

namespace pgwraith::store {

void ChangedKeys::add(std::span<const std::string_view> columns, Xid xid, Lsn commit) {
    ensure(xid != 0 && !columns.empty(), "a change has a transaction and a key");
    const std::size_t begin = bytes_.size();
    bytes_.append(sizeof(std::uint32_t), '\0');
    append_key(bytes_, columns);
    const std::size_t length = bytes_.size() - begin - sizeof(std::uint32_t);
    ensure(length <= std::numeric_limits<std::uint32_t>::max(), "a key of 4 GiB or more");
    const auto stored = static_cast<std::uint32_t>(length);
    std::memcpy(bytes_.data() + begin, &stored, sizeof stored);
    append_u64(bytes_, xid);
    append_u64(bytes_, commit.value);
    ++size_;
}

void ChangedKeys::clear() {
    bytes_.clear();
    size_ = 0;
}

}  // namespace pgwraith::store
