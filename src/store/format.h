// What lies in a store's directory: ours, of which version, or somebody else's.
//
// A file of its own beside RocksDB's says so, not a record inside: it can be read when the database cannot, without
// opening, and so without changing, anything.
#pragma once

#include <filesystem>
#include <string>

namespace pgwraith::store {

inline constexpr const char* format_file = "FORMAT";

// Writes and syncs the format file of a new store.
void write_format(const std::filesystem::path& path);

// Throws Error(stopped) with what to do unless `path` holds a store of this version, whole or damaged.
void require_our_format(const std::filesystem::path& path);
// Throws Error(stopped) when `path` is not ours. Damaged or of another version is ours.
void refuse_foreign(const std::filesystem::path& path);

// True for the names of the format file and of RocksDB's files: all that we ever delete.
bool is_store_file(const std::string& name);

}  // namespace pgwraith::store
