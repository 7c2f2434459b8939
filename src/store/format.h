// What lies in a store's directory: ours, of which version, somebody else's, or a wreck.
#pragma once

#include <filesystem>
#include <string>

namespace pgwraith::store {

// The value under kFormatKey.
std::string format_record();

// True for the names that RocksDB gives to its files: all that we ever delete.
bool is_database_file(const std::string& name);

// Both look without changing anything.
// Throws Error(stopped) with what to do unless `path` holds a store of this version.
void require_our_format(const std::filesystem::path& path);
// Throws Error(stopped) when `path` can be read and is not ours. Damaged or of another version is ours.
void refuse_foreign(const std::filesystem::path& path);

}  // namespace pgwraith::store
