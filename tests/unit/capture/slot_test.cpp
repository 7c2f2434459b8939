#include "pgwraith/capture/slot.h"

#include <gtest/gtest.h>

namespace pgwraith::capture {
namespace {

const std::string removed = "requested WAL segment 000000010000000000000019 has already been removed";

TEST(Slot, RemovedWalIsToldFromADefectOfOurs) {
    EXPECT_TRUE(tells_of_removed_wal(postgres::PgError("58P01", removed)));
    EXPECT_TRUE(tells_of_removed_wal(postgres::PgError("XX000", removed)));
    // In the server's language, which a walsender speaks if its messages are translated.
    EXPECT_TRUE(tells_of_removed_wal(
        postgres::PgError("58P01", "das angeforderte WAL-Segment 000000010000000000000019 wurde schon entfernt")));
    EXPECT_FALSE(tells_of_removed_wal(postgres::PgError("XX000", "could not find record while sending")));
    EXPECT_FALSE(tells_of_removed_wal(postgres::PgError("57P01", removed)));
    EXPECT_FALSE(tells_of_removed_wal(postgres::PgError("58P01", "could not access file \"pgoutput\"")));
}

TEST(Slot, ALostSlotSaysWhy) {
    const auto gone = slot_without_wal("pgwraith_1", postgres::PgError("58P01", removed));
    EXPECT_EQ(gone.kind(), ErrorKind::stopped);
    EXPECT_EQ(gone.message(),
              "the replication slot pgwraith_1 is lost: the server no longer has WAL that it needs (" + removed + ")");
    EXPECT_NE(gone.hint().find("pgwraith abort"), std::string::npos);
    EXPECT_NE(slot_lost("s", "idle_timeout").message().find("idle_replication_slot_timeout"), std::string::npos);
    EXPECT_NE(slot_lost("s", "").message().find("max_slot_wal_keep_size"), std::string::npos);
}

}  // namespace
}  // namespace pgwraith::capture
