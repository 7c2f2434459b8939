#include "format.h"

#include <unistd.h>

#include <fmt/format.h>
#include <cerrno>

#include <nlohmann/json.hpp>

#include "database.h"
#include "files.h"

namespace pgwraith::store {

namespace {

namespace fs = std::filesystem;

constexpr const char* magic = "pgwraith";

// The format record; throws when there is none, or another program's.
nlohmann::json read_format(const fs::path& path) {
    std::error_code error;
    const bool link = fs::is_symlink(fs::symlink_status(path, error));
    if (::access((path / format_file).c_str(), R_OK) != 0 && errno == EACCES) {
        throw Error(ErrorKind::stopped, fmt::format("{} may not be read by this user", path.string()),
                    "Ask as the user that the migration ran as, or as root.");
    }
    auto record = nlohmann::json::parse(read_file(path / format_file).value_or(""), nullptr, false);
    if (link || !record.is_object() || record.value("magic", nlohmann::json()) != magic) {
        throw Error(ErrorKind::stopped, fmt::format("{} is not a pgwraith store.", path.string()),
                    "It was left as it is. Let state_dir name another directory.");
    }
    return record;
}

}  // namespace

void write_format(const fs::path& path) {
    const nlohmann::json record{{"magic", magic}, {"version", format_version}};
    write_durably(path / format_file, record.dump() + "\n");
}

void require_our_format(const fs::path& path) {
    const auto record = read_format(path);
    const auto version = record.value("version", nlohmann::json());
    if (version == format_version) return;
    throw Error(ErrorKind::stopped,
                fmt::format("{} has format version {}; this pgwraith reads version {}.", path.string(), version.dump(),
                            format_version),
                "Go on with the pgwraith that began this migration, or run `pgwraith abort` and start over.");
}

void refuse_foreign(const fs::path& path) { read_format(path); }

bool is_store_file(const std::string& name) {
    for (const char* whole : {format_file, "CURRENT", "IDENTITY", "LOCK", "LOG"}) {
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

}  // namespace pgwraith::store
