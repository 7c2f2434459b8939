#include "pgwraith/catalog/event_triggers.h"

#include <fmt/format.h>

#include <algorithm>

namespace pgwraith::catalog {

namespace {

// A procedural language says in which function it was: function audit.no() line 3 at RAISE. The schema is left out when
// the search_path of the moment has it.
bool runs_in(const EventTrigger& trigger, const std::string& context) {
    const auto says = [&](const std::string& function) {
        return context.find("function " + function + "() ") != std::string::npos;
    };
    return says(trigger.function) || says(trigger.function.substr(trigger.function.rfind('.') + 1));
}

std::vector<EventTrigger> behind(const std::vector<EventTrigger>& triggers, const postgres::PgError& error) {
    std::vector<EventTrigger> found;
    std::ranges::copy_if(triggers, std::back_inserter(found),
                         [&](const EventTrigger& trigger) { return runs_in(trigger, error.context()); });
    return found;
}

}  // namespace

Task<std::vector<EventTrigger>> read_event_triggers(postgres::Connection& connection) {
    const auto rows = co_await connection.query(
        "SELECT quote_ident(e.evtname), format('%I.%I', n.nspname, p.proname) FROM pg_event_trigger e "
        "JOIN pg_proc p ON p.oid = e.evtfoid JOIN pg_namespace n ON n.oid = p.pronamespace "
        "WHERE e.evtenabled IN ('O', 'A') ORDER BY e.evtname");
    std::vector<EventTrigger> triggers;
    for (int row = 0; row < rows.rows(); ++row) triggers.push_back({rows.str(row, 0), rows.str(row, 1)});
    co_return triggers;
}

std::string message_with_origin(const std::vector<EventTrigger>& triggers, const postgres::PgError& error) {
    const auto found = behind(triggers, error);
    if (found.empty()) return error.message();
    return fmt::format("{} (raised in {})", error.message(), in_words(found));
}

std::string remedy_for(const std::vector<EventTrigger>& triggers, const postgres::PgError& error,
                       const std::string& otherwise) {
    const auto found = behind(triggers, error);
    if (found.empty()) return otherwise;
    return fmt::format(
        "Have the function let the migration's role pass, or disable the event trigger meanwhile (ALTER EVENT TRIGGER "
        "{} DISABLE).",
        found.front().name);
}

std::string in_words(const std::vector<EventTrigger>& triggers) {
    std::string words;
    for (const auto& trigger : triggers) {
        words +=
            fmt::format("{}event trigger {} (function {})", words.empty() ? "" : ", ", trigger.name, trigger.function);
    }
    return words;
}

}  // namespace pgwraith::catalog
