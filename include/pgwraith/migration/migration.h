// The entry points: a migration from its settings to its end, a plan, an abort without a process.
#pragma once

#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "pgwraith/base/async.h"
#include "pgwraith/catalog/preflight.h"
#include "pgwraith/config/settings.h"
#include "pgwraith/migration/commands.h"

namespace pgwraith::migration {

enum class Purpose {
    migrate,
    contract,  // what was expanded
    rehearse,  // all but the last step, and back
};

// One migration of this process.
class Migration : public Commands {
  public:
    static std::unique_ptr<Migration> create(asio::any_io_executor executor, config::Settings settings,
                                             Purpose purpose = Purpose::migrate);

    // Through all phases to the end. Returns when the swap is done and everything is cleaned up; throws Error
    // otherwise (aborted, stopped, refused …). A cancellation of the coroutine stops gracefully: Error(stopped).
    virtual Task<void> run() = 0;

    // The file may have changed: what may change while it runs is taken from it, and said.
    virtual void read_settings_again() = 0;

    // After run() has returned, and the operator was told so: the next time it may be wanted again.
    virtual void reported() = 0;
};

// Since when the table has the shape that the settings ask for, by the record in the state directory alone: nobody has
// looked at the table. nullopt: there is no such record.
std::optional<std::string> done_since(const config::Settings& settings);

struct PlanStep {
    std::string what;     // "copy 1,000,000 rows (about 86.2 MiB) in physical order, 2 workers"
    std::string lock;     // on the live table: "ACCESS SHARE", "ACCESS EXCLUSIVE for milliseconds", "none" …
    std::string sql;      // where one statement says it; may be empty
    bool detail = false;  // belongs to the step before it
};

// One sub-command of the user's SQL, or a column that is filled.
struct PlanPart {
    std::string sql, summary, way, why, lock;
    bool reads_table = false;
    bool writes_rows = false;
    bool rewrites = false;  // the plain statement would write the table anew
};

struct PlanColumn {
    std::string name, type, old_name, expression, origin;
};

struct Plan {
    std::string table;
    std::string strategy;             // auto, direct, shadow
    std::string way;                  // instant, online, in place, shadow; empty: it was not come to
    std::string way_why;              // a sentence
    std::string duration;             // "about 3 min"
    std::string blocking;             // what is locked for how long, a sentence
    std::vector<std::string> before;  // what the application must be able to do
    std::vector<std::string> after;
    std::vector<PlanPart> parts;
    std::vector<std::string> passed_over;  // what IF [NOT] EXISTS makes nothing of
    std::vector<std::string> left_out;     // what stands around the changes (BEGIN, SET lock_timeout …), and why
    std::vector<PlanStep> steps;
    std::vector<PlanColumn> columns;
    std::vector<std::string> dropped_columns;
    std::vector<std::string> key;
    std::string key_index;
    std::string key_why;            // when the choice was ours
    std::string borrowed_identity;  // the live table's replica identity meanwhile, and before; empty: it stays
    // What rows are computed under, where it is not PostgreSQL's built-in value.
    std::vector<std::pair<std::string, std::string>> settings;
    std::uint64_t space_bytes = 0;  // roughly, on the server
    struct Lock {
        std::string kind, name, mode;
    };
    std::vector<Lock> locks;  // of the swap, all that are stronger than ROW EXCLUSIVE; an index's is its table's
    std::vector<std::string> warnings;
    using Reason = catalog::Refusal;
    std::vector<Reason> refusals;  // empty: `run` would begin
};

// Looks at everything, tries the user's statements on an empty shadow inside a transaction that is rolled back.
Task<Plan> make_plan(config::Settings settings);

// A script of several tables: a plan for each, and what is about none of them.
struct ScriptPlan {
    struct Table {
        config::Settings settings;  // with its part of the script
        Plan plan;
    };
    struct Left {
        std::string text, why;
        int line = 1;
    };
    std::vector<Table> tables;  // in the order in which the script names them first
    std::vector<Left> left;
};
// `settings` without table and SQL. Throws Error(refused) for what cannot be read.
Task<ScriptPlan> make_script_plan(config::Settings settings, std::string script);

// Of a migration without a process, as its state directory tells it, without taking its lock. nullopt when nothing is
// recorded. Throws Error(stopped) when it cannot be read.
Task<std::optional<Progress>> read_progress(config::Settings settings);

// Which migration a state directory belongs to: what finds out how it ended when the directory is gone, too.
struct Remembered {
    Oid database = 0;
    Oid table = 0;  // the live table's at the beginning; 0: not recorded yet
    QualifiedName name;
};
Task<Remembered> remember(config::Settings settings);

enum class Ended {
    swapped,
    stopped,  // without a swap, its state is kept
    aborted,  // without a swap, nothing of it is left
    unknown,  // it was swapping, and the server cannot be asked
};
// How a migration ended whose process is gone.
Task<Ended> find_end(config::Settings settings, Remembered began);

struct Aborted {
    std::vector<std::string> removed;  // a line each; empty: there was nothing to do
    bool swapped = false;              // the table has its new shape, and keeps it
    bool identity_stays = false;       // the replica identity is what it was for the time of the migration
    std::vector<std::string> left;     // statements that were to follow the swap, perhaps not run yet
    std::vector<std::string> kept;     // what cannot be taken back
};

// For a migration whose process is gone, with or without its state directory. Throws Error(stopped) while another
// process owns the migration. `announce` is called with what was found before anything is dropped.
Task<Aborted> abort_migration(config::Settings settings, std::function<void(const std::vector<std::string>&)> announce);

}  // namespace pgwraith::migration
