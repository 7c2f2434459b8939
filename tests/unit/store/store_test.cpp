#include "blocking_store.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <rocksdb/db.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>

#include "fixture.h"

namespace pgwraith::store {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
namespace fs = std::filesystem;

std::map<std::string, std::string> contents(const fs::path& directory) {
    std::map<std::string, std::string> found;
    for (const auto& at : fs::directory_iterator(directory)) {
        std::ifstream in(at.path(), std::ios::binary);
        found[at.path().filename().string()] = {std::istreambuf_iterator<char>(in), {}};
    }
    return found;
}

fs::path only_file(const fs::path& directory, const std::string& ending) {
    std::vector<fs::path> found;
    for (const auto& at : fs::directory_iterator(directory)) {
        if (at.path().filename().string().ends_with(ending)) found.push_back(at.path());
    }
    std::sort(found.begin(), found.end());
    return found.at(found.size() - 1);
}

// Runs one of the DISABLED_ tests below in a process of its own, started by `prefix`; returns its exit status.
int run_in_child(const std::string& test, const fs::path& state, const std::string& prefix = "") {
    const auto self = fs::read_symlink("/proc/self/exe").string();
    ::setenv("PGWRAITH_TEST_STATE", state.c_str(), 1);
    const auto command =
        fmt::format("{} '{}' --gtest_also_run_disabled_tests --gtest_filter='{}' >/dev/null 2>&1", prefix, self, test);
    const int status = std::system(command.c_str());
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

// What the children do. Without the variable (all disabled tests run by hand) they do nothing.
TEST(StoreChild, DISABLED_IsLockedOut) {
    const char* state = std::getenv("PGWRAITH_TEST_STATE");
    if (state == nullptr) GTEST_SKIP();
    const auto [kind, text] = error_of([&] { BlockingStore::open(state, false); });
    const bool names_parent = text.find(fmt::format("process {}", std::getenv("PGWRAITH_TEST_PARENT"))) != text.npos;
    std::_Exit(kind == ErrorKind::stopped && names_parent ? 42 : 1);
}

TEST(StoreChild, DISABLED_DiesAtWork) {
    const char* state = std::getenv("PGWRAITH_TEST_STATE");
    if (state == nullptr) GTEST_SKIP();
    const auto store = BlockingStore::open(state, true);
    store->journal().put("phase", "copy");
    store->ledger().add(std::vector{entry(1, 1, 1)}, Lsn{10});
    store->ledger().sync();
    store->ledger().add(std::vector{entry(2, 2, 2)}, Lsn{20});
    std::_Exit(43);
}

// The state directory is a small disk of its own here, with a file to make room by deleting it.
TEST(StoreChild, DISABLED_FillsTheDisk) {
    const char* disk = std::getenv("PGWRAITH_TEST_STATE");
    if (disk == nullptr) GTEST_SKIP();
    const fs::path ballast = fs::path(disk) / "ballast";
    std::ofstream(ballast) << std::string(20 << 20, 'x');
    auto store = BlockingStore::open(fs::path(disk) / "state", true);
    std::uint64_t durable = 0;
    const auto record_some = [&] {
        std::vector<LedgerEntry> entries;
        for (int i = 0; i < 2000; ++i) {
            entries.push_back(
                {key(fmt::format("{:x}", (durable + static_cast<std::uint64_t>(i)) * 0x9e3779b97f4a7c15)), 1, Lsn{1}});
        }
        store->ledger().add(entries, Lsn{durable + entries.size()});
        store->ledger().sync();
        durable += entries.size();
    };
    // More than the disk can hold: ends with the exception.
    EXPECT_THROW(while (durable < 10'000'000) record_some(), StoreUnavailable);
    EXPECT_THROW(store->journal().put("phase", "copy"), StoreUnavailable);
    EXPECT_GE(store->ledger().position()->value, durable) << "reading still works";
    fs::remove(ballast);
    bool resumed = false;
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (!resumed && std::chrono::steady_clock::now() < deadline) {
        try {
            store->try_resume();
            resumed = true;
        } catch (const StoreUnavailable&) {
            ::usleep(50'000);  // RocksDB looks for space by itself every few seconds
        }
    }
    EXPECT_TRUE(resumed);
    EXPECT_NO_THROW(record_some());
    store.reset();
    store = BlockingStore::open(fs::path(disk) / "state", false);
    EXPECT_EQ(store->ledger().position(), Lsn{durable});
    std::uint64_t found = 0;
    for (std::string after;;) {
        const auto page = store->ledger().read(after, 10'000);
        if (page.empty()) break;
        found += page.size();
        after = page.back().key;
    }
    EXPECT_GE(found, durable);
    store.reset();
    std::_Exit(::testing::Test::HasFailure() ? 1 : 44);
}

TEST_F(StoreTest, FullDiskLosesNothingAndIsResumed) {
    const std::string own_mounts = "unshare --user --map-root-user --mount";
    if (std::system((own_mounts + " mount -t tmpfs tmpfs /mnt >/dev/null 2>&1").c_str()) != 0) {
        GTEST_SKIP() << "needs the right to mount a small disk in a name space of its own";
    }
    fs::create_directories(state);
    const auto prefix =
        fmt::format("{} sh -c 'mount -t tmpfs -o size=64m tmpfs \"{}\" && exec \"$@\"' sh", own_mounts, state.string());
    EXPECT_EQ(run_in_child("StoreChild.DISABLED_FillsTheDisk", state, prefix), 44);
}

TEST_F(StoreTest, IsMadeOnlyWhenAsked) {
    EXPECT_FALSE(BlockingStore::exists(state));
    const auto [kind, text] = error_of([&] { BlockingStore::open(state, false); });
    EXPECT_EQ(kind, ErrorKind::usage);
    EXPECT_THAT(text, HasSubstr("no migration's state"));
    EXPECT_FALSE(fs::exists(state));
    open();
    EXPECT_TRUE(BlockingStore::exists(state));
}

TEST_F(StoreTest, IsForItsOwnerAlone) {
    open();
    EXPECT_EQ(fs::status(state).permissions(), fs::perms::owner_all);
}

TEST_F(StoreTest, LivesBesideOtherFiles) {
    fs::create_directories(state);
    fs::permissions(state, fs::perms::owner_all);
    std::ofstream(state / "notes.txt") << "mine";
    open();
    store.reset();
    BlockingStore::destroy(state);
    EXPECT_THAT(contents(state), ElementsAre(std::pair("notes.txt", "mine")));
}

TEST_F(StoreTest, CannotBeMadeUnderAFile) {
    std::ofstream(parent / "file") << "x";
    EXPECT_EQ(error_of([&] { BlockingStore::open(parent / "file" / "state", true); }).first, ErrorKind::usage);
}

TEST_F(StoreTest, SecondOpenInTheSameProcessIsRefused) {
    open();
    const auto [kind, text] = error_of([&] { BlockingStore::open(state, true); });
    EXPECT_EQ(kind, ErrorKind::stopped);
    EXPECT_THAT(text, HasSubstr(fmt::format("in use by process {} on host", ::getpid())));
    EXPECT_EQ(error_of([&] { BlockingStore::destroy(state); }).first, ErrorKind::stopped);
    store->journal().put("phase", "still works");
    reopen();
}

TEST_F(StoreTest, SecondProcessIsRefusedAndToldWho) {
    open();
    ::setenv("PGWRAITH_TEST_PARENT", std::to_string(::getpid()).c_str(), 1);
    EXPECT_EQ(run_in_child("StoreChild.DISABLED_IsLockedOut", state), 42);
}

TEST_F(StoreTest, KilledProcessLeavesAllItHadRecorded) {
    ASSERT_EQ(run_in_child("StoreChild.DISABLED_DiesAtWork", state), 43);
    store = BlockingStore::open(state, false);
    EXPECT_THAT(texts(store->ledger().read("", 10)), ElementsAre("1", "2"));
    EXPECT_EQ(store->ledger().position(), Lsn{20});
    EXPECT_EQ(store->journal().get("phase"), nlohmann::json("copy"));
}

// As after a crash of the operating system: the last, unsynced write of the WAL reached the disk in part.
TEST_F(StoreTest, TornUnsyncedTailIsCutOffAndEntriesGoWithTheirPosition) {
    ASSERT_EQ(run_in_child("StoreChild.DISABLED_DiesAtWork", state), 43);
    const auto wal = only_file(state / "store", ".log");
    fs::resize_file(wal, fs::file_size(wal) - 5);
    store = BlockingStore::open(state, false);
    EXPECT_THAT(texts(store->ledger().read("", 10)), ElementsAre("1"));
    EXPECT_EQ(store->ledger().position(), Lsn{10});
}

TEST_F(StoreTest, GarbledUnsyncedTailIsCutOff) {
    ASSERT_EQ(run_in_child("StoreChild.DISABLED_DiesAtWork", state), 43);
    const auto wal = only_file(state / "store", ".log");
    std::fstream file(wal, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(static_cast<std::streamoff>(fs::file_size(wal)) - 5);
    file << "XXXXX";
    file.close();
    store = BlockingStore::open(state, false);
    EXPECT_THAT(texts(store->ledger().read("", 10)), ElementsAre("1"));
    EXPECT_EQ(store->ledger().position(), Lsn{10});
}

TEST_F(StoreTest, AnotherVersionIsNamedAndLeftAlone) {
    open();
    store.reset();
    std::ofstream(state / "store" / "FORMAT") << R"({"magic":"pgwraith","version":9})";
    const auto before = contents(state / "store");
    const auto [kind, text] = error_of([&] { BlockingStore::open(state, true); });
    EXPECT_EQ(kind, ErrorKind::stopped);
    EXPECT_THAT(text, HasSubstr("format version 9"));
    EXPECT_THAT(text, HasSubstr("reads version 1"));
    EXPECT_EQ(contents(state / "store"), before);
    BlockingStore::destroy(state);
    EXPECT_FALSE(fs::exists(state));
}

TEST_F(StoreTest, SomebodyElsesFilesAreRefusedAndKept) {
    fs::create_directories(state / "store");
    std::ofstream(state / "store" / "000001.log") << "a log of my own";
    const auto before = contents(state / "store");
    for (const auto& operation : std::vector<std::function<void()>>{[&] { BlockingStore::open(state, true); },
                                                                    [&] { BlockingStore::destroy(state); }}) {
        const auto [kind, text] = error_of(operation);
        EXPECT_EQ(kind, ErrorKind::stopped);
        EXPECT_THAT(text, HasSubstr("not a pgwraith store"));
        EXPECT_EQ(contents(state / "store"), before);
    }
}

TEST_F(StoreTest, SomebodyElsesDatabaseIsRefusedAndKept) {
    fs::create_directories(state);
    rocksdb::Options options;
    options.create_if_missing = true;
    rocksdb::DB* db = nullptr;
    ASSERT_TRUE(rocksdb::DB::Open(options, (state / "store").string(), &db).ok());
    ASSERT_TRUE(db->Put(rocksdb::WriteOptions(), "format", "theirs").ok());
    delete db;
    const auto before = contents(state / "store");
    EXPECT_THAT(error_of([&] { BlockingStore::open(state, true); }).second, HasSubstr("not a pgwraith store"));
    EXPECT_THAT(error_of([&] { BlockingStore::destroy(state); }).second, HasSubstr("not a pgwraith store"));
    EXPECT_EQ(contents(state / "store"), before);
}

class DamagedTest : public StoreTest, public ::testing::WithParamInterface<const char*> {};

INSTANTIATE_TEST_SUITE_P(Files, DamagedTest, ::testing::Values("CURRENT", "MANIFEST", "missing CURRENT", "sst"),
                         [](const auto& file) {
                             std::string name = file.param;
                             std::replace(name.begin(), name.end(), ' ', '_');
                             return name;
                         });

TEST_P(DamagedTest, IsNamedKeptAndCanBeDestroyed) {
    open();
    store->ledger().add(std::vector{entry(1, 1, 1)}, Lsn{5});
    reopen();  // what was in the WAL is in a table file now
    store.reset();
    const fs::path path = state / "store";
    const std::string what = GetParam();
    if (what == "CURRENT") std::ofstream(path / "CURRENT") << "MANIFEST-nothing";
    if (what == "missing CURRENT") fs::remove(path / "CURRENT");
    if (what == "sst") fs::resize_file(only_file(path, ".sst"), 10);
    if (what == "MANIFEST") {
        for (const auto& at : fs::directory_iterator(path)) {
            if (at.path().filename().string().starts_with("MANIFEST-")) std::ofstream(at.path()) << "not a manifest";
        }
    }
    const auto [kind, text] = error_of([&] { BlockingStore::open(state, true); });
    EXPECT_EQ(kind, ErrorKind::stopped);
    EXPECT_THAT(text, HasSubstr("damaged"));
    EXPECT_THAT(text, HasSubstr("pgwraith abort"));
    EXPECT_TRUE(BlockingStore::exists(state));
    BlockingStore::destroy(state);
    EXPECT_FALSE(fs::exists(state));
}

TEST_F(StoreTest, HalfMadeStoreIsMadeAnew) {
    open();
    store.reset();
    fs::rename(state / "store", state / "store.new");
    EXPECT_FALSE(BlockingStore::exists(state));
    open();
    EXPECT_EQ(store->ledger().position(), std::nullopt);
    EXPECT_FALSE(fs::exists(state / "store.new"));
}

TEST_F(StoreTest, DestroyTakesEverythingAndCanBeRepeated) {
    open();
    store->journal().put("phase", "copy");
    store.reset();
    BlockingStore::destroy(state);
    EXPECT_FALSE(fs::exists(state));
    BlockingStore::destroy(state);
    open();
    EXPECT_EQ(store->journal().get("phase"), std::nullopt);
}

TEST_F(StoreTest, TheRecordOutlivesTheStore) {
    EXPECT_EQ(BlockingStore::record(state), std::nullopt);
    open();
    BlockingStore::leave_record(state, {{"done", "today"}});
    store.reset();
    BlockingStore::destroy(state);
    EXPECT_FALSE(BlockingStore::exists(state));
    EXPECT_EQ(BlockingStore::record(state), nlohmann::json({{"done", "today"}}));
    BlockingStore::leave_record(state, {{"done", "again"}});
    EXPECT_EQ(BlockingStore::record(state), nlohmann::json({{"done", "again"}}));
    std::ofstream(state / "done.json") << "{\"done\": ";
    EXPECT_EQ(BlockingStore::record(state), std::nullopt) << "torn";
    BlockingStore::remove_record(state);
    EXPECT_FALSE(fs::exists(state));
    BlockingStore::remove_record(state);
}

TEST_F(StoreTest, ResumedItHasEverythingThatItHad) {
    open();
    store->ledger().add(std::vector{entry(1, 1, 1), entry(2, 2, 2)}, Lsn{5});
    store->journal().put("phase", "copy");
    store->try_resume();
    EXPECT_EQ(store->ledger().position(), Lsn{5});
    EXPECT_EQ(store->journal().get("phase"), "copy");
    EXPECT_THAT(texts(store->ledger().read("", 10)), ElementsAre("1", "2"));
    store->ledger().add(std::vector{entry(3, 3, 3)}, Lsn{6});
    store->ledger().sync();
    EXPECT_EQ(error_of([&] { BlockingStore::open(state, false); }).first, ErrorKind::stopped)
        << "it stays the only one";
    EXPECT_THAT(texts(store->ledger().read("", 10)), ElementsAre("1", "2", "3"));
}

TEST_F(StoreTest, ResumeOfAHealthyStoreIsHarmless) {
    open();
    store->ledger().add(std::vector{entry(1, 1, 1)}, Lsn{5});
    store->try_resume();
    store->ledger().sync();
    EXPECT_THAT(texts(store->ledger().read("", 10)), ElementsAre("1"));
}

mode_t mode_of(const fs::path& path) {
    struct stat found {};
    return ::lstat(path.c_str(), &found) == 0 ? found.st_mode & 07777 : 0;
}

TEST_F(StoreTest, IsClosedToOthersWhateverTheUmask) {
    const mode_t before = ::umask(0);
    open();
    store->journal().put("phase", {{"phase", "copy"}});
    reopen();
    ::umask(before);
    EXPECT_EQ(mode_of(state), 0700U);
    EXPECT_EQ(mode_of(state / "store"), 0700U);
    // (RocksDB's own files take their mode from the umask, which main() sets.)
    EXPECT_EQ(mode_of(state / "owner.json"), 0600U);
    EXPECT_EQ(mode_of(state / "store" / "FORMAT"), 0600U);
}

TEST_F(StoreTest, OneThatWasOpenToOthersIsClosed) {
    open();
    store.reset();
    for (const auto& path : {state, state / "store"}) fs::permissions(path, static_cast<fs::perms>(0755));
    fs::permissions(state / "owner.json", static_cast<fs::perms>(0644));
    fs::permissions(state / "store" / "FORMAT", static_cast<fs::perms>(0644));
    open();
    EXPECT_EQ(mode_of(state), 0700U);
    EXPECT_EQ(mode_of(state / "store"), 0700U);
    EXPECT_EQ(mode_of(state / "owner.json"), 0600U);
    EXPECT_EQ(mode_of(state / "store" / "FORMAT"), 0600U);
}

TEST_F(StoreTest, DirectoryWithOtherPeoplesFilesIsNotClosedButRefused) {
    fs::create_directory(state);
    fs::permissions(state, static_cast<fs::perms>(0755));
    std::ofstream(state / "theirs") << "x";
    const auto [kind, text] = error_of([&] { open(); });
    EXPECT_EQ(kind, ErrorKind::usage);
    EXPECT_NE(text.find("theirs"), std::string::npos) << text;
    EXPECT_EQ(mode_of(state), 0755U);
}

TEST_F(StoreTest, LinksAreNotFollowed) {
    const auto target = parent / "target";
    fs::create_directory(target);
    std::ofstream(target / "000001.log") << "theirs";
    for (const char* name : {"store", "store.new", "owner.json"}) {
        fs::create_directory(state);
        fs::permissions(state, fs::perms::owner_all);
        fs::create_symlink(std::string(name) == "owner.json" ? target / "000001.log" : target, state / name);
        EXPECT_NE(error_of([&] { open(); }).second, "") << name;
        EXPECT_NE(error_of([&] { open(); }).second, "") << name << ", again";
        error_of([&] { BlockingStore::destroy(state); });
        EXPECT_TRUE(fs::exists(target / "000001.log")) << name;
        EXPECT_EQ(std::distance(fs::directory_iterator(target), fs::directory_iterator()), 1) << name;
        fs::remove_all(state);
    }
}

TEST_F(StoreTest, OnlyADirectoryThatItMadeGoes) {
    open();
    store.reset();
    BlockingStore::destroy(state);
    EXPECT_FALSE(fs::exists(state));
    fs::create_directory(state);
    open();
    store.reset();
    BlockingStore::destroy(state);
    EXPECT_TRUE(fs::is_empty(state));
}

TEST_F(StoreTest, CanBeLookedIntoBesideItsOwner) {
    EXPECT_EQ(BlockingStore::look_into(state), nullptr);
    open();
    store->journal().put("phase", {{"phase", "copy"}});
    const auto seen = BlockingStore::look_into(state);
    ASSERT_NE(seen, nullptr);
    EXPECT_EQ(seen->journal().get("phase"), nlohmann::json({{"phase", "copy"}}));
    reopen();  // whoever looks holds no lock
    EXPECT_EQ(error_of([&] { BlockingStore::open(state, false); }).first, ErrorKind::stopped);
}

}  // namespace
}  // namespace pgwraith::store
