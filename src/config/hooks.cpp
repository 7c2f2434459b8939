#include "pgwraith/config/hooks.h"

#include "field.h"

namespace pgwraith::config {

const char* moment_name(Moment moment) {
    switch (moment) {
        case Moment::started:
            return "started";
        case Moment::copied:
            return "copied";
        case Moment::ready:
            return "ready";
        case Moment::before_cutover:
            return "before_cutover";
        case Moment::called_off:
            return "called_off";
        case Moment::after_cutover:
            return "after_cutover";
        case Moment::expanded:
            return "expanded";
        case Moment::contracted:
            return "contracted";
        case Moment::throttled:
            return "throttled";
        case Moment::failed:
            return "failed";
        case Moment::aborted:
            break;
    }
    return "aborted";
}

namespace {

Field command(std::string key, Changes changes, Place<Command> place) {
    auto set = [place](Settings& settings, const std::string& name, const std::string& text) -> Complaint {
        if (!name.empty()) {
            if (text.empty() && place(settings).words.empty()) return "is empty";
            place(settings).words.push_back(text);
            return {};
        }
        place(settings) = {is_blank(text) ? "" : text, {}};
        return {};
    };
    return bound(
        Field{std::move(key), changes, "a script for /bin/sh, a list of a program and its arguments, or nothing",
              std::move(set), Shape::command},
        place);
}

Field at_moment(Moment moment) {
    const Place<Command> place = [moment](Settings& settings) -> Command& {
        return settings.hooks.commands.at(static_cast<std::size_t>(moment));
    };
    return command(std::string("hooks.") + moment_name(moment), Changes::at_start, place);
}

}  // namespace

// None of them may be set while a migration runs: whoever reaches the control socket could run what he likes.
std::vector<Field> hook_fields() {
    using namespace std::chrono_literals;
    using enum Moment;
    constexpr auto at_start = Changes::at_start;
    return {
        at_moment(started).says(
            "Commands at moments of the migration: a text is run by /bin/sh -c, a list of words is a program and its "
            "arguments. They run in this file's directory, one after the other, with PGWRAITH_TABLE, PGWRAITH_PHASE "
            "and "
            "other facts in the environment; what they print goes to the log. docs/hooks.md has all moments and "
            "variables. started: this process holds the table, and begins or goes on.\n\n"
            "    ready: \"curl -fsS -d \\\"$PGWRAITH_TABLE is ready\\\" https://chat.internal/hook\"\n"
            "    before_cutover: [./may-we.sh, --table, orders]"),
        at_moment(copied).says("All rows are copied (with a shadow table only)."),
        at_moment(ready).says("It could swap now, and waits for its moment, if there is something to wait for."),
        at_moment(before_cutover)
            .says("Before each attempt to swap, while nothing is locked. If it does not end with 0, the attempt is "
                  "called off and comes again after a pause that grows."),
        at_moment(called_off).says("An attempt has come to nothing: what before_cutover has done can be undone."),
        at_moment(after_cutover).says("The table has its new shape."),
        at_moment(expanded).says("Old and new columns stand side by side (with `expand`)."),
        at_moment(contracted).says("The old columns are gone (`pgwraith contract`)."),
        at_moment(throttled).says("The work has been held back for hooks.throttled_after without a pause."),
        at_moment(failed).says("The process is about to end with an error."),
        at_moment(aborted).says("Everything of the migration is gone."),
        duration("hooks.timeout", at_start, at(&Settings::hooks, &Hooks::timeout), 1s, 24h)
            .says("How long each of them may take. Then it is ended, with all processes of its group; for "
                  "before_cutover that is a no."),
        duration("hooks.throttled_after", at_start, at(&Settings::hooks, &Hooks::throttled_after), 1s, 168h)
            .says("How long the work must be held back for the moment `throttled`."),
    };
}

}  // namespace pgwraith::config
