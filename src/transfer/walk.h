// How a verification goes through both tables: in parts, each of which one statement compares.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "pgwraith/transfer/context.h"
#include "pgwraith/transfer/documents.h"

namespace pgwraith::transfer {

struct Part {
    // Answers as shadow::compare_blocks_sql() does.
    std::string sql;
    std::vector<postgres::Param> params;
    std::uint64_t size = 0;  // in blocks or rows: what the walk counts
    std::string where;       // for the log
};

// Thread contract: the io_context's thread.
class Walk {
  public:
    virtual ~Walk() = default;

    virtual bool finished() const = 0;
    // For the session of a worker.
    virtual const char* settings() const = 0;
    virtual const char* name() const = 0;
    // REQUIRES: one caller at a time, because where a part ends is where the next one begins; not finished.
    virtual Task<Part> next(postgres::Connection& connection) = 0;
    virtual void took(const Part& part, milliseconds elapsed) = 0;
    // These are the files that a part was read from: what was compared so far means nothing any more.
    virtual bool is_void(Oid live, Oid shadow) const = 0;
    virtual void save(VerifyPosition& position) const = 0;
};

// From the beginning, in the order that costs least.
Task<std::unique_ptr<Walk>> begin_walk(Context context, postgres::Connection& session);
// From there; nullptr: the position means nothing any more.
Task<std::unique_ptr<Walk>> resume_walk(Context context, postgres::Connection& session, VerifyPosition position);

// Each way by itself. `position`: where to go on.
Task<std::unique_ptr<Walk>> walk_by_blocks(Context context, postgres::Connection& session,
                                           std::optional<VerifyPosition> position);
Task<std::unique_ptr<Walk>> walk_by_key(Context context, postgres::Connection& session, KeyColumns after);

}  // namespace pgwraith::transfer
