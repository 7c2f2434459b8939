#include "pgwraith/capture/receiver.h"

#include <gtest/gtest.h>

#include <deque>

#include "pgwraith/store/key.h"

namespace pgwraith::capture {
namespace {

constexpr Oid table = 16390;
constexpr Oid other_table = 16999;

struct Column {
    char kind;
    std::string_view text;
};
Column text(std::string_view data) { return {'t', data}; }
constexpr Column unchanged{'u', {}};

class ReceiverTest : public ::testing::Test {
  protected:
    ReceiverTest() {
        receiver.note_xid(0x1'0000'0005);
        take(relation());
    }

    // The key is the stream's second column.
    static Relation relation() { return {table, "public", "orders", 'd', {{false, "note", 25}, {true, "id", 23}}}; }
    // Of texts shorter than 256 bytes.
    Tuple row(std::initializer_list<Column> columns) {
        auto& bytes = rows.emplace_back();
        for (const auto& [kind, text] : columns) {
            bytes += kind;
            if (kind == 't') bytes.append(3, '\0').append(1, static_cast<char>(text.size())).append(text);
        }
        return {bytes, columns.size()};
    }
    Insert insert(std::string_view id) { return {table, row({text("n"), text(id)})}; }
    static LogicalMessage watermark(std::string_view token) { return {true, Lsn{1}, "slot", token}; }

    void take(Message message) { receiver.take(message, acknowledgement); }
    void transaction(std::vector<Message> messages, std::uint64_t end, std::uint32_t xid = 7) {
        take(Begin{Lsn{end - 10}, xid});
        for (auto& message : messages) take(std::move(message));
        take(Commit{Lsn{end - 10}, Lsn{end}});
    }
    std::vector<std::string> keys() {
        std::vector<std::string> found;
        receiver.pending().changes.each([&](const store::ChangedKeys::Entry& record) {
            found.emplace_back(store::decode_key(record.key, 1).at(0));
        });
        return found;
    }

    std::vector<bool> stand() {
        std::vector<bool> found;
        receiver.pending().changes.each(
            [&](const store::ChangedKeys::Entry& record) { found.push_back((record.value[0] & '\x80') != 0); });
        return found;
    }

    std::deque<std::string> rows;  // what the tuples refer to
    Acknowledgement acknowledgement{Lsn{100}};
    Receiver receiver{{table, "slot", "publication", {"id"}}, "mine"};
};

TEST_F(ReceiverTest, TakesTheKeyOfEachChange) {
    const auto before = row({text("n"), text("2")});
    const auto after = row({text("n"), text("3")});
    transaction({insert("1"), Update{table, before, after}, Delete{table, row({text(""), text("4")})}}, 200);
    EXPECT_EQ(keys(), (std::vector<std::string>{"1", "2", "3", "4"})) << "a moved row is two keys";
    EXPECT_EQ(receiver.pending().position, Lsn{200});
    EXPECT_EQ(receiver.changes_received(), 4U);
    EXPECT_EQ(stand(), (std::vector<bool>{true, false, true, false}))
        << "where it moved from and what was deleted is gone";
}

TEST_F(ReceiverTest, LeavesOtherTablesAlone) {
    transaction({Insert{other_table, row({text("1")})}, Delete{other_table, row({text("1")})}, Truncate{{other_table}}},
                200);
    EXPECT_TRUE(keys().empty());
    EXPECT_EQ(receiver.pending().truncated, Lsn{});
    EXPECT_EQ(receiver.pending().position, Lsn{200}) << "up to there everything has come";
}

TEST_F(ReceiverTest, APositionComesWithTheCommitOnly) {
    take(Begin{Lsn{190}, 7});
    take(insert("1"));
    EXPECT_EQ(receiver.pending().position, Lsn{});
    receiver.keepalive(Lsn{500}, acknowledgement);
    EXPECT_EQ(receiver.pending().position, Lsn{}) << "the rest of the transaction is still to come";
    take(Commit{Lsn{190}, Lsn{200}});
    EXPECT_EQ(receiver.pending().position, Lsn{200});
    receiver.keepalive(Lsn{500}, acknowledgement);
    EXPECT_EQ(receiver.pending().position, Lsn{500}) << "between transactions";
    receiver.keepalive(Lsn{400}, acknowledgement);
    EXPECT_EQ(receiver.pending().position, Lsn{500}) << "never backwards";
}

TEST_F(ReceiverTest, ATruncateCountsWithItsCommit) {
    take(Begin{Lsn{190}, 7});
    take(Truncate{{other_table, table}});
    EXPECT_EQ(receiver.pending().truncated, Lsn{});
    take(Commit{Lsn{190}, Lsn{200}});
    EXPECT_EQ(receiver.pending().truncated, Lsn{190}) << "the LSN of the commit, not its end";
    receiver.pending().clear();
    transaction({insert("1")}, 300);
    EXPECT_EQ(receiver.pending().truncated, Lsn{}) << "that was the transaction before";
}

TEST_F(ReceiverTest, AWatermarkCountsWhenItIsRecorded) {
    take(Begin{Lsn{190}, 7});
    take(watermark("mine-1"));
    EXPECT_FALSE(receiver.pending().awaited);
    take(Commit{Lsn{190}, Lsn{200}});
    EXPECT_TRUE(receiver.pending().awaited) << "somebody waits for it";
    EXPECT_FALSE(receiver.came_back("mine-1", Lsn{199})) << "received, not recorded";
    EXPECT_TRUE(receiver.came_back("mine-1", Lsn{200}));
    EXPECT_FALSE(receiver.came_back("mine-1", Lsn{200})) << "once";
}

TEST_F(ReceiverTest, OthersMessagesAreNoWatermarks) {
    transaction({watermark("theirs-1"), LogicalMessage{false, Lsn{1}, "slot", "mine-1"},
                 LogicalMessage{true, Lsn{1}, "another slot", "mine-2"}},
                200);
    EXPECT_FALSE(receiver.pending().awaited);
    for (const auto* token : {"theirs-1", "mine-1", "mine-2"})
        EXPECT_FALSE(receiver.came_back(token, Lsn{999})) << token;
}

TEST_F(ReceiverTest, AnUnchangedKeyColumnIsTakenFromTheOldRow) {
    const auto old = row({text(""), text("long")});
    const auto changed = row({text("n"), unchanged});
    transaction({Update{table, old, changed}}, 200);
    EXPECT_EQ(keys(), (std::vector<std::string>{"long", "long"}));
    EXPECT_THROW(take(Update{table, std::nullopt, changed}), Error) << "its value was not logged";
}

TEST_F(ReceiverTest, AStreamWithoutTheKeyIsRefused) {
    auto renamed = relation();
    renamed.columns[1].name = "number";
    EXPECT_THROW(take(renamed), Error);
    take(relation());
    EXPECT_THROW(take(Insert{table, row({text("n")})}), DecodeError) << "a row that is too short";
}

TEST_F(ReceiverTest, TransactionIdsAreExtended) {
    transaction({insert("1")}, 200, 7);
    store::ChangedKeys expected;
    const std::string_view id = "1";
    expected.add(std::span(&id, 1), 0x1'0000'0007, Lsn{190}, true);
    expected.each([&](const store::ChangedKeys::Entry& wanted) {
        receiver.pending().changes.each(
            [&](const store::ChangedKeys::Entry& found) { EXPECT_EQ(found.value, wanted.value); });
    });
}

TEST_F(ReceiverTest, AStreamThatBeginsAnewForgetsWhatWasUnderWay) {
    take(Begin{Lsn{190}, 7});
    take(insert("1"));
    take(Truncate{{table}});
    take(watermark("mine-1"));
    receiver.begin();
    acknowledgement = Acknowledgement{Lsn{100}};
    EXPECT_TRUE(receiver.pending().empty());
    EXPECT_THROW(take(insert("1")), Error) << "a Relation message precedes its rows";
    take(relation());
    transaction({insert("2")}, 300);
    EXPECT_EQ(keys(), std::vector<std::string>{"2"});
    EXPECT_EQ(receiver.pending().truncated, Lsn{});
    EXPECT_FALSE(receiver.came_back("mine-1", Lsn{999}));
}

}  // namespace
}  // namespace pgwraith::capture
