// Ctrl-C of a command that asks a process: it ends at once, with a sentence, and what it waits for goes on.
#pragma once

#include <string>

#include "pgwraith/base/units.h"

namespace pgwraith::cli {

// Thrown, so that the command ends with a sentence of its own.
struct Interrupted {
    int status = 0;        // 128 and the signal's number, as shells have it
    bool unheard = false;  // an answer was awaited: whether the process has heard the question is not known
};

// From now on SIGINT and SIGTERM are remembered. The second one ends the process.
void remember_interrupts();
// 128 and the number of the signal that has come; 0: none has.
int interruption();
// Throws Interrupted when a signal has come.
void sleep_unless_interrupted(milliseconds time);

}  // namespace pgwraith::cli
