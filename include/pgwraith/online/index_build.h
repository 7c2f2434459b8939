// Indexes that are built and dropped CONCURRENTLY: nobody waits, but they wait for others, may fail, and leave an
// invalid index behind then.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "pgwraith/base/activity.h"
#include "pgwraith/config/settings.h"
#include "pgwraith/postgres/sessions.h"
#include "pgwraith/throttle/gate.h"

namespace pgwraith::online {

struct IndexWork {
    Oid table = 0;
    QualifiedName index;
    std::string statement;  // CREATE or DROP INDEX CONCURRENTLY
};

// Why it is to be tried again; empty: it is done.
using WhyNot = std::string;

// Thread contract: the io_context's thread.
class IndexBuild {
  public:
    // `gate`: how many parallel workers a build may have. `say`: is told what it does, and whom it waits for.
    IndexBuild(const postgres::Sessions& sessions, const config::Settings& settings, const throttle::Gate& gate,
               Say say)
        : sessions_(sessions), settings_(settings), gate_(gate), say_(std::move(say)) {}

    // One try. An invalid index of that name is dropped first, a valid one counts as done: REQUIRES that both are ours.
    // A try that fails leaves no invalid index behind, unless the connection is lost or somebody keeps us from dropping
    // it (the next try drops it then). Throws PgError when the data or the server refuse it.
    Task<WhyNot> create(IndexWork work);
    // One try; an index that is not there counts as dropped.
    Task<WhyNot> drop(IndexWork work);

    enum class Found { none, invalid, valid };
    // Of that name on that table; a relation of that name that is not an index of it is an Error(stopped).
    static Task<Found> look(postgres::Connection& connection, Oid table, QualifiedName index);

  private:
    Task<void> open_sessions();
    Task<WhyNot> run(std::string statement);
    Task<void> script_then_cancel(std::string sql, TaskGroup& group);
    Task<void> watch();
    Task<WhyNot> drop_found(QualifiedName index);

    const postgres::Sessions& sessions_;
    const config::Settings& settings_;
    const throttle::Gate& gate_;
    Say say_;
    std::string cancelled_;  // why the watch has cancelled the statement
    std::unique_ptr<postgres::Connection> session_;
    std::unique_ptr<postgres::Connection> watcher_;
};

}  // namespace pgwraith::online
