// The first process of a container.
#pragma once

namespace pgwraith::cli {

// As process 1: leaves the work to a child and stays as its init, which passes on the signals that it is sent, reaps
// whatever is left to it, and ends with the child's status. Returns in the child, and in any other process at once.
void leave_work_to_child_as_pid_1();

}  // namespace pgwraith::cli
