// Verification: every row of both tables, both ways, in parts, each in one snapshot (docs/verification.md).
#pragma once

#include <cstdint>
#include <memory>
#include <set>

#include "pgwraith/transfer/applier.h"
#include "pgwraith/transfer/documents.h"

namespace pgwraith::transfer {

struct VerifyProgress {
    std::uint64_t rows_live = 0;  // compared
    std::uint64_t rows_shadow = 0;
    std::uint64_t rechecked = 0;  // by key: their change was under way, or their partner stood elsewhere
    std::uint64_t repaired = 0;   // true differences, fixed and compared clean
    const char* order = "";       // in which both tables are read
    int busy = 0;                 // workers
    std::optional<milliseconds> range_took;
};

class Pace;
class Walk;
struct Part;

// A key that differs is compared again while the applier is held. It is a true difference if it still differs and is
// not in the ledger once everything that the comparison saw has arrived there. Thread contract: the io_context's
// thread. REQUIRES: capture and applier run in other coroutines.
class Verifier {
  public:
    // `applier` must outlive it.
    Verifier(Context context, Applier& applier);
    ~Verifier();

    // The whole of both tables; goes on where the journal says that an earlier run had come.
    // Throws Error(stopped) when a difference stays after it was repaired, TableRewritten when the live table is
    // truncated meanwhile: then every row of the shadow would be a difference.
    Task<void> run();

    // Keys whose rows change so fast that they were never seen at rest; compared under the cutover's lock.
    // As the journal remembers them, so that a successor compares them too.
    static Task<std::set<std::string>> restless(const store::Journal& journal);

    const VerifyProgress& progress() const { return progress_; }

  private:
    Task<void> begin();
    Task<void> begin_anew(store::Journal& journal);
    Task<void> work(int number);
    Task<std::optional<Part>> next_part(postgres::Connection& connection);
    Task<std::uint64_t> compare(postgres::Connection& connection, Part part);
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

    std::unique_ptr<Walk> walk_;
    std::unique_ptr<Pace> pace_;
    int workers_ = 1;         // that there are to be now
    bool rewritten_ = false;  // one of the files is another now, and that matters
    bool taking_ = false;     // a worker takes the next part
    Event taken_;
    std::set<std::string> suspects_;  // without an equal partner at first sight
    std::set<std::string> restless_;
    VerifyProgress progress_;
    std::size_t repaired_now_ = 0;  // not yet reported
};

// Rows of `keys` that differ, in the caller's transaction; a line each for the operator.
struct Difference {
    std::string key;  // encoded
    std::string text;
};
// The answer of shadow::compare_keys_sql() for the keys `compared`.
void add_differences(std::vector<Difference>& differences, const shadow::Pair& pair,
                     const std::vector<std::string>& compared, const postgres::Result& rows);
Task<std::vector<Difference>> compare_keys(postgres::Connection& connection, shadow::Pair pair,
                                           std::vector<std::string> keys);

}  // namespace pgwraith::transfer
