#include "pgwraith/capture/acknowledge.h"

#include <algorithm>

#include "pgwraith/base/error.h"

namespace pgwraith::capture {

Acknowledgement::Acknowledgement(Lsn durable)
    : received_(durable), recorded_(durable), synced_(durable), flushed_(durable) {}

void Acknowledgement::began() {
    ensure(!in_transaction_, "acknowledgement: Begin inside a transaction");
    in_transaction_ = true;
}

void Acknowledgement::committed(Lsn end) {
    ensure(in_transaction_, "acknowledgement: Commit outside a transaction");
    in_transaction_ = false;
    // After a server crash old transactions are sent again, with ends below what is durable already: hence max.
    received_ = std::max(received_, end);
}

void Acknowledgement::recorded(Lsn end) {
    ensure(end <= received_, "acknowledgement: recorded more than was received");
    recorded_ = std::max(recorded_, end);
}

void Acknowledgement::synced(Lsn end) {
    ensure(end <= recorded_, "acknowledgement: synced more than was recorded");
    synced_ = std::max(synced_, end);
    flushed_ = std::max(flushed_, synced_);
}

bool Acknowledgement::keepalive(Lsn wal_end) {
    // A keepalive tells how far the server has sent, not how far we are: taken for progress in the middle of a
    // transaction, it makes the server skip that one after a restart.
    if (in_transaction_ || wal_end <= received_) return false;
    received_ = wal_end;
    return true;
}

}  // namespace pgwraith::capture
