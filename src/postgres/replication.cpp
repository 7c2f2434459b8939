#include "pgwraith/postgres/replication.h"

#include <fmt/format.h>
#include <sys/ioctl.h>

#include <boost/endian/conversion.hpp>

#include "connection_impl.h"
#include "pgwraith/base/names.h"

namespace pgwraith::postgres {

namespace {

// Microseconds between 1970-01-01 and 2000-01-01, PostgreSQL's epoch.
constexpr std::int64_t postgres_epoch_us = 946'684'800'000'000;

std::uint64_t read_u64(std::string_view bytes, std::size_t at) {
    return boost::endian::endian_load<std::uint64_t, 8, boost::endian::order::big>(
        reinterpret_cast<const unsigned char*>(bytes.data() + at));
}

void append_u64(std::string& out, std::uint64_t value) {
    std::array<unsigned char, 8> bytes{};
    boost::endian::endian_store<std::uint64_t, 8, boost::endian::order::big>(bytes.data(), value);
    out.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

// Bytes. Less is left to gather: each message that is read by itself costs a system call of both sides.
constexpr int worth_another_read = 4096;

// 'w' start wal_end time payload | 'k' wal_end time reply_requested
ReplicationMessage parse(std::string_view bytes) {
    if (bytes.size() >= 25 && bytes[0] == 'w') {
        return XLogData{Lsn{read_u64(bytes, 1)}, Lsn{read_u64(bytes, 9)}, bytes.substr(25)};
    }
    if (bytes.size() >= 18 && bytes[0] == 'k') return Keepalive{Lsn{read_u64(bytes, 1)}, bytes[17] != 0};
    throw Error(ErrorKind::internal, "the replication stream sent a message that is neither WAL data nor a keepalive");
}

// Of a database whose encoding is SQL_ASCII. The change stays in the stream, whatever becomes of the row.
Error not_utf8(const PgError& error) {
    return Error(ErrorKind::stopped, "a key was written whose bytes are not UTF-8: " + error.said(),
                 "Its changes cannot be followed past that one: fix the key, then "
                 "`pgwraith abort` and start anew.");
}

}  // namespace

ReplicationStream::ReplicationStream(std::unique_ptr<Connection> connection) : connection_(std::move(connection)) {}

ReplicationStream::~ReplicationStream() {
    if (buffer_ != nullptr) PQfreemem(buffer_);
}

Task<void> ReplicationStream::start(std::string slot, Lsn from, std::string options) {
    co_await connection_->script(
        fmt::format("START_REPLICATION SLOT {} LOGICAL {} ({})", quote_identifier(slot), from.text(), options));
    connection_->impl().ending.streaming = true;
}

Task<void> ReplicationStream::stop(milliseconds limit) {
    auto& impl = connection_->impl();
    if (!connection_->is_open() || !impl.ending.streaming) co_return;
    try {
        while (PQputCopyEnd(impl.connection, nullptr) == 0) co_await impl.flush();
        co_await impl.flush();
        if (co_await within(limit, drain())) impl.ending.streaming = false;
    } catch (const PgError& error) {
        spdlog::debug("the end of the stream: {}", error.message());
    }
    connection_->close();
}

Task<void> ReplicationStream::drain() {
    auto& impl = connection_->impl();
    for (;;) {
        if (buffer_ != nullptr) PQfreemem(std::exchange(buffer_, nullptr));
        const int length = PQgetCopyData(impl.connection, &buffer_, 1);
        if (length == -1) break;
        if (length == -2) impl.throw_lost("ending the replication stream");
        if (length > 0) continue;
        co_await impl.wait_readable();
        if (PQconsumeInput(impl.connection) == 0) impl.throw_lost("ending the replication stream");
    }
    co_await impl.collect();
}

std::optional<ReplicationMessage> ReplicationStream::buffered() {
    auto& impl = connection_->impl();
    impl.check_open();
    if (buffer_ != nullptr) PQfreemem(std::exchange(buffer_, nullptr));
    int length = PQgetCopyData(impl.connection, &buffer_, 1);
    if (length > 0) return parse({buffer_, static_cast<std::size_t>(length)});
    if (length == 0) return std::nullopt;
    impl.broken = true;
    if (length == -1) {
        impl.ending.streaming = false;
        PGresult* result = PQgetResult(impl.connection);
        Result owned(result);
        if (result != nullptr && PQresultStatus(result) == PGRES_FATAL_ERROR) {
            const auto error = error_from(result);
            if (error.is(sqlstate::character_not_in_repertoire)) throw not_utf8(error);
            throw error;
        }
        throw PgError("", "the server ended the replication stream");
    }
    impl.throw_lost("reading the replication stream");
}

bool ReplicationStream::receive() {
    auto& impl = connection_->impl();
    impl.check_open();
    int arrived = 0;
    ioctl(PQsocket(impl.connection), FIONREAD, &arrived);
    // Even if nothing had arrived: a part of what was read may still be in the hands of TLS.
    if (PQconsumeInput(impl.connection) == 0) impl.throw_lost("reading the replication stream");
    const bool encrypted = PQsslInUse(impl.connection) != 0 || PQgssEncInUse(impl.connection) != 0;
    return arrived >= (encrypted ? 1 : worth_another_read);
}

Task<void> ReplicationStream::gather(std::chrono::microseconds time) {
    auto& impl = connection_->impl();
    impl.check_open();
    impl.look_away();
    asio::steady_timer timer(impl.executor, time);
    co_await stop_if_cancelled();
    co_await timer.async_wait(asio::use_awaitable);
    co_await stop_if_cancelled();
    receive();
}

Task<void> ReplicationStream::rest(milliseconds time, Event& hurry) {
    auto& impl = connection_->impl();
    impl.check_open();
    impl.look_away();
    co_await hurry.wait_for(time);
    receive();
}

Task<std::optional<ReplicationMessage>> ReplicationStream::next(milliseconds timeout) {
    auto message = buffered();
    if (message) co_return message;
    if (!co_await connection_->impl().wait_readable(timeout)) co_return std::nullopt;
    receive();
    co_return buffered();
}

Task<void> ReplicationStream::feedback(Lsn flushed) {
    auto& impl = connection_->impl();
    impl.check_open();
    auto now =
        std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::system_clock::now().time_since_epoch());
    std::string message = "r";
    for (int what = 0; what < 3; ++what) append_u64(message, flushed.value);  // written, flushed, applied
    append_u64(message, static_cast<std::uint64_t>(now.count() - postgres_epoch_us));
    message += '\0';  // no reply requested
    int put = PQputCopyData(impl.connection, message.data(), static_cast<int>(message.size()));
    if (put < 0) impl.throw_lost("answering the replication stream");
    ensure(put == 1, "libpq takes a small message");
    co_await impl.flush();
}

}  // namespace pgwraith::postgres
