// The validated settings of one migration, one struct per part of the YAML file. config/example.yaml says what
// each means; the defaults here are the defaults there.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "pgwraith/base/names.h"
#include "pgwraith/base/units.h"
#include "pgwraith/config/control.h"
#include "pgwraith/config/hooks.h"
#include "pgwraith/config/throttle.h"

namespace pgwraith::config {

// How rows get into the shadow. insert: INSERT … SELECT, within the server; copy: the COPY protocol, through the
// program; automatic: what is measured to be better.
enum class CopyMethod { automatic, insert, copy };

struct Copy {
    int workers = 2;  // 1 … 32
    CopyMethod method = CopyMethod::automatic;
    milliseconds chunk_target{500};                       // 10ms … 60s
    std::uint64_t chunk_max_bytes = 32ULL * 1024 * 1024;  // heap bytes per chunk; 8KiB … 1GiB

    bool operator==(const Copy&) const = default;
};

// Filling columns of the live table in place.
struct Fill {
    double max_dead_rows = 0.3;                            // share of all rows; 0.01 … 1
    std::uint64_t dead_rows_from = 1024ULL * 1024 * 1024;  // bytes: in a smaller table they are no burden

    bool operator==(const Fill&) const = default;
};

// automatic: the cheapest way that is safe; direct: steps on the live table, or a refusal; shadow: a second table.
enum class Strategy { automatic, direct, shadow };
enum class Verify { full, off };
enum class CutoverMode { automatic, manual };
enum class OldTable { keep, drop };

struct Cutover {
    CutoverMode mode = CutoverMode::automatic;
    milliseconds lock_timeout{500};
    milliseconds max_blocked{1'000};                       // >= lock_timeout
    milliseconds validate_timeout{3'600'000};              // for what follows the swap and waits behind others
    Hours window;                                          // of the swap
    std::optional<milliseconds> terminate_blockers_after;  // nullopt: nobody's session is ended

    bool operator==(const Cutover&) const = default;
};

struct Build {
    int workers = 2;                                            // indexes built side by side
    std::uint64_t maintenance_work_mem = 256ULL * 1024 * 1024;  // per worker
    int parallel_workers = 2;                                   // max_parallel_maintenance_workers of each

    bool operator==(const Build&) const = default;
};

struct Apply {
    int workers = 2;
    int batch = 2'000;  // keys per transaction

    bool operator==(const Apply&) const = default;
};

struct Reconnect {
    milliseconds give_up_after{std::chrono::minutes{10}};  // then exit 4, the state is kept

    bool operator==(const Reconnect&) const = default;
};

// Those who would be sent the shadow table as well; false: a reason to refuse.
struct Replication {
    bool allow_other_slots = false;  // logical slots of plugins that know no publications
    bool allow_all_tables = false;   // publications FOR ALL TABLES

    bool operator==(const Replication&) const = default;
};

// What to do with dependents that cannot simply be carried over.
struct Dependents {
    std::map<std::string, std::string> views;  // "app.v1" -> new SELECT
    bool recreate_materialized_views = false;

    bool operator==(const Dependents&) const = default;
};

enum class LogFormat { text, json };

struct Log {
    LogFormat format = LogFormat::text;
    bool row_values = false;  // rows' values in messages

    bool operator==(const Log&) const = default;
};

// The index by which rows are followed.
struct Key {
    bool automatic = false;  // the best that there is
    QualifiedName index;     // an empty name: what the server identifies rows by; an empty schema: the table's

    bool operator==(const Key&) const = default;
    std::string text() const;  // "auto", the index as SQL, or empty
};

// A column that stands beside old ones while two versions of the application are alive. Either `from`, a rename or
// another type, or `up` and `down`.
struct ExpandColumn {
    std::string name;
    std::string from;                         // the old column
    std::string type;                         // empty: the old column's, or that of `up`
    std::string up;                           // SQL over the old columns
    std::map<std::string, std::string> down;  // old column -> SQL over the new ones

    bool operator==(const ExpandColumn&) const = default;
};

struct Settings {
    std::filesystem::path file;
    std::string connection;
    QualifiedName table;
    Key key;
    std::string sql;                            // may be empty: rebuild as it is
    std::map<std::string, std::string> values;  // new column -> SQL expression over the old row
    std::vector<ExpandColumn> expand;           // in the file's order; excludes `sql` and `values`
    std::filesystem::path state_dir;            // absolute; a relative one is relative to the YAML file
    Strategy strategy = Strategy::automatic;
    Copy copy;
    Build build;
    Apply apply;
    Throttle throttle;
    Fill fill;
    Verify verify = Verify::full;
    Cutover cutover;
    OldTable old_table = OldTable::keep;
    Reconnect reconnect;
    Replication replication;
    Dependents dependents;
    Control control;
    Hooks hooks;
    Log log;

    bool operator==(const Settings&) const = default;
};

// Reads and checks the file. Throws Error(usage) as `file:line: key: what is wrong (expected …)`; all problems
// found are in one message, a line each. `${NAME}` and `${NAME:-default}` come from the environment.
Settings load(const std::filesystem::path& file);
Settings parse(const std::string& text, const std::filesystem::path& file);  // the same from memory

// `pgwraith set FILE KEY=VALUE`: one of the settings that may change while a migration runs. Throws Error(usage)
// naming the keys that may when `key` is not one of them, or what was expected when the value does not fit. Returns the
// value for messages, without passwords.
std::string apply_setting(Settings& settings, const std::string& key, const std::string& value);

// The connection string without its password, for logs and errors.
std::string redact_password(const std::string& conninfo);

}  // namespace pgwraith::config
