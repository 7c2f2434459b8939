// Primary key, indexes and constraints, after the copy: several at once.
#pragma once

#include "pgwraith/base/activity.h"
#include "pgwraith/transfer/context.h"

namespace pgwraith::transfer {

struct BuildProgress {
    std::uint64_t indexes_total = 0;
    std::uint64_t indexes_done = 0;
    Activity activity;
    int busy = 0;  // workers
};

// Gathers the new table's statistics again, for the plans of the application's queries after the swap: if much has
// changed since VACUUM, or if indexes have expressions, which were not there then. True: it was done.
// REQUIRES: a session for rows.
Task<bool> refresh_statistics(postgres::Connection& connection, shadow::Pair pair);

class Builder {
  public:
    explicit Builder(Context context);

    // Visibility map, hint bits and statistics, before there is an index to clean as well. May run beside the purge.
    Task<void> vacuum();

    // Builds what does not stand yet (an index left invalid is built again). REQUIRES: vacuum() is over.
    // Throws Error(stopped) with the offending rows for duplicates in a unique index.
    Task<void> run();

    const BuildProgress& progress() const { return progress_; }

  private:
    Task<std::unique_ptr<postgres::Connection>> open(int number);
    Task<void> find_missing();
    Task<void> work_off(asio::any_io_executor executor, std::size_t workers);
    Task<void> work(int number);
    Task<void> run_statement(postgres::Connection& connection, std::string sql, std::string name);
    Task<void> finish();
    Task<void> wait_for_lock(postgres::Connection& connection, std::string sql);

    Context context_;
    std::unique_ptr<postgres::Connection> first_;    // the first worker's, which does all that is done by one
    std::vector<const shadow::IndexPlan*> missing_;  // the next is at the back
    BuildProgress progress_;
};

}  // namespace pgwraith::transfer
