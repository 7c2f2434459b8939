#include "column_history.h"

namespace pgwraith::plan {

ColumnState& ColumnHistory::at(const std::string& name) {
    const auto [place, fresh] = touched_.try_emplace(name);
    if (fresh) place->second.live_name = name;
    return place->second;
}

ColumnState ColumnHistory::peek(const std::string& name) const {
    const auto found = touched_.find(name);
    if (found != touched_.end()) return found->second;
    ColumnState untouched;
    untouched.live_name = name;
    return untouched;
}

void ColumnHistory::rename(const std::string& from, const std::string& to) {
    at(from);
    auto column = touched_.extract(from);
    column.key() = to;
    touched_.erase(to);
    touched_.insert(std::move(column));
}

void ColumnHistory::finish(UserSql& sql) const {
    for (const auto& [name, state] : touched_) {
        if (state.live_name && *state.live_name != name) sql.renamed_columns[*state.live_name] = name;
        if (state.using_expression) sql.using_expressions[name] = *state.using_expression;
        if (state.own_cast) sql.own_casts.insert(name);
        if (state.serial) sql.added_serials.insert(name);
        if (state.superseded_default && (state.serial || state.added_default)) sql.superseded_defaults.insert(name);
        if (!state.added_default) continue;
        sql.added_defaults[name] = *state.added_default;
        if (state.constant_default) sql.constant_defaults.insert(name);
    }
}

}  // namespace pgwraith::plan
