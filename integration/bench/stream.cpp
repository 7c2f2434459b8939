// The change stream into the durable ledger and nothing else: capture and store without the rest of the program, for
// stream.py to hold against pg_recvlogical.
//
//   pgwraith_stream CONNINFO SLOT PUBLICATION TABLE_OID KEY_COLUMN STATE_DIR END_LSN
//
// Reads from where the slot stands until everything up to END_LSN is durable in the ledger, then prints
// "changes seconds cpu_seconds peak_kib pending".
#include <fmt/format.h>
#include <sys/resource.h>

#include <boost/asio/io_context.hpp>

#include <cstdio>
#include <span>

#include "pgwraith/base/names.h"
#include "pgwraith/capture/capture.h"
#include "pgwraith/capture/slot.h"

namespace pgwraith {

namespace {

struct Arguments {
    std::string conninfo, slot, publication;
    Oid table = 0;
    std::string key_column, state_dir;
    Lsn end;
};

Task<void> until_durable(capture::Capture& capture, store::Store& store, Lsn end, TaskGroup& group) {
    while (capture.recorded() < end) co_await capture.wait_for_records(milliseconds{500});
    co_await store.ledger().sync();
    group.cancel();
}

Task<void> stream(Arguments arguments, const postgres::Sessions& sessions) {
    const auto opened = co_await store::Store::open(arguments.state_dir, true);
    auto& store = *opened;
    auto executor = co_await asio::this_coro::executor;
    auto connection = co_await sessions.open("bench");
    auto slot = co_await capture::read_slot(*connection, arguments.slot);
    ensure(slot.has_value(), "the slot exists");
    connection->close();
    co_await store.ledger().add(std::span<const store::LedgerEntry>(), slot->confirmed_flush);

    capture::CaptureTarget target;
    target.table = arguments.table;
    target.slot = arguments.slot;
    target.publication = arguments.publication;
    target.key_columns.push_back(arguments.key_column);
    capture::Company company{catalog::ReplicationRules{}};
    const capture::Context context{executor, sessions, store, company};
    capture::Capture capture(context, target, {});
    co_await capture.recall();
    auto begin = Clock::now();
    TaskGroup group(executor);
    group.spawn(capture.run());
    group.spawn(until_durable(capture, store, arguments.end, group));
    co_await group.join();
    auto seconds = std::chrono::duration<double>(Clock::now() - begin).count();
    rusage used{};
    getrusage(RUSAGE_SELF, &used);
    auto cpu = static_cast<double>(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
               static_cast<double>(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
    const auto pending = co_await store.ledger().pending_estimate();
    fmt::print("{} {:.3f} {:.3f} {} {}\n", capture.changes_received(), seconds, cpu, used.ru_maxrss, pending);
}

int run(std::span<char*> argv) {
    if (argv.size() != 8) {
        fmt::print(stderr, "seven arguments, see stream.cpp\n");
        return 2;
    }
    auto end = Lsn::parse(argv[7]);
    ensure(end.has_value(), "END_LSN is an LSN");
    Arguments arguments{argv[1], argv[2], argv[3], static_cast<Oid>(std::stoul(argv[4])), argv[5], argv[6], *end};
    const postgres::Sessions sessions(arguments.conninfo);
    asio::io_context io{1};
    std::exception_ptr failure;
    asio::co_spawn(io, stream(arguments, sessions), [&](std::exception_ptr error) { failure = error; });
    io.run();
    if (failure) std::rethrow_exception(failure);
    return 0;
}

}  // namespace

}  // namespace pgwraith

int main(int argc, char** argv) {
    try {
        return pgwraith::run(std::span(argv, static_cast<std::size_t>(argc)));
    } catch (const std::exception& error) {
        fmt::print(stderr, "pgwraith_stream: {}\n", error.what());
        return 1;
    }
}
