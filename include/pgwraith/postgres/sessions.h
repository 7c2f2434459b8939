// Where the sessions of a migration come from: one connection string, one set of session settings.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "pgwraith/postgres/connection.h"

namespace pgwraith::postgres {

class Sessions {
  public:
    // `search_path` is what unqualified names in the user's SQL resolve by (see session_settings()).
    Sessions(std::string conninfo, std::string search_path, Pool& pool);

    // A backend for `purpose`, a word that appears in application_name: "pgwraith copy (pid 123 on host)".
    Task<std::unique_ptr<Connection>> open(std::string purpose) const;
    // A walsender with the same settings.
    Task<std::unique_ptr<Connection>> open_replication() const;

    // The walsender's application_name, which synchronous_standby_names is matched with.
    std::string stream_name() const;

    // The next session decides which server all those after it must be with: with several hosts, or a name that has
    // moved, another one may answer at any time. Until then a session with another is a transient PgError.
    void begin_anew() { server_.reset(); }

    void set_search_path(std::string search_path) { search_path_ = std::move(search_path); }
    Pool& pool() const { return pool_; }

  private:
    Task<std::unique_ptr<Connection>> open_checked(ConnectOptions options) const;

    std::string conninfo_;
    std::string search_path_;
    Pool& pool_;
    mutable std::optional<ServerIdentity> server_;
};

}  // namespace pgwraith::postgres
