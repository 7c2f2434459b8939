// The sub-commands of ALTER TABLE: which are taken, what they are called, what they do to columns.
#pragma once

#include <string>

#include "column_history.h"
#include "place.h"
#include "syntax_tree.h"

namespace pgwraith::plan {

// Checks every sub-command and records what it does to columns. Returns the summary ("ALTER TABLE: …").
std::string take_alter_table(PgQuery__AlterTableStmt& statement, const Place& place, ColumnHistory& columns);

// ALTER INDEX … SET, RESET, SET TABLESPACE, ALTER COLUMN … SET STATISTICS.
std::string take_alter_index(PgQuery__AlterTableStmt& statement, const Place& place);

// serial, bigserial, smallserial.
bool is_serial(const PgQuery__TypeName& type);

}  // namespace pgwraith::plan
