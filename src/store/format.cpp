#include "format.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "database.h"
#include "options.h"

namespace pgwraith::store {

namespace {

namespace fs = std::filesystem;

constexpr const char* kMagic = "pgwraith";

struct Finding {
    enum { ours, other_version, foreign, damaged } what = ours;
    std::string detail;
};

// Without CURRENT RocksDB would take the directory for an empty one. Traces of a database tell a wreck from
// somebody's files.
Finding look_at_files(const fs::path& path) {
    std::error_code error;
    if (!fs::is_directory(path, error)) return {Finding::foreign, {}};
    if (fs::exists(path / "CURRENT", error)) return {};
    for (fs::directory_iterator at(path, error), end; !error && at != end; at.increment(error)) {
        if (at->path().filename().string().starts_with("MANIFEST-")) {
            return {Finding::damaged, "the file CURRENT is missing"};
        }
    }
    return {Finding::foreign, {}};
}

Finding look_at_record(const std::string& text) {
    const auto record = nlohmann::json::parse(text, nullptr, false);
    if (!record.is_object() || !record.contains("magic") || record["magic"] != kMagic) return {Finding::foreign, {}};
    const auto version = record.find("version");
    if (version == record.end() || !version->is_number_integer()) {
        return {Finding::damaged, "its format record has no version"};
    }
    if (*version != kFormatVersion) return {Finding::other_version, version->dump()};
    return {};
}

Finding look(const fs::path& path) {
    if (auto files = look_at_files(path); files.what != Finding::ours) return files;
    const auto options = database_options(false);
    std::vector<std::string> names;
    auto status = rocksdb::DB::ListColumnFamilies(options, path.string(), &names);
    if (!status.ok()) return {Finding::damaged, status.ToString()};
    for (const char* name : {kJournalFamily, kLedgerFamily}) {
        if (std::find(names.begin(), names.end(), name) == names.end()) return {Finding::foreign, {}};
    }
    rocksdb::DB* opened = nullptr;
    // Read-only and the default family alone: a store of another version may have families we cannot open.
    status = rocksdb::DB::OpenForReadOnly(rocksdb::Options(options, {}), path.string(), &opened);
    if (!status.ok()) return {Finding::damaged, status.ToString()};
    const std::unique_ptr<rocksdb::DB> db(opened);
    std::string text;
    status = db->Get(rocksdb::ReadOptions(), rocksdb::Slice(kFormatKey), &text);
    if (status.IsNotFound()) return {Finding::foreign, {}};
    if (!status.ok()) return {Finding::damaged, status.ToString()};
    return look_at_record(text);
}

[[noreturn]] void throw_foreign(const fs::path& path) {
    throw Error(ErrorKind::stopped, fmt::format("{} is not a pgwraith store.", path.string()),
                "It was left as it is. Let state_dir name another directory.");
}

}  // namespace

std::string format_record() { return nlohmann::json{{"magic", kMagic}, {"version", kFormatVersion}}.dump(); }

bool is_database_file(const std::string& name) {
    for (const char* whole : {"CURRENT", "IDENTITY", "LOCK", "LOG"}) {
        if (name == whole) return true;
    }
    for (const char* front : {"MANIFEST-", "OPTIONS-", "LOG.old."}) {
        if (name.starts_with(front)) return true;
    }
    const auto digits = name.find_first_not_of("0123456789");
    if (digits == 0 || digits == std::string::npos) return false;
    const auto ending = name.substr(digits);
    return ending == ".log" || ending == ".sst" || ending == ".dbtmp";
}

void require_our_format(const fs::path& path) {
    const auto finding = look(path);
    switch (finding.what) {
        case Finding::ours:
            return;
        case Finding::foreign:
            throw_foreign(path);
        case Finding::damaged:
            throw_damaged(finding.detail);
        case Finding::other_version:
            throw Error(ErrorKind::stopped,
                        fmt::format("{} has format version {}; this pgwraith reads version {}.", path.string(),
                                    finding.detail, kFormatVersion),
                        "Go on with the pgwraith that began this migration, or run `pgwraith abort` and start over.");
    }
}

void refuse_foreign(const fs::path& path) {
    if (look(path).what == Finding::foreign) throw_foreign(path);
}

}  // namespace pgwraith::store
