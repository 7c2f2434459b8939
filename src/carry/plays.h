// How each kind of command of the swap is tried on an object of our own.
#pragma once

#include <string>
#include <vector>

#include "pgwraith/carry/carry.h"

namespace pgwraith::carry {

// Commands that begin with `begins` are tried by running `commands`, after `set_up`. The swap itself does not need the
// rights that the set-up needs: a failing set-up says nothing, and the play is left out.
struct Play {
    std::string begins;
    std::vector<std::string> set_up;
    std::vector<std::string> commands;
};

// `table`: an empty table of ours with the shadow's columns, in the live table's schema. A command is played by the
// first that matches it.
std::vector<Play> all_plays(const CarryContext& context, const QualifiedName& table);

}  // namespace pgwraith::carry
