#include "history.h"

#include <fmt/format.h>

namespace pgwraith::migration {

std::string another_migration(const Identity& recorded, const Identity& here) {
    if (recorded.table != here.table) return "of " + recorded.table.sql();
    const bool same = here.system_identifier == recorded.system_identifier && here.database == recorded.database;
    return same ? "" : "on another server or database";
}

std::string other_history(const Identity& began, const ServerNow& now, const KnownPast& past) {
    if (began.timeline != 0 && now.timeline != began.timeline) {
        return fmt::format(
            "the server is on timeline {}, the migration began on timeline {}: it was failed over to a standby, or "
            "restored to an earlier point",
            now.timeline, began.timeline);
    }
    if (past.position && now.position < *past.position) {
        return fmt::format("the server is at {}, but had come to {} before: it was restored to an earlier point",
                           now.position.text(), past.position->text());
    }
    if (past.committed >= now.next) {
        return fmt::format(
            "transaction {}, which changed or copied a part of the table, has not happened on the server: it was "
            "restored to an "
            "earlier point",
            past.committed);
    }
    return "";
}

std::string other_history(const KnownPast& past, postgres::XactStatus of_committed) {
    using postgres::XactStatus;
    if (of_committed == XactStatus::committed || of_committed == XactStatus::forgotten) return "";
    return fmt::format(
        "transaction {}, which changed or copied a part of the table, is another one on the server: it was restored to "
        "an "
        "earlier point",
        past.committed);
}

}  // namespace pgwraith::migration
