// What a fill says to the server: pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "pgwraith/base/lsn.h"
#include "pgwraith/base/names.h"
#include "pgwraith/online/step.h"
#include "pgwraith/transfer/chunks.h"

namespace pgwraith::online {

struct FillText {
    QualifiedName table;
    std::vector<FilledColumn> columns;
};

std::string range_condition(transfer::BlockRange range);

// Which columns are to be filled in the rows of a range. A row for each combination: a boolean for each column, how
// many rows; then for each column how many of them had a value before transaction `began`; then for each column how
// many of them are NULL. In the first pass each NULL is to be filled, later those for which there is a value.
std::string look_sql(const FillText& text, transfer::BlockRange range, int pass, Xid began);

enum class RowsTaken {
    all,   // a row that is locked is waited for
    free,  // those that nobody has locked
};

// Fills these columns (places in `text`) where all of them are NULL and there is a value for one at least, and counts:
// the rows, then for each of the columns those that have got a value. `counts` is false where the table has rules for
// UPDATE, with which a statement cannot count: the rows are those that it affects.
std::string fill_sql(const FillText& text, const std::vector<std::size_t>& columns, transfer::BlockRange range,
                     RowsTaken taken, bool counts);

// Fills one column in the rows of a condition.
std::string fill_rows_sql(const QualifiedName& table, const FilledColumn& column, const std::string& rows);

}  // namespace pgwraith::online
