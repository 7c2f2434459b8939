// Statements that make parts of the shadow again.
#pragma once

#include <string>
#include <vector>

#include "pgwraith/catalog/table.h"

namespace pgwraith::shadow {

// A key that stands on an index which can be built by itself.
bool stands_on_plain_index(const catalog::Constraint& constraint, const catalog::Index* index);
// Says nothing about the rows that are there already, which is what the shadow is filled with. NOT NULL is among the
// constraints from PostgreSQL 18 on.
bool binds_new_rows_only(const catalog::Constraint& constraint);

std::string index_sql(const catalog::Index& index, const std::string& table);
std::string constraint_on_index_sql(const catalog::Constraint& constraint, const std::string& table);
std::string add_constraint_sql(const catalog::Constraint& constraint, const std::string& table);
std::string column_sql(const std::string& table, const std::string& column, const std::string& what);
std::string drop_constraint_sql(const catalog::Constraint& constraint, const std::string& table);
std::vector<std::string> constraint_and_comment(const catalog::Constraint& constraint, const std::string& table);
// The definition does not say the tablespace.
std::string tablespace_sql(const catalog::Index& index);
// What is said about an index of the table `of` after it stands on `table`, with the comment of its constraint.
std::vector<std::string> index_settings(const catalog::Table& of, const catalog::Index& index,
                                        const QualifiedName& table);

}  // namespace pgwraith::shadow
