#include "untouched_checks.h"

#include <fmt/format.h>

#include <algorithm>

#include "pgwraith/catalog/qualified.h"
#include "pgwraith/plan/spelling.h"

namespace pgwraith::shadow {

namespace {

// A reference to the whole row has the column number 0.
constexpr std::string_view columns_sql = R"sql(
SELECT k.conname, coalesce(a.attname, '')
  FROM pg_constraint k
  LEFT JOIN LATERAL unnest(k.conkey) AS n ON true
  LEFT JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = n AND n > 0
 WHERE k.conrelid = $table AND k.contype = 'c' AND k.convalidated AND (k.conkey IS NULL OR n IS NOT NULL)
   AND coalesce((to_jsonb(k) ->> 'conenforced')::boolean, true)
 ORDER BY 1)sql";

bool takes_over(const plan::Mapping& mapping, const std::string& column) {
    return std::ranges::any_of(mapping.columns, [&](const plan::MappedColumn& mapped) {
        return mapped.name == column && mapped.old_name && mapped.origin == "same";
    });
}

bool was_valid(const catalog::Table& live, const catalog::Constraint& check) {
    return std::ranges::any_of(live.constraints, [&](const catalog::Constraint& old) {
        return old.type == catalog::ConstraintType::check && old.name == check.name && old.validated;
    });
}

}  // namespace

Task<std::vector<UntouchedCheck>> find_untouched_checks(postgres::Connection& connection, catalog::Table live,
                                                        catalog::Table shadow, plan::Mapping mapping) {
    const postgres::Result rows =
        co_await catalog::query_qualified(connection, catalog::for_table(columns_sql, shadow.oid));
    std::vector<UntouchedCheck> checks;
    for (const auto& check : shadow.constraints) {
        if (check.type != catalog::ConstraintType::check || !was_valid(live, check)) continue;
        bool listed = false;
        bool untouched = true;
        for (int row = 0; row < rows.rows(); ++row) {
            if (rows.text(row, 0) != check.name) continue;
            listed = true;
            untouched = untouched && takes_over(mapping, rows.str(row, 1));
        }
        if (!listed || !untouched) continue;
        const auto name = quote_identifier(check.name);
        UntouchedCheck found{check.name, {}, false};
        found.at_swap_sql.push_back(plan::in_same_words(
            fmt::format("ALTER TABLE {} ADD CONSTRAINT {} {} NOT VALID", shadow.name.sql(), name, check.definition)));
        if (check.comment) {
            found.at_swap_sql.push_back(fmt::format("COMMENT ON CONSTRAINT {} ON {} IS {}", name, shadow.name.sql(),
                                                    quote_literal(*check.comment)));
        }
        checks.push_back(std::move(found));
    }
    co_return checks;
}

}  // namespace pgwraith::shadow
