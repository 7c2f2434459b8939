#include "blocking_store.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <nlohmann/json.hpp>
#include <thread>

#include "database.h"
#include "files.h"
#include "format.h"
#include "pgwraith/store/state_dir.h"
#include "pgwraith/store/store.h"

namespace pgwraith::store {

namespace {

namespace fs = std::filesystem;

fs::path database_directory(const fs::path& directory) { return directory / "store"; }
// A store is made here and then renamed, so that one without its format file never has the real name.
fs::path unfinished_directory(const fs::path& directory) { return directory / "store.new"; }

fs::path record_file(const fs::path& directory) { return directory / "done.json"; }

void remove_own_files(const fs::path& path) {
    std::error_code error;
    if (fs::is_symlink(fs::symlink_status(path, error))) return;  // whatever it points to is not ours
    std::vector<fs::path> files;
    for (fs::directory_iterator at(path, error), end; !error && at != end; at.increment(error)) {
        if (is_store_file(at->path().filename().string())) files.push_back(at->path());
    }
    for (const auto& file : files) fs::remove(file, error);
    fs::remove(path, error);  // stays when something else is in it
}

// DirectoryLock by value: it has to outlive the database, and comes back for the real opening.
DirectoryLock make_store(DirectoryLock owner, const fs::path& directory) {
    const auto path = unfinished_directory(directory);
    remove_own_files(path);
    close_to_others(path);
    Database database(std::move(owner));
    database.open(path, Opening::create);
    database.close();
    write_format(path);
    sync_directory(path);
    std::error_code error;
    fs::rename(path, database_directory(directory), error);
    if (error) {
        throw Error(ErrorKind::usage,
                    fmt::format("Cannot make {}: {}.", database_directory(directory).string(), error.message()),
                    "Let state_dir name a directory that this user may write to.");
    }
    sync_directory(directory);
    return *std::move(database.owner);
}

}  // namespace

bool BlockingStore::exists(const fs::path& directory) {
    std::error_code error;
    const auto path = database_directory(directory);
    // (A link is something too: it is not followed, but refused when it is opened.)
    const auto found = fs::symlink_status(path, error);
    return fs::exists(found) && !(fs::is_directory(found) && fs::is_empty(path, error));
}

std::unique_ptr<BlockingStore> BlockingStore::open(const fs::path& directory, bool create) {
    if (!create && !exists(directory)) {
        throw Error(ErrorKind::usage, fmt::format("There is no migration's state in {}.", directory.string()),
                    "Check state_dir; `pgwraith run` makes it.");
    }
    if (create) make_state_directory(directory);
    DirectoryLock owner = DirectoryLock::acquire(directory);
    if (!exists(directory)) owner = make_store(std::move(owner), directory);
    const auto path = database_directory(directory);
    close_to_others(path);
    require_our_format(path);
    auto database = std::make_unique<Database>(std::move(owner));
    database->open(path, Opening::existing);
    database->directory = path;
    return std::unique_ptr<BlockingStore>(new BlockingStore(std::move(database)));
}

std::unique_ptr<BlockingStore> BlockingStore::look_into(const fs::path& directory) {
    const auto path = database_directory(directory);
    // The owner may put the store in its place, compact it or remove it while we look.
    constexpr int tries = 5;
    for (int left = tries - 1; exists(directory); --left) {
        try {
            require_our_format(path);
            const auto current = read_file(path / "CURRENT");
            auto database = std::make_unique<Database>(std::nullopt);
            database->open(path, Opening::to_read);
            database->directory = path;
            // An owner that opens it meanwhile moves records from the log to a file that we did not hear of.
            if (left == 0 || read_file(path / "CURRENT") == current) {
                return std::unique_ptr<BlockingStore>(new BlockingStore(std::move(database)));
            }
        } catch (const Error&) {
            if (left == 0) throw;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds{100});
    }
    return nullptr;
}

void BlockingStore::destroy(const fs::path& directory) {
    std::error_code error;
    if (!fs::exists(directory, error)) return;
    const DirectoryLock owner = DirectoryLock::acquire(directory);
    const auto path = database_directory(directory);
    if (exists(directory)) refuse_foreign(path);
    remove_own_files(unfinished_directory(directory));
    // Under its real name it is whole or not there: half removed, it would be taken for a damaged one.
    std::error_code in_place;
    fs::rename(path, unfinished_directory(directory), in_place);
    remove_own_files(in_place ? path : unfinished_directory(directory));
    owner.remove();
    remove_state_directory(directory);
}

std::string BlockingStore::owner(const fs::path& directory) { return DirectoryLock::read(directory); }

std::optional<nlohmann::json> BlockingStore::record(const fs::path& directory) {
    const auto text = read_file(record_file(directory));
    if (!text) return std::nullopt;
    auto document = nlohmann::json::parse(*text, nullptr, false);
    if (!document.is_object() && !document.is_array()) return std::nullopt;
    return document;
}

void BlockingStore::leave_record(const fs::path& directory, const nlohmann::json& document) {
    make_state_directory(directory);
    const auto file = record_file(directory);
    auto unfinished = file;
    unfinished += ".new";
    write_durably(unfinished, document.dump() + "\n");
    std::error_code error;
    fs::rename(unfinished, file, error);
    if (error) throw StoreUnavailable(fmt::format("Cannot write {}: {}.", file.string(), error.message()));
    sync_directory(directory);
}

void BlockingStore::remove_record(const fs::path& directory) {
    std::error_code error;
    fs::remove(record_file(directory), error);
    remove_state_directory(directory);
}

BlockingStore::BlockingStore(std::unique_ptr<Database> database)
    : database_(std::move(database)),
      journal_(std::make_unique<BlockingJournal>(*database_)),
      ledger_(std::make_unique<BlockingLedger>(*database_)) {}

BlockingStore::~BlockingStore() = default;

void BlockingStore::try_resume() {
    database_->reopen();
    ledger_->reread();
}

}  // namespace pgwraith::store
