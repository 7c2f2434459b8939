// Verification: every row of both tables, both ways, range by range in key order, each range in one snapshot.
#pragma once

#include <cstdint>
#include <set>

#include "pgwraith/transfer/applier.h"

namespace pgwraith::transfer {

struct VerifyProgress {
    std::uint64_t rows_live = 0;  // compared
    std::uint64_t rows_shadow = 0;
    std::uint64_t rechecked = 0;  // differed at first, only because their change was under way
    std::uint64_t repaired = 0;   // true differences, fixed and compared clean
};

// A key that differs is compared again while the applier is held. It is a true difference if it still differs and is
// not in the ledger once everything that the comparison saw has arrived there. Thread contract: the io_context's
// thread. REQUIRES: capture and applier run in other coroutines.
class Verifier {
  public:
    // `applier` must outlive it.
    Verifier(Context context, Applier& applier);

    // The whole of both tables; goes on where the journal says that an earlier run had come.
    // Throws Error(stopped) when a difference stays after it was repaired, TableRewritten when the live table is
    // truncated meanwhile: then every row of the shadow would be a difference.
    Task<void> run();

    // Keys whose rows change so fast that they were never seen at rest; compared under the cutover's lock.
    // As the journal remembers them, so that a successor compares them too.
    static Task<std::set<std::string>> restless(const store::Journal& journal);

    const VerifyProgress& progress() const { return progress_; }

  private:
    struct Range {
        std::vector<std::string> lower;  // key columns as text; empty: from the start
        std::vector<std::string> upper;  // empty: to the end
    };

    Task<void> work(int number);
    Task<bool> next_range(postgres::Connection& connection, Range& range);
    Task<void> compare(postgres::Connection& connection, const Range& range);
    Task<void> recheck_suspects();
    Task<void> come_to_rest(std::vector<std::string>& open);
    Task<std::vector<std::string>> true_differences(std::vector<std::string>& open);
    Task<std::vector<std::string>> repair(std::vector<std::string> keys);
    void report_repairs();
    Task<void> save_position();
    Task<void> save_restless();

    Context context_;
    Applier& applier_;
    std::unique_ptr<postgres::Connection> rechecker_;
    std::unique_ptr<postgres::Connection> emitter_;

    std::vector<std::string> cursor_;  // upper end of the last range handed out
    bool handed_out_all_ = false;
    bool taking_ = false;  // a worker looks for the next range's end
    Event taken_;
    std::uint64_t range_rows_ = 20'000;
    std::set<std::string> suspects_;  // differed at first sight
    std::set<std::string> restless_;
    VerifyProgress progress_;
    std::size_t repaired_now_ = 0;  // not yet reported
};

// Rows of `keys` that differ, in the caller's transaction; a line each for the operator.
struct Difference {
    std::string key;  // encoded
    std::string text;
};
Task<std::vector<Difference>> compare_keys(postgres::Connection& connection, shadow::Pair pair,
                                           std::vector<std::string> keys);

}  // namespace pgwraith::transfer
