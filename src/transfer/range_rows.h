// How many rows one range of the key has. Pure.
#pragma once

#include <cstdint>

#include "pgwraith/base/units.h"

namespace pgwraith::transfer {

// Of the next range, after one of `rows` took `elapsed`: as many as take about `target`, but no more than twice and no
// less than a tenth of what they were.
std::uint64_t next_range_rows(std::uint64_t rows, milliseconds elapsed, milliseconds target);

}  // namespace pgwraith::transfer
