#include "alter_sequence.h"

#include <fmt/format.h>

#include <algorithm>

namespace pgwraith::plan {

namespace {

const char* const outside = "Run it by hand, before or after the migration.";

// OWNED BY the column that owns it already, as ORMs print it, says nothing new.
std::string owning_column(const PgQuery__DefElem& option, const Place& place) {
    const auto names = strings(option.arg);
    const std::size_t count = names.size();
    const bool ours = (count == 2 || count == 3) && names[count - 2] == place.table.name &&
                      (count == 2 || names[0] == place.table.schema);
    if (!ours) {
        place.refuse("ALTER SEQUENCE … OWNED BY gives the sequence to something else than a column of the table",
                     outside);
    }
    return names.back();
}

}  // namespace

SequenceChange take_alter_sequence(const PgQuery__AlterSeqStmt& statement, const std::string& sql,
                                   const std::vector<Token>& tokens, std::size_t end, const Place& place) {
    SequenceChange change;
    change.schema = statement.sequence->schemaname;
    change.name = statement.sequence->relname;
    change.if_exists = statement.missing_ok != 0;
    if (*statement.sequence->catalogname != '\0') place.refuse("ALTER SEQUENCE names a database", "Leave it out.");
    for (std::size_t i = 0; i < statement.n_options; ++i) {
        const PgQuery__DefElem& option = *statement.options[i]->def_elem;
        const std::string_view what = option.defname;
        if (what == "restart") {
            place.refuse("ALTER SEQUENCE … RESTART: numbers are handed out while the migration runs", outside);
        }
        if (what == "owned_by") {
            change.owned_by = owning_column(option, place);
            continue;
        }
        change.sets_type = change.sets_type || what == "as";
        const auto begin = static_cast<std::size_t>(option.location);
        std::size_t behind = end;
        if (i + 1 < statement.n_options) {
            behind = static_cast<std::size_t>(statement.options[i + 1]->def_elem->location);
        }
        // From token to token: without comments in between.
        std::string text;
        for (const Token& token : tokens) {
            if (token.begin < begin || token.end > behind) continue;
            text += (text.empty() ? "" : " ") + sql.substr(token.begin, token.end - token.begin);
        }
        change.options += (change.options.empty() ? "" : " ") + text;
    }
    return change;
}

}  // namespace pgwraith::plan
