#include "pgwraith/shadow/flags.h"

#include <algorithm>
#include <iterator>

namespace pgwraith::shadow {

namespace {

using catalog::Definition;
using catalog::Fact;

// Under the columns' new names, without the columns that are dropped.
Definition in_new_table(const Definition& live, const plan::Mapping& mapping) {
    Definition flags;
    for (auto fact : live) {
        if (fact.about.ends_with(" of column")) {
            const auto column =
                std::ranges::find(mapping.columns, std::optional(fact.name), &plan::MappedColumn::old_name);
            if (column == mapping.columns.end()) continue;
            fact.name = column->name;
        }
        flags.push_back(std::move(fact));
    }
    std::ranges::sort(flags);
    return flags;
}

bool is_the_swaps(const Fact& fact) {
    return fact.about == "owner" || fact.about == "row level security" || fact.about.starts_with("privileges");
}

bool is_among(const Definition& flags, const std::string& about, const std::string& name) {
    return std::ranges::any_of(flags, [&](const Fact& fact) { return fact.about == about && fact.name == name; });
}

}  // namespace

ChangedFlags changed_flags(const Definition& live, const Definition& shadow, const plan::Mapping& mapping) {
    const auto before = in_new_table(live, mapping);
    ChangedFlags changed;
    std::ranges::set_difference(shadow, before, std::back_inserter(changed.set));
    std::ranges::set_difference(before, shadow, std::back_inserter(changed.gone));
    std::erase_if(changed.set, is_the_swaps);
    std::erase_if(changed.gone, is_the_swaps);
    return changed;
}

Definition expected_flags(const Definition& live, const ChangedFlags& changed, const plan::Mapping& mapping) {
    auto flags = in_new_table(live, mapping);
    std::erase_if(flags, [&](const Fact& fact) { return is_changed(changed, fact.about, fact.name); });
    flags.insert(flags.end(), changed.set.begin(), changed.set.end());
    std::ranges::sort(flags);
    return flags;
}

bool is_changed(const ChangedFlags& changed, const std::string& about, const std::string& name) {
    return is_among(changed.set, about, name) || is_among(changed.gone, about, name);
}

}  // namespace pgwraith::shadow
