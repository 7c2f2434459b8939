// A state directory of its own for every test, and short ways to write to it.
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <string>
#include <vector>

#include "blocking_store.h"
#include "pgwraith/base/error.h"
#include "pgwraith/store/key.h"
#include "pgwraith/store/store.h"

namespace pgwraith::store {

class StoreTest : public ::testing::Test {
  protected:
    void SetUp() override {
        std::string pattern = (std::filesystem::temp_directory_path() / "pgwraith-store-XXXXXX").string();
        ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
        parent = pattern;
        state = parent / "state";
    }
    void TearDown() override {
        store.reset();
        std::filesystem::remove_all(parent);
    }

    void open() { store = BlockingStore::open(state, true); }
    void reopen() {
        store.reset();
        store = BlockingStore::open(state, false);
    }

    std::filesystem::path parent;
    std::filesystem::path state;
    std::unique_ptr<BlockingStore> store;
};

inline std::string key(std::string_view text) { return encode_key(std::vector<std::string_view>{text}); }
inline std::string key(int number) { return key(std::to_string(number)); }
inline LedgerEntry entry(int number, Xid xid, std::uint64_t commit) { return {key(number), xid, Lsn{commit}}; }

inline std::vector<std::string> texts(const std::vector<LedgerEntry>& entries) {
    std::vector<std::string> found;
    for (const auto& each : entries) found.emplace_back(decode_key(each.key, 1).at(0));
    return found;
}

// The kind of the Error that `operation` throws, with what it says; internal and "" when it throws none.
template <typename Operation>
std::pair<ErrorKind, std::string> error_of(Operation operation) {
    try {
        operation();
    } catch (const Error& error) {
        return {error.kind(), error.report()};
    }
    return {ErrorKind::internal, ""};
}

}  // namespace pgwraith::store
