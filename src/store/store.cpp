#include "pgwraith/store/store.h"

#include <nlohmann/json.hpp>

#include "blocking_store.h"

namespace pgwraith::store {

namespace {

namespace fs = std::filesystem;

// The stream records and syncs, the applier reads and removes, the copy's workers write their chunks.
constexpr std::size_t threads = 4;

}  // namespace

bool Store::exists(const fs::path& directory) { return BlockingStore::exists(directory); }

Task<std::unique_ptr<Store>> Store::open(fs::path directory, bool create) {
    auto pool = std::make_unique<Pool>(threads);
    auto opened = co_await pool->run([&] { return BlockingStore::open(directory, create); });
    co_return std::unique_ptr<Store>(new Store(std::move(directory), std::move(opened), std::move(pool)));
}

Task<std::unique_ptr<Store>> Store::look_into(fs::path directory) {
    auto pool = std::make_unique<Pool>(1);
    auto opened = co_await pool->run([&] { return BlockingStore::look_into(directory); });
    if (!opened) co_return nullptr;
    co_return std::unique_ptr<Store>(new Store(std::move(directory), std::move(opened), std::move(pool)));
}

Task<void> Store::destroy(fs::path directory) {
    Pool pool(1);
    co_await pool.run([&] { BlockingStore::destroy(directory); });
}

Task<void> Store::destroy(std::unique_ptr<Store>& store) {
    Pool pool(1);  // its own goes with it
    co_await pool.run([&] {
        const auto directory = store->directory_;
        store.reset();
        BlockingStore::destroy(directory);
    });
}

std::string Store::owner(const fs::path& directory) { return BlockingStore::owner(directory); }

std::optional<nlohmann::json> Store::record(const fs::path& directory) { return BlockingStore::record(directory); }

Task<void> Store::leave_record(fs::path directory, nlohmann::json document) {
    Pool pool(1);
    co_await pool.run([&] { BlockingStore::leave_record(directory, document); });
}

void Store::rewrite_record(const fs::path& directory, const nlohmann::json& document) {
    BlockingStore::leave_record(directory, document);
}

void Store::remove_record(const fs::path& directory) { BlockingStore::remove_record(directory); }

Store::Store(fs::path directory, std::unique_ptr<BlockingStore> blocking, std::unique_ptr<Pool> pool)
    : directory_(std::move(directory)),
      blocking_(std::move(blocking)),
      pool_(std::move(pool)),
      journal_(blocking_->journal(), *pool_),
      ledger_(blocking_->ledger(), *pool_) {}

Store::~Store() = default;

Task<void> Store::try_resume() {
    return pool_->run([this] { blocking_->try_resume(); });
}

}  // namespace pgwraith::store
