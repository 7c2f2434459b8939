// Where the sessions of a migration come from: one connection string, one set of session settings.
#pragma once

#include <memory>
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

    void set_search_path(std::string search_path) { search_path_ = std::move(search_path); }
    Pool& pool() const { return pool_; }

  private:
    std::string conninfo_;
    std::string search_path_;
    Pool& pool_;
};

}  // namespace pgwraith::postgres
