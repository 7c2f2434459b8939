// Statements that are sent together and answered in their order: libpq's pipeline mode.
#pragma once

#include <string>
#include <vector>

#include "pgwraith/postgres/connection.h"

namespace pgwraith::postgres {

class Operation;

// The server works at what was sent while the caller does something else; the session is busy from the first add() to
// the last answers(). Whoever lets go of it before has broken the session: a statement that runs is asked to stop.
// Thread contract: the io_context's thread.
class Pipeline {
  public:
    // REQUIRES: the connection outlives it.
    explicit Pipeline(Connection& connection);
    ~Pipeline();
    Pipeline(const Pipeline&) = delete;
    Pipeline& operator=(const Pipeline&) = delete;

    // One statement with parameters as text.
    void add(const std::string& sql, const std::vector<Param>& params = {});
    // One that was prepared in the session.
    void add_prepared(const std::string& name, const std::vector<Param>& params);
    // Ends a part: when a statement fails, those that follow it in its part are left out.
    void end_part();
    // Hands over what was added. REQUIRES: the last part was ended.
    Task<void> send();
    // The results of the next part, one of each statement. When one has failed, this reads the answers to all parts,
    // so that the session is free again, and throws that error. REQUIRES: send() has returned.
    Task<std::vector<Result>> answers();

  private:
    void about_to_send();
    Task<std::vector<Result>> read_part(std::optional<PgError>& failure);

    Connection::Impl& impl_;
    std::unique_ptr<Operation> operation_;
    int unanswered_ = 0;  // parts
};

}  // namespace pgwraith::postgres
