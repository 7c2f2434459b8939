#include "pgwraith/plan/moments.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>

#include "pgwraith/base/names.h"
#include "syntax_tree.h"

namespace pgwraith::plan {

namespace {

constexpr std::string_view select = "SELECT ";

std::string literal(const std::string& text, const std::string& type) {
    return fmt::format("({}::{})", quote_literal(text), type);
}

bool is_now(const PgQuery__FuncCall& call) {
    if (call.n_args > 0) return false;
    auto name = strings(call.funcname, call.n_funcname);
    if (name.size() == 2 && name.front() == "pg_catalog") name.erase(name.begin());
    return name.size() == 1 &&
           (name[0] == "now" || name[0] == "transaction_timestamp" || name[0] == "statement_timestamp");
}

std::optional<std::string> value_of(const PgQuery__SQLValueFunction& word, const Moment& moment) {
    switch (word.op) {
        case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_DATE:
            return literal(moment.date, "date");
        case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_TIME:
            return literal(moment.time_with_zone, "time with time zone");
        case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_TIME_N:
            return literal(moment.time_with_zone, fmt::format("time({}) with time zone", word.typmod));
        case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_TIMESTAMP:
            return literal(moment.timestamp_with_zone, "timestamp with time zone");
        case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_TIMESTAMP_N:
            return literal(moment.timestamp_with_zone, fmt::format("timestamp({}) with time zone", word.typmod));
        case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_LOCALTIME:
            return literal(moment.time, "time");
        case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_LOCALTIME_N:
            return literal(moment.time, fmt::format("time({})", word.typmod));
        case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_LOCALTIMESTAMP:
            return literal(moment.timestamp, "timestamp");
        case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_LOCALTIMESTAMP_N:
            return literal(moment.timestamp, fmt::format("timestamp({})", word.typmod));
        default:
            return std::nullopt;  // CURRENT_USER and the like
    }
}

struct Found {
    std::string text;
    bool parentheses = false;  // follow it
};

using Places = std::map<std::size_t, Found, std::greater<>>;  // by where they begin, the last one first

Places find_moments(SyntaxTree& tree, const Moment& moment) {
    Places places;
    walk(tree.root().base, [&](ProtobufCMessage& message) {
        if (auto* call = message_as<PgQuery__FuncCall>(message, pg_query__func_call__descriptor)) {
            if (!is_now(*call)) return;
            places[static_cast<std::size_t>(call->location)] = {
                literal(moment.timestamp_with_zone, "timestamp with time zone"), true};
        } else if (auto* word =
                       message_as<PgQuery__SQLValueFunction>(message, pg_query__sqlvalue_function__descriptor)) {
            auto value = value_of(*word, moment);
            if (value) places[static_cast<std::size_t>(word->location)] = {std::move(*value), word->typmod >= 0};
        }
    });
    return places;
}

}  // namespace

std::string freeze_moments(const std::string& expression, const Moment& moment) {
    std::string text = std::string(select) + expression;
    Places places;
    try {
        auto tree = SyntaxTree::parse(text);
        places = find_moments(tree, moment);
    } catch (const SyntaxError&) {
        return expression;
    }
    const auto all = tokens(text);
    for (const auto& [begin, found] : places) {
        auto last = std::ranges::find(all, begin, &Token::begin);
        while (found.parentheses && last != all.end() && text[last->begin] != ')') ++last;
        if (last == all.end()) return expression;
        text.replace(begin, last->end - begin, found.text);
    }
    return text.substr(select.size());
}

}  // namespace pgwraith::plan
