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

TEST(Acknowledgement, IdleKeepaliveCountsOnceItIsDurable) {
    Acknowledgement acknowledgement(Lsn{100});
    EXPECT_TRUE(acknowledgement.keepalive(Lsn{500}));
    EXPECT_EQ(acknowledgement.flushed(), Lsn{100});
    acknowledgement.recorded(Lsn{500});
    EXPECT_EQ(acknowledgement.flushed(), Lsn{100});
    acknowledgement.synced(Lsn{500});
    EXPECT_EQ(acknowledgement.flushed(), Lsn{500});
}

// The keepalive trap: taken for progress inside a transaction, that one would be skipped after a restart.
TEST(Acknowledgement, KeepaliveInsideATransactionDoesNotCount) {
    Acknowledgement acknowledgement(Lsn{100});
    acknowledgement.began();
    EXPECT_FALSE(acknowledgement.keepalive(Lsn{500}));
    EXPECT_THROW(acknowledgement.recorded(Lsn{500}), Error) << "it was not received";
    EXPECT_EQ(acknowledgement.flushed(), Lsn{100});
}

TEST(Acknowledgement, KeepaliveDoesNotOvertakeWhatIsOnItsWay) {
    Acknowledgement acknowledgement(Lsn{100});
    acknowledgement.began();
    acknowledgement.committed(Lsn{200});
    EXPECT_TRUE(acknowledgement.keepalive(Lsn{500}));
    EXPECT_EQ(acknowledgement.flushed(), Lsn{100}) << "the transaction is not even recorded";
    acknowledgement.recorded(Lsn{200});
    acknowledgement.synced(Lsn{200});
    EXPECT_EQ(acknowledgement.flushed(), Lsn{200});
}

TEST(Acknowledgement, AKeepaliveThatSaysNothingNewDoesNotCount) {
    Acknowledgement acknowledgement(Lsn{100});
    EXPECT_FALSE(acknowledgement.keepalive(Lsn{100}));
    EXPECT_FALSE(acknowledgement.keepalive(Lsn{40}));
}

TEST(Acknowledgement, NeverGoesBackwards) {
    Acknowledgement acknowledgement(Lsn{500});
    // Sent again after the server crashed: ends that are durable already.
    acknowledgement.began();
    acknowledgement.committed(Lsn{90});
    acknowledgement.recorded(Lsn{90});
    EXPECT_EQ(acknowledgement.recorded(), Lsn{500});
    acknowledgement.synced(Lsn{90});
    EXPECT_EQ(acknowledgement.flushed(), Lsn{500});
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
