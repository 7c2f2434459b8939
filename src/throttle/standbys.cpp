#include "pgwraith/throttle/standbys.h"

#include <algorithm>

namespace pgwraith::throttle {

void Standbys::observe(const std::vector<Seen>& now) {
    std::map<int, std::string> seen;
    std::map<std::string, int> lasting;
    present_.clear();
    for (const auto& one : now) {
        seen[one.pid] = one.name;
        ++present_[one.name];
        const auto before = last_.find(one.pid);
        if (before != last_.end() && before->second == one.name) ++lasting[one.name];
    }
    for (const auto& [name, count] : lasting) known_[name] = std::max(known_[name], count);
    last_ = std::move(seen);
}

std::vector<Standbys::Missing> Standbys::missing() const {
    std::vector<Missing> missing;
    for (const auto& [name, known] : known_) {
        const auto found = present_.find(name);
        const int present = found == present_.end() ? 0 : found->second;
        if (present < known) missing.push_back({name, present, known});
    }
    return missing;
}

void Standbys::remember(const std::map<std::string, int>& known) {
    for (const auto& [name, count] : known) known_[name] = std::max(known_[name], count);
}

}  // namespace pgwraith::throttle
