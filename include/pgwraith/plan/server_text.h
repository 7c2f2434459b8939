// Surgery on statements that the server has printed (pg_get_indexdef(), pg_get_ruledef(), …): the same thing on another
// table, or by another name. Everything else stays to the letter. Pure.
//
// What is quoted is never looked into: names, string constants, function bodies between dollars.
#pragma once

#include <string>
#include <string_view>

#include "pgwraith/base/names.h"

namespace pgwraith::plan {

// The first place at or after `from` where `word` stands outside of quotes; npos: nowhere. REQUIRES: `from` is outside.
std::size_t find_unquoted(std::string_view text, std::string_view word, std::size_t from = 0);
// The last one.
std::size_t find_last_unquoted(std::string_view text, std::string_view word);
// Where the name that begins at `from` ends, with its schema: at a blank, a line's end or a parenthesis.
std::size_t end_of_name(std::string_view text, std::size_t from);

// Each throws Error(internal) when the text does not read as what it is said to be.

// CREATE INDEX … ON [ONLY] table …, CREATE TRIGGER … ON table …
std::string on_table(const std::string& definition, const std::string& table);
// CREATE RULE … TO table …
std::string rule_on_table(const std::string& definition, const std::string& table);
// CREATE STATISTICS name … FROM table
std::string statistics_on_table(const std::string& definition, const std::string& name, const std::string& table);
// CREATE OR REPLACE FUNCTION name(…, or PROCEDURE
std::string routine_with_name(const std::string& definition, const QualifiedName& name);

// The table of ALTER TABLE [ONLY] t …, the view of REFRESH MATERIALIZED VIEW v; empty: another statement.
std::string relation_of(std::string_view statement);

// Without the semicolon at its end.
std::string without_semicolon(std::string statement);

}  // namespace pgwraith::plan
