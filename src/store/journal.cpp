#include "pgwraith/store/journal.h"

#include <nlohmann/json.hpp>

#include "blocking_journal.h"

namespace pgwraith::store {

Task<std::optional<nlohmann::json>> Journal::get_named(const char* name) const {
    return pool_.run([this, name] { return journal_.get(name); });
}

Task<void> Journal::put_named(const char* name, nlohmann::json document) {
    return pool_.run([this, name, document = std::move(document)] { journal_.put(name, document); });
}

Task<void> Journal::erase_named(const char* name) {
    return pool_.run([this, name] { journal_.erase(name); });
}

Task<void> Journal::chunk_intent(ChunkRecord chunk) {
    return pool_.run([this, chunk] { journal_.chunk_intent(chunk); });
}

Task<void> Journal::chunk_done(ChunkRecord chunk) {
    return pool_.run([this, chunk] { journal_.chunk_done(chunk); });
}

Task<void> Journal::chunk_forget(std::uint32_t begin) {
    return pool_.run([this, begin] { journal_.chunk_forget(begin); });
}

Task<std::vector<ChunkRecord>> Journal::chunks() const {
    return pool_.run([this] { return journal_.chunks(); });
}

Task<void> Journal::clear_chunks() {
    return pool_.run([this] { journal_.clear_chunks(); });
}

}  // namespace pgwraith::store
