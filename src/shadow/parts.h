// Statements that make parts of the shadow again: see blueprint.cpp.
#pragma once

#include <string>
#include <vector>

#include "pgwraith/catalog/table.h"

namespace pgwraith::shadow {

std::string column_sql(const std::string& table, const std::string& column, const std::string& what);
std::string drop_constraint_sql(const catalog::Constraint& constraint, const std::string& table);
std::vector<std::string> constraint_and_comment(const catalog::Constraint& constraint, const std::string& table);
// The definition does not say the tablespace.
std::string tablespace_sql(const catalog::Index& index);
// What is said about an index of the table `of` after it stands on `table`, with the comment of its constraint.
std::vector<std::string> index_settings(const catalog::Table& of, const catalog::Index& index,
                                        const QualifiedName& table);

}  // namespace pgwraith::shadow
