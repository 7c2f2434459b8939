#include "pgwraith/postgres/copy_stream.h"

#include "connection_impl.h"
#include "pgwraith/base/faults.h"

namespace pgwraith::postgres {

using namespace std::string_view_literals;

const std::string_view empty_binary_copy = "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0\377\377"sv;
const std::string_view end_of_binary_copy = "\377\377"sv;

namespace {

// libpq hands over one row at a time; so many bytes of them go on together.
constexpr std::size_t piece_bytes = std::size_t{64} * 1024;

// One side: the session, its place in the protocol, and what it failed with.
struct Side {
    Side(Connection& session, Copying doing) : impl(session.impl()), operation(impl), direction(doing) {}

    Connection::Impl& impl;
    Operation operation;
    Copying direction;
    std::optional<PgError> failure;
    bool copied = false;  // all that there was, up to the last words

    Task<void> begin(std::string sql);
    Task<std::optional<Result>> end(std::uint64_t& rows);
};

// Up to the server's word that the COPY begins.
Task<void> Side::begin(std::string sql) {
    spdlog::trace("pid {}: {}", PQbackendPID(impl.connection), sql);
    if (PQsendQuery(impl.connection, sql.c_str()) == 0) impl.throw_lost("sending");
    impl.ending.copying = direction;
    impl.ending.last_words = empty_binary_copy;
    co_await impl.flush();
    try {
        const auto begun = co_await impl.collect();
        ensure(begun.is_copy(), "a COPY that is none");
    } catch (const PgError& error) {
        impl.ending.copying = Copying::none;
        if (impl.broken) throw;
        failure = error;
    }
}

// The results that are left: of the COPY, and of what follows it.
Task<std::optional<Result>> Side::end(std::uint64_t& rows) {
    std::optional<Result> last;
    for (;;) {
        PGresult* raw = co_await impl.next_result();
        if (raw == nullptr) break;
        Result result(raw);
        const auto status = PQresultStatus(raw);
        if (status == PGRES_FATAL_ERROR || status == PGRES_BAD_RESPONSE) {
            if (!failure) failure = error_from(raw);
        } else {
            if (!last) rows = result.affected();
            copied = true;
            last.emplace(std::move(result));
        }
    }
    impl.ending.copying = Copying::none;
    if (PQstatus(impl.connection) == CONNECTION_BAD) {
        impl.broken = true;
        if (!failure) impl.throw_lost("waiting for an answer");
    }
    if (impl.broken && failure) throw *failure;
    co_return last;
}

struct Freed {
    void operator()(char* data) const { PQfreemem(data); }
};

// Adds rows to `piece` until it is full, or none is there that would not have to be waited for. False at the end.
bool take_rows(Connection::Impl& impl, std::string& piece, bool& waits) {
    waits = false;
    while (piece.size() < piece_bytes) {
        char* data = nullptr;
        const int length = PQgetCopyData(impl.connection, &data, 1);
        const std::unique_ptr<char, Freed> owned(data);
        if (length == -1) return false;
        if (length == -2) impl.throw_lost("reading rows");
        if (length == 0) {
            waits = true;
            return true;
        }
        piece.append(data, static_cast<std::size_t>(length));
    }
    return true;
}

// Of a wide row a part at a time: libpq moves what it could not send to the front of its buffer, each time.
Task<void> hand_over(Connection::Impl& impl, std::string_view piece) {
    for (; !piece.empty(); piece.remove_prefix(std::min(piece.size(), piece_bytes))) {
        const auto part = static_cast<int>(std::min(piece.size(), piece_bytes));
        while (PQputCopyData(impl.connection, piece.data(), part) == 0) co_await impl.flush();
        co_await impl.flush();
    }
}

// The rest of a COPY that nobody wants: it is not much, a chunk at most.
Task<void> discard(Connection::Impl& impl) {
    std::string piece;
    for (bool waits = false; take_rows(impl, piece, waits); piece.clear()) {
        if (!waits) continue;
        co_await impl.wait_readable();
        if (PQconsumeInput(impl.connection) == 0) impl.throw_lost("reading rows");
    }
}

// Until `from` has no more, whatever the reason. Whole rows only: what `to` has is always a COPY that may end there.
Task<void> hand_over_all(Connection::Impl& from, Connection::Impl& to) {
    std::string piece;
    piece.reserve(2 * piece_bytes);
    for (bool more = true, waits = false; more;) {
        more = take_rows(from, piece, waits);
        const bool enough = piece.size() >= piece_bytes || !more;
        if (enough && !piece.empty()) {
            co_await hand_over(to, piece);
            to.ending.last_words = end_of_binary_copy;
            fault_point("chunk.streaming");
            piece.clear();
        }
        if (!waits || !more) continue;
        co_await from.wait_readable();
        if (PQconsumeInput(from.connection) == 0) from.throw_lost("reading rows");
    }
}

Task<void> end_rows(Connection::Impl& to) {
    const auto last_words = std::exchange(to.ending.last_words, {});
    if (!last_words.empty()) co_await hand_over(to, last_words);
    while (PQputCopyEnd(to.connection, nullptr) == 0) co_await to.flush();
    co_await to.flush();
}

// Throws what lost one of the sessions, when the other is in step again.
Task<void> bring(Side& from, Side& to) {
    std::exception_ptr lost;
    try {
        co_await hand_over_all(from.impl, to.impl);
    } catch (const PgError&) {
        lost = std::current_exception();
    }
    if (lost && !from.impl.broken) co_await discard(from.impl);  // before what waits for `to`
    std::uint64_t sent = 0;
    if (lost && !to.impl.broken) {
        co_await end_rows(to.impl);
        co_await to.end(sent);
        to.operation.finished();
    }
    if (lost && !from.impl.broken) {
        co_await from.end(sent);
        from.operation.finished();
    }
    if (lost) std::rethrow_exception(lost);
}

}  // namespace

Task<CopyOutcome> copy_stream(Connection& from, Connection& to, CopyStatements statements) {
    Side writing(to, Copying::in);
    co_await writing.begin(std::move(statements.in));
    if (writing.failure) {
        writing.operation.finished();
        throw *writing.failure;
    }
    Side reading(from, Copying::out);
    co_await reading.begin(std::move(statements.out));
    std::uint64_t read = 0, written = 0;
    std::optional<Result> answer;
    if (!reading.failure) {
        co_await bring(reading, writing);
        answer = co_await reading.end(read);
        if (reading.copied) writing.impl.ending.last_words = {};  // they came from the server
    }
    co_await end_rows(writing.impl);
    co_await writing.end(written);
    writing.operation.finished();
    reading.operation.finished();
    if (reading.failure) throw *reading.failure;
    if (writing.failure) throw *writing.failure;
    ensure(read == written, "COPY has written as many rows as it has read");
    CopyOutcome outcome{written, std::move(*answer)};
    co_return outcome;
}

}  // namespace pgwraith::postgres
