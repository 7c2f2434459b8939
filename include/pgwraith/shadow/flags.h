// The flags and settings that the new table must have: the live table's, except those that the user's statements
// change. Pure.
#pragma once

#include "pgwraith/catalog/flags.h"
#include "pgwraith/plan/mapping.h"
#include "pgwraith/shadow/blueprint.h"

namespace pgwraith::shadow {

// What the user's statements made of them on the shadow, which was like the live table before. Owner, privileges and
// row security are not theirs: the swap takes them from the live table.
ChangedFlags changed_flags(const catalog::Definition& live, const catalog::Definition& shadow,
                           const plan::Mapping& mapping);

// Of the new table after the swap; `live`: as they are now.
catalog::Definition expected_flags(const catalog::Definition& live, const ChangedFlags& changed,
                                   const plan::Mapping& mapping);

// Whether the user's statements say something about it.
bool is_changed(const ChangedFlags& changed, const std::string& about, const std::string& name);

}  // namespace pgwraith::shadow
