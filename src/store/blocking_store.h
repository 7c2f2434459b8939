// The database under state_dir with its two parts. What the functions promise is said in pgwraith/store/store.h.
//
// Thread contract: every function may block on the disk.
#pragma once

#include <filesystem>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "blocking_journal.h"
#include "blocking_ledger.h"

namespace pgwraith::store {

class BlockingStore {
  public:
    static bool exists(const std::filesystem::path& directory);
    static std::unique_ptr<BlockingStore> open(const std::filesystem::path& directory, bool create);
    static std::unique_ptr<BlockingStore> look_into(const std::filesystem::path& directory);
    static void destroy(const std::filesystem::path& directory);

    static std::string owner(const std::filesystem::path& directory);
    static std::optional<nlohmann::json> record(const std::filesystem::path& directory);
    static void leave_record(const std::filesystem::path& directory, const nlohmann::json& document);
    static void remove_record(const std::filesystem::path& directory);

    ~BlockingStore();
    BlockingJournal& journal() { return *journal_; }
    BlockingLedger& ledger() { return *ledger_; }
    void try_resume();

  private:
    explicit BlockingStore(std::unique_ptr<Database> database);

    std::unique_ptr<Database> database_;
    std::unique_ptr<BlockingJournal> journal_;
    std::unique_ptr<BlockingLedger> ledger_;
};

}  // namespace pgwraith::store
