// The parts of an attempt that copy, purge, build, apply, verify and cutover work with.
#pragma once

#include "pgwraith/capture/capture.h"
#include "pgwraith/config/settings.h"
#include "pgwraith/postgres/sessions.h"
#include "pgwraith/shadow/blueprint.h"
#include "pgwraith/shadow/pair.h"
#include "pgwraith/store/store.h"
#include "pgwraith/throttle/gate.h"

namespace pgwraith::transfer {

// Passed by value. All that it refers to belongs to the attempt at a migration or outlives the attempt. The holders of
// a context belong to the attempt, so every reference outlives them.
struct Context {
    asio::any_io_executor executor;
    const postgres::Sessions& sessions;
    store::Store& store;
    capture::Capture& capture;
    throttle::Gate& gate;
    const config::Settings& settings;  // `pgwraith set` changes them: read anew for each chunk, batch or range
    const shadow::Pair& pair;
    const shadow::Blueprint& blueprint;
};

}  // namespace pgwraith::transfer
