// Where the sessions of a migration come from: one connection string, and the settings that they need.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "pgwraith/postgres/connection.h"
#include "pgwraith/postgres/settings.h"

namespace pgwraith::postgres {

class Sessions {
  public:
    explicit Sessions(std::string conninfo) : conninfo_(std::move(conninfo)) {}

    // For our own statements: values are printed in the fixed forms, and only pg_catalog is in the search_path, so that
    // no name can mean an object of the user's by mistake. `purpose`: a word that appears in application_name,
    // "pgwraith copy (pid 123 on host)".
    Task<std::unique_ptr<Connection>> open(std::string purpose) const;
    // For the user's SQL and for expressions that are computed for rows: with the settings that a plain statement of
    // this role in this database has, search_path included. Such a session prints values in no fixed form.
    Task<std::unique_ptr<Connection>> open_for_rows(std::string purpose) const;
    // A walsender, with the fixed forms.
    Task<std::unique_ptr<Connection>> open_replication() const;

    // The walsender's application_name, which synchronous_standby_names is matched with.
    std::string stream_name() const;

    // The next session decides which server all later sessions must reach. With several hosts, or after a name has
    // moved, another server may answer at any time: a session that reaches another server is a transient PgError.
    void begin_anew() { server_.reset(); }

    // From now on all sessions have these settings, even if the database's change meanwhile (read_row_settings()).
    void keep(Settings row_settings) { kept_ = std::move(row_settings); }
    const Settings& kept() const { return kept_; }

  private:
    Task<std::unique_ptr<Connection>> open_with(std::string purpose, Settings settings, Settings kept) const;
    Settings kept_of(std::initializer_list<const char*> names) const;
    Task<std::unique_ptr<Connection>> open_checked(ConnectOptions options) const;

    std::string conninfo_;
    Settings kept_;
    mutable std::optional<ServerIdentity> server_;
};

}  // namespace pgwraith::postgres
