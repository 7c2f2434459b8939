// The journal's records in the database. What the functions promise is said in pgwraith/store/journal.h.
//
// Thread contract: every function may block on the disk; they may be called from several threads at once.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "pgwraith/store/journal.h"

namespace pgwraith::store {

struct Database;

class BlockingJournal {
  public:
    // `database` must outlive it.
    explicit BlockingJournal(Database& database) : database_(database) {}

    void put(const std::string& name, const nlohmann::json& document);
    std::optional<nlohmann::json> get(const std::string& name) const;
    void erase(const std::string& name);

    void chunk_intent(const ChunkRecord& chunk);
    void chunk_done(const ChunkRecord& chunk);
    void chunk_forget(std::uint32_t begin);
    std::vector<ChunkRecord> chunks() const;
    void clear_chunks();

  private:
    Database& database_;
};

}  // namespace pgwraith::store
