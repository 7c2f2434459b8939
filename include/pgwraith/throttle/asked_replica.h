// A standby that we ask ourselves, by its connection string: the primary does not see one that streams from another.
#pragma once

#include <memory>
#include <string>

#include "pgwraith/base/lsn.h"
#include "pgwraith/postgres/connection.h"

namespace pgwraith::throttle {

// As messages and `throttle.ignore_replicas` name it: "replica2:5433".
std::string replica_name(const std::string& conninfo);

class AskedReplica {
  public:
    explicit AskedReplica(std::string conninfo);

    const std::string& conninfo() const { return conninfo_; }
    const std::string& name() const { return name_; }

    // How far it has replayed; it has a moment to answer. `primary`: its server must be the standby's. Throws Error or
    // PgError saying why it cannot be known; then the next call opens a new session.
    Task<Lsn> ask(postgres::ServerIdentity primary);

  private:
    Task<void> ask_now(postgres::ServerIdentity primary);

    std::string conninfo_;
    std::string name_;
    std::unique_ptr<postgres::Connection> session_;
    Lsn replayed_;
};

}  // namespace pgwraith::throttle
