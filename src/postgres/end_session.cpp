#include "end_session.h"

#include <poll.h>

#include <memory>
#include <utility>

#include "pgwraith/base/units.h"

namespace pgwraith::postgres {

namespace {

constexpr milliseconds for_last_word{1'000};
constexpr milliseconds for_rows{2'000};  // of a chunk that goes by COPY: most take less

struct FreeCancel {
    void operator()(PGcancel* handle) const { PQfreeCancel(handle); }
};

// False: the time is up, or the connection is gone.
bool wait_for_input(PGconn* connection, Clock::time_point deadline) {
    const auto left = std::chrono::ceil<milliseconds>(deadline - Clock::now());
    pollfd socket{PQsocket(connection), POLLIN, 0};
    if (left <= milliseconds{0} || socket.fd < 0) return false;
    if (::poll(&socket, 1, static_cast<int>(left.count())) <= 0) return false;
    return PQconsumeInput(connection) != 0;
}

// False: it is not all sent.
bool send_out(PGconn* connection, Clock::time_point deadline) {
    while (PQflush(connection) > 0) {
        // The server may be blocked itself until we read.
        pollfd socket{PQsocket(connection), POLLIN | POLLOUT, 0};
        if (Clock::now() >= deadline || ::poll(&socket, 1, 50) < 0) return false;
        if (PQconsumeInput(connection) == 0) return false;
    }
    return PQstatus(connection) == CONNECTION_OK;
}

// What the stream still carries is thrown away: it was not acknowledged, so it comes again.
bool drain_stream(PGconn* connection, Clock::time_point deadline) {
    for (;;) {
        char* data = nullptr;
        const int length = PQgetCopyData(connection, &data, 1);
        if (data != nullptr) PQfreemem(data);
        if (length < 0) return length == -1;
        if (Clock::now() >= deadline) return false;
        if (length == 0 && !wait_for_input(connection, deadline)) return false;
    }
}

// In pipeline mode a null pointer ends the results of each statement, and a second one all of them.
bool drain_results(PGconn* connection, Clock::time_point deadline) {
    bool statement_ended = PQpipelineStatus(connection) == PQ_PIPELINE_OFF;
    for (;;) {
        while (PQisBusy(connection) != 0) {
            if (!wait_for_input(connection, deadline)) return false;
        }
        PGresult* result = PQgetResult(connection);
        if (result == nullptr) {
            if (std::exchange(statement_ended, true)) return true;
            continue;
        }
        if (PQpipelineStatus(connection) != PQ_PIPELINE_OFF) statement_ended = false;
        const auto status = PQresultStatus(result);
        PQclear(result);
        if (status == PGRES_COPY_IN || status == PGRES_COPY_OUT || status == PGRES_COPY_BOTH) return false;
    }
}

void ask_to_stop(PGconn* connection) {
    const std::unique_ptr<PGcancel, FreeCancel> handle(PQgetCancel(connection));
    char ignored[256];
    if (handle) PQcancel(handle.get(), ignored, sizeof ignored);
}

// (Full buffers: what the server sends is in the way.)
bool send_copy_done(PGconn* connection, Clock::time_point deadline) {
    while (PQputCopyEnd(connection, nullptr) == 0) {
        if (!send_out(connection, deadline)) return false;
    }
    return send_out(connection, deadline);
}

// CopyDone, the server's CopyDone, CommandComplete.
bool end_stream(PGconn* connection) {
    const auto deadline = Clock::now() + for_last_word;
    return send_copy_done(connection, deadline) && drain_stream(connection, deadline) &&
           drain_results(connection, deadline);
}

enum class Reached { copy, end, nothing };

// The server's word that a COPY begins may be still to come; libpq repeats it as long as the COPY lasts.
Reached reach_copy(PGconn* connection, Clock::time_point deadline) {
    for (;;) {
        while (PQisBusy(connection) != 0) {
            if (!wait_for_input(connection, deadline)) return Reached::nothing;
        }
        PGresult* result = PQgetResult(connection);
        if (result == nullptr) return Reached::end;
        const auto status = PQresultStatus(result);
        PQclear(result);
        if (status == PGRES_COPY_IN || status == PGRES_COPY_OUT) return Reached::copy;
    }
}

// The server takes what it has for all there is; the transaction ends with the session.
bool end_copy_in(PGconn* connection, std::string_view last_words) {
    const auto deadline = Clock::now() + for_last_word;
    if (!send_out(connection, deadline)) return false;
    const auto reached = reach_copy(connection, deadline);
    if (reached != Reached::copy) return reached == Reached::end;
    while (!last_words.empty() &&
           PQputCopyData(connection, last_words.data(), static_cast<int>(last_words.size())) == 0) {
        if (!send_out(connection, deadline)) return false;
    }
    return send_copy_done(connection, deadline) && drain_results(connection, deadline);
}

bool end_copy_out(PGconn* connection) {
    const auto deadline = Clock::now() + for_rows;
    if (!send_out(connection, deadline)) return false;
    const auto reached = reach_copy(connection, deadline);
    if (reached != Reached::copy) return reached == Reached::end;
    return drain_stream(connection, deadline) && drain_results(connection, deadline);
}

}  // namespace

void end_session(PGconn* connection, Ending ending) {
    bool ended = false;
    if (ending.streaming) {
        ended = end_stream(connection);
    } else if (ending.copying == Copying::in) {
        ended = end_copy_in(connection, ending.last_words);
    } else if (ending.copying == Copying::out) {
        ended = end_copy_out(connection);
    } else if (ending.patience > milliseconds{0}) {
        ended = send_out(connection, Clock::now() + ending.patience) &&
                drain_results(connection, Clock::now() + ending.patience);
    }
    if (!ended && PQstatus(connection) == CONNECTION_OK) {
        ask_to_stop(connection);
        const auto deadline = Clock::now() + for_last_word;
        const bool sends = ending.streaming || ending.copying == Copying::out;
        if (!sends || drain_stream(connection, deadline)) drain_results(connection, deadline);
    }
    PQfinish(connection);
}

}  // namespace pgwraith::postgres
