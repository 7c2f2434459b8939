// Others that follow the server's changes, watched while a migration runs. Each new one is logged at once, and once.
#pragma once

#include <set>
#include <string>

#include "pgwraith/catalog/preflight.h"
#include "pgwraith/postgres/connection.h"

namespace pgwraith::capture {

// Outlives the attempts.
class Company {
  public:
    // The plan has named those that were there; only later ones are news.
    explicit Company(catalog::ReplicationRules rules) : rules_(rules) {}

    // Logs new ones. Returns the server's synchronous_standby_names.
    Task<std::string> look(postgres::Connection& connection, Oid table);

    // The publications, by name, that publish the shadow table as well; empty: none.
    const std::string& publishers() const { return publishers_; }

  private:
    bool is_new(const std::string& who, bool allowed);

    catalog::ReplicationRules rules_;
    std::set<std::string> known_;
    std::string publishers_;
    bool looked_ = false;
};

}  // namespace pgwraith::capture
