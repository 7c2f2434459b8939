// Whether catching up comes to an end. Pure.
#pragma once

#include <optional>
#include <string>

#include "pgwraith/transfer/applier.h"

namespace pgwraith::migration {

// A pass over the ledger that was short, or met few keys, or as few as there will be (`settled`) and no more than can
// be applied while others wait: the shadow is as current as it needs to be.
bool is_caught_up(const transfer::PassResult& pass, bool settled);

class Convergence {
  public:
    // After each pass that did not catch up. What the operator is to be told, as long as it holds: a pass meets no
    // fewer keys than one that began some time before it.
    std::optional<std::string> after(const transfer::PassResult& pass);

  private:
    std::optional<std::uint64_t> seen_before_;
    milliseconds since_{0};
    std::optional<std::string> verdict_;
};

// The same of the change stream while it is awaited: of the WAL that is still to come through it, in bytes.
std::optional<std::string> stream_falls_behind(std::uint64_t before, std::uint64_t now, milliseconds passed);

}  // namespace pgwraith::migration
