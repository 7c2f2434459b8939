#include "pgwraith/capture/acknowledge.h"

#include <gtest/gtest.h>

#include "pgwraith/base/error.h"

namespace pgwraith::capture {
namespace {

TEST(Acknowledgement, StartsWhereTheLedgerStood) {
    const Acknowledgement acknowledgement(Lsn{100});
    EXPECT_EQ(acknowledgement.flushed(), Lsn{100});
    EXPECT_EQ(acknowledgement.recorded(), Lsn{100});
    EXPECT_FALSE(acknowledgement.sync_pending());
}

TEST(Acknowledgement, OnlyWhatIsDurable) {
    Acknowledgement acknowledgement(Lsn{100});
    acknowledgement.began();
    acknowledgement.committed(Lsn{200});
    EXPECT_EQ(acknowledgement.flushed(), Lsn{100}) << "received";
    EXPECT_FALSE(acknowledgement.sync_pending());
    acknowledgement.recorded(Lsn{200});
    EXPECT_EQ(acknowledgement.flushed(), Lsn{100}) << "recorded";
    EXPECT_TRUE(acknowledgement.sync_pending());
    acknowledgement.synced(Lsn{200});
    EXPECT_EQ(acknowledgement.flushed(), Lsn{200}) << "durable";
    EXPECT_FALSE(acknowledgement.sync_pending());
}

TEST(Acknowledgement, ASyncCoversWhatWasRecordedBeforeIt) {
    Acknowledgement acknowledgement(Lsn{100});
    acknowledgement.began();
    acknowledgement.committed(Lsn{200});
    acknowledgement.recorded(Lsn{200});
    const Lsn covered = acknowledgement.recorded();  // the sync begins …
    acknowledgement.began();
    acknowledgement.committed(Lsn{300});
    acknowledgement.recorded(Lsn{300});
    acknowledgement.synced(covered);  // … and ends
    EXPECT_EQ(acknowledgement.flushed(), Lsn{200});
    EXPECT_TRUE(acknowledgement.sync_pending());
}

TEST(Acknowledgement, IdleKeepaliveCounts) {
    Acknowledgement acknowledgement(Lsn{100});
    acknowledgement.keepalive(Lsn{500});
    EXPECT_EQ(acknowledgement.flushed(), Lsn{500});
    EXPECT_EQ(acknowledgement.recorded(), Lsn{100});
    EXPECT_FALSE(acknowledgement.sync_pending());
}

// The keepalive trap, once for every place in which a transaction can be on its way.
TEST(Acknowledgement, KeepaliveInsideATransactionDoesNotCount) {
    Acknowledgement acknowledgement(Lsn{100});
    acknowledgement.began();
    acknowledgement.keepalive(Lsn{500});
    EXPECT_EQ(acknowledgement.flushed(), Lsn{100});
}

TEST(Acknowledgement, KeepaliveBeforeRecordingDoesNotCount) {
    Acknowledgement acknowledgement(Lsn{100});
    acknowledgement.began();
    acknowledgement.committed(Lsn{200});
    acknowledgement.keepalive(Lsn{500});
    EXPECT_EQ(acknowledgement.flushed(), Lsn{100});
}

TEST(Acknowledgement, KeepaliveBeforeTheSyncDoesNotCount) {
    Acknowledgement acknowledgement(Lsn{100});
    acknowledgement.began();
    acknowledgement.committed(Lsn{200});
    acknowledgement.recorded(Lsn{200});
    acknowledgement.keepalive(Lsn{500});
    EXPECT_EQ(acknowledgement.flushed(), Lsn{100});
    acknowledgement.synced(Lsn{200});
    EXPECT_EQ(acknowledgement.flushed(), Lsn{200}) << "the earlier keepalive is not made up for";
    acknowledgement.keepalive(Lsn{600});
    EXPECT_EQ(acknowledgement.flushed(), Lsn{600});
}

TEST(Acknowledgement, KeepaliveWithAPartlySyncedBacklogDoesNotCount) {
    Acknowledgement acknowledgement(Lsn{100});
    acknowledgement.began();
    acknowledgement.committed(Lsn{200});
    acknowledgement.began();
    acknowledgement.committed(Lsn{300});
    acknowledgement.recorded(Lsn{200});
    acknowledgement.synced(Lsn{200});
    acknowledgement.keepalive(Lsn{500});
    EXPECT_EQ(acknowledgement.flushed(), Lsn{200});
}

TEST(Acknowledgement, NeverGoesBackwards) {
    Acknowledgement acknowledgement(Lsn{100});
    acknowledgement.keepalive(Lsn{500});
    acknowledgement.keepalive(Lsn{400});
    EXPECT_EQ(acknowledgement.flushed(), Lsn{500});
    // Sent again after the server crashed: ends that are durable already.
    acknowledgement.began();
    acknowledgement.committed(Lsn{90});
    acknowledgement.recorded(Lsn{90});
    EXPECT_EQ(acknowledgement.recorded(), Lsn{100});
    acknowledgement.synced(Lsn{90});
    EXPECT_EQ(acknowledgement.flushed(), Lsn{500});
    acknowledgement.keepalive(Lsn{600});
    EXPECT_EQ(acknowledgement.flushed(), Lsn{600});
}

TEST(Acknowledgement, ImpossibleReportsAreBugs) {
    Acknowledgement acknowledgement(Lsn{100});
    EXPECT_THROW(acknowledgement.committed(Lsn{200}), Error) << "no Begin";
    acknowledgement.began();
    EXPECT_THROW(acknowledgement.began(), Error) << "twice";
    EXPECT_THROW(acknowledgement.recorded(Lsn{200}), Error) << "not received";
    acknowledgement.committed(Lsn{200});
    EXPECT_THROW(acknowledgement.synced(Lsn{200}), Error) << "not recorded";
    EXPECT_EQ(acknowledgement.flushed(), Lsn{100});
}

}  // namespace
}  // namespace pgwraith::capture
