#include "pgwraith/plan/ways.h"

#include <fmt/format.h>

#include <algorithm>

namespace pgwraith::plan {

namespace {

constexpr const char* exclusive = "ACCESS EXCLUSIVE, for an instant";
constexpr const char* of_utilities = "SHARE UPDATE EXCLUSIVE, for an instant";  // no reader or writer waits for it
constexpr const char* while_reading = "SHARE UPDATE EXCLUSIVE";
constexpr const char* then_exclusive = "SHARE UPDATE EXCLUSIVE; ACCESS EXCLUSIVE, for an instant";
constexpr const char* of_the_swap = "ACCESS EXCLUSIVE, for milliseconds";

WayOfPart instant(std::string why, std::string lock = exclusive) {
    return {Way::instant, std::move(why), std::move(lock)};
}

WayOfPart online(std::string why, std::string lock) { return {Way::online, std::move(why), std::move(lock), true}; }

WayOfPart shadow(std::string why) { return {Way::shadow, std::move(why), of_the_swap, true, true}; }

std::string first_column(const Part& part) { return part.columns.empty() ? std::string() : part.columns.front(); }

// What the server would do to the table under its strongest lock, where there are no steps that avoid it.
std::string why_rewritten(const Part& part) {
    switch (part.kind) {
        case PartKind::add_column:
            if (part.expression) return "the default is another value for each row, so that each row is written anew";
            return "each row is written anew: identity, serial and stored generated columns, and domains with a "
                   "constraint, are computed for old rows";
        case PartKind::alter_type:
            return "the values of the new type are stored otherwise: each row is written anew";
        case PartKind::set_tablespace:
            return "the file moves, under a lock that keeps everybody waiting";
        default:
            return "the server writes each row anew for it";
    }
}

WayOfPart way_of_type(const Part& part, std::size_t place, const ServerSays& says) {
    if (says.rebuilds_index.contains(place)) {
        return shadow(
            "the rows stay as they are, but an index on the column would be built anew, under a lock that "
            "keeps everybody waiting");
    }
    if (says.reads.contains(place)) {
        return shadow(
            "the server would check every row against the new type, under a lock that keeps everybody waiting");
    }
    if (const auto used = says.used_by.find(place); used != says.used_by.end()) {
        return shadow(fmt::format("column {} is used by {}, with which the server does not change its type",
                                  first_column(part), used->second));
    }
    if (says.checks_key.contains(place)) {
        return shadow(fmt::format(
            "a foreign key stands on column {}: the server would make it anew, and look up every row, under "
            "a lock that keeps everybody waiting on both tables",
            first_column(part)));
    }
    if (says.locks.contains(place)) {
        return instant(
            "the catalog only: the stored values are values of the new type as they are, and its foreign key "
            "holds as it is",
            "ACCESS EXCLUSIVE, for an instant, on the other table too");
    }
    return instant("the catalog only: the stored values are values of the new type as they are");
}

WayOfPart way_of_drop(std::size_t place, const ServerSays& says, const std::string& why) {
    const auto used = says.used_by.find(place);
    if (used == says.used_by.end()) return instant(why);
    return shadow(fmt::format("it is used by {}", used->second));
}

// What is set for a column needs the strongest lock when it says how values are stored; of the table's parameters one
// does.
bool needs_exclusive(const Part& part) {
    if (part.kind == PartKind::set_storage_parameters) return part.sql.find("user_catalog_table") != std::string::npos;
    return part.summary.ends_with("STORAGE") || part.summary.ends_with("COMPRESSION");
}

WayOfPart way_of_kind(const Part& part, std::size_t place, const ServerSays& says, int server_version) {
    const bool reads = says.reads.contains(place);
    switch (part.kind) {
        case PartKind::add_column:
            if (const auto used = says.used_by.find(place); used != says.used_by.end()) {
                return shadow(fmt::format("{} holds rows of the table, so that the server refuses it", used->second));
            }
            if (part.expression) return instant("the catalog only: old rows get the default from there");
            if (part.references) {
                return instant("the catalog only: old rows get NULL, for which nothing is looked up",
                               "ACCESS EXCLUSIVE, for an instant, and SHARE ROW EXCLUSIVE on the other table");
            }
            return instant("the catalog only: old rows get NULL, or compute it when they are read");
        case PartKind::drop_column:
            return way_of_drop(place, says,
                               "the catalog only: the values stay in the rows until these are written anew");
        case PartKind::rename_column:
            return instant("the catalog only: the application must know the new name from that moment on");
        case PartKind::rename_constraint:
            return instant("the catalog only");
        case PartKind::alter_type:
            return way_of_type(part, place, says);
        case PartKind::set_default:
        case PartKind::drop_default:
            return instant("the catalog only: for rows that are inserted from then on");
        case PartKind::set_not_null:
            if (!reads) return instant("the catalog only: the column is known to have no NULL");
            return online(server_version >= 180000
                              ? "the constraint binds new rows at once, and old ones are read without a lock that "
                                "stops anybody"
                              : "a CHECK that is NOT VALID binds new rows at once and is validated without a lock that "
                                "stops anybody; SET NOT NULL then need not read the table",
                          then_exclusive);
        case PartKind::drop_not_null:
            return instant("the catalog only");
        case PartKind::add_check:
            if (part.not_valid) return instant("the catalog only: old rows are not asked");
            return online(
                "NOT VALID binds new rows at once; VALIDATE then reads the old ones without a lock that stops "
                "anybody",
                then_exclusive);
        case PartKind::add_foreign_key:
            if (part.not_valid) {
                return instant("the catalog only: old rows are not asked",
                               "SHARE ROW EXCLUSIVE, for an instant, on the other table too");
            }
            return online(
                "NOT VALID binds new rows at once; VALIDATE then reads the old ones without a lock that stops "
                "anybody",
                "SHARE ROW EXCLUSIVE, for an instant, on the other table too; SHARE UPDATE EXCLUSIVE");
        case PartKind::add_unique:
            return online("its index is built CONCURRENTLY, then becomes the constraint's", then_exclusive);
        case PartKind::add_primary_key:
            return online(
                "its index is built CONCURRENTLY, NOT NULL is checked without a lock that stops anybody, then "
                "the index becomes the key's",
                then_exclusive);
        case PartKind::add_constraint_using_index:
            if (!reads) return instant("the catalog only: the index is there");
            return online("NOT NULL is checked without a lock that stops anybody, then the index becomes the key's",
                          then_exclusive);
        case PartKind::add_exclusion:
            return shadow(
                "its index cannot be built CONCURRENTLY, and would be built under a lock that keeps everybody "
                "waiting");
        case PartKind::drop_constraint:
            return way_of_drop(place, says, "the catalog only, and the file of its index");
        case PartKind::validate_constraint:
            return online("old rows are read without a lock that stops anybody", while_reading);
        case PartKind::create_index:
            return online("it is built CONCURRENTLY", while_reading);
        case PartKind::drop_index: {
            const auto used = says.used_by.find(place);
            if (used != says.used_by.end()) return shadow(fmt::format("it is used by {}", used->second));
            auto way = online("it is dropped CONCURRENTLY", while_reading);
            way.reads_table = false;
            return way;
        }
        case PartKind::rename_index:
            return instant("the catalog only", "none: SHARE UPDATE EXCLUSIVE on the index, for an instant");
        case PartKind::alter_index:
            return instant("the catalog only: the index's parameters, which hold for what is written from then on",
                           "none: ACCESS EXCLUSIVE at most on the index, for an instant");
        case PartKind::set_storage_parameters:
            return instant("the catalog only: for what is written from then on",
                           needs_exclusive(part) ? exclusive : of_utilities);
        case PartKind::set_statistics:
            return instant("the catalog only: for the next ANALYZE", of_utilities);
        case PartKind::set_column_options:
            return instant("the catalog only: for values that are written, or statistics that are taken, from then on",
                           needs_exclusive(part) ? exclusive : of_utilities);
        case PartKind::set_tablespace:
            return instant("it is there already");
        case PartKind::add_identity:
            return instant("the catalog only: a sequence for rows that are inserted from then on");
        case PartKind::set_identity:
        case PartKind::drop_identity:
        case PartKind::drop_expression:
            return instant("the catalog only: for rows that are inserted from then on");
        case PartKind::alter_sequence:
            return instant("the sequence only", "none: SHARE ROW EXCLUSIVE on the sequence, for an instant");
        case PartKind::cluster_mark:
            return instant("the catalog only", of_utilities);
        case PartKind::not_of:
            return instant("the catalog only");
        case PartKind::comment:
            if (!part.name.empty())
                return instant("the catalog only", "none: a lock on what it is about, for an instant");
            return instant("the catalog only", of_utilities);
        case PartKind::create_statistics:
            return instant("the catalog only: for the next ANALYZE", of_utilities);
        case PartKind::drop_statistics:
            return instant("the catalog only", of_utilities);
        case PartKind::fill:
            return {Way::in_place, "rows in which it is NULL are updated in small chunks", "ROW EXCLUSIVE, per chunk",
                    true, true};
        case PartKind::other:
            break;
    }
    return shadow("there are no steps for it that avoid a long lock");
}

// What the kind's steps know how to do without holding up anybody although the server reads the table for the plain
// statement.
bool has_steps_for_reading(PartKind kind) {
    switch (kind) {
        case PartKind::set_not_null:
        case PartKind::add_check:
        case PartKind::add_foreign_key:
        case PartKind::add_unique:
        case PartKind::add_primary_key:
        case PartKind::add_constraint_using_index:
        case PartKind::validate_constraint:
        case PartKind::create_index:
        case PartKind::alter_type:
        case PartKind::fill:
            return true;
        default:
            return false;
    }
}

WayOfPart way_of_part(const Part& part, std::size_t place, const ServerSays& says, int server_version) {
    if (!part.only_shadow.empty()) return shadow(part.only_shadow);
    if (part.kind == PartKind::fill) return way_of_kind(part, place, says, server_version);
    if (says.rewrites.contains(place)) return shadow(why_rewritten(part));
    auto way = way_of_kind(part, place, says, server_version);
    if (way.way == Way::shadow) return way;
    if (says.rebuilds_index.contains(place)) {
        return shadow("an index would be built anew, under a lock that keeps everybody waiting");
    }
    if (says.reads.contains(place) && !has_steps_for_reading(part.kind)) {
        return shadow("the server would read every row under a lock that keeps everybody waiting");
    }
    return way;
}

}  // namespace

const char* way_name(Way way) {
    switch (way) {
        case Way::instant:
            return "instant";
        case Way::online:
            return "online";
        case Way::in_place:
            return "in place";
        case Way::shadow:
            return "shadow";
    }
    return "unknown";
}

std::vector<WayOfPart> find_ways(const std::vector<Part>& parts, const ServerSays& says, int server_version) {
    std::vector<WayOfPart> ways;
    for (std::size_t place = 0; place < parts.size(); ++place) {
        ways.push_back(way_of_part(parts[place], place, says, server_version));
    }
    return ways;
}

Way way_of_all(const std::vector<WayOfPart>& ways) {
    Way dearest = Way::instant;
    for (const auto& way : ways) dearest = std::max(dearest, way.way);
    return dearest;
}

namespace {

// Measured (docs/figures.md, Filling a column).
constexpr double wal_per_second = 75.0 * 1024 * 1024;
constexpr double wal_of_row = 60;          // beside the row itself: of its old version and its new one
constexpr double wal_of_index_entry = 75;  // of each index
constexpr double wal_of_copied_row = 40;
constexpr double shadow_seconds_least = 3;  // a slot, a swap, and what is between
// So long nobody minds what the server writes, and no slot, no second table, no swap is needed.
constexpr double soon_seconds = 10;

}  // namespace

Weighed weigh(const catalog::Table& live, const std::vector<double>& filled) {
    Weighed weighed;
    double share = 0;
    for (const double one : filled) share += one;
    const auto heap = static_cast<double>(live.heap_bytes);
    const auto indexes = static_cast<double>(live.index_bytes);
    const auto rows = std::max(live.row_estimate, 0.0);
    weighed.rows_written = share * rows;
    // No room for the new version on a full page: every index gets an entry for it. What is stored outside of the row
    // stays where it is.
    weighed.dead_bytes = static_cast<std::uint64_t>(share * heap);
    weighed.in_place_bytes = static_cast<std::uint64_t>(share * (heap + indexes));
    // A page that is touched for the first time since a checkpoint is written in full: those of the old versions, and
    // those of the indexes, in which the entries are spread.
    const auto for_row = wal_of_row + wal_of_index_entry * static_cast<double>(live.indexes.size());
    const auto in_place_wal = share * (2 * heap + indexes) + weighed.rows_written * for_row;
    weighed.in_place_wal = static_cast<std::uint64_t>(in_place_wal);
    weighed.in_place_seconds = in_place_wal / wal_per_second;
    weighed.shadow_bytes = live.total_bytes();
    const auto shadow_wal = static_cast<double>(weighed.shadow_bytes) + rows * wal_of_copied_row;
    weighed.shadow_wal = static_cast<std::uint64_t>(shadow_wal);
    weighed.shadow_seconds = shadow_seconds_least + shadow_wal / wal_per_second;
    weighed.in_place = weighed.in_place_seconds <= std::max(soon_seconds, weighed.shadow_seconds);
    return weighed;
}

std::uint64_t room_for_shadow(std::uint64_t table_bytes) { return table_bytes + table_bytes / 5; }

}  // namespace pgwraith::plan
