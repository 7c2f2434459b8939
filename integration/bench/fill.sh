#!/bin/bash
# integration/bench/fill.sh ROWS [RATE] [no-standby]    default 10000000 200, with a standby whose lag is measured
set -euo pipefail
repo=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
bash "$repo/tests/setup.sh" build test
(cd "$repo" && cmake --preset release >/dev/null && cmake --build --preset release --target pgwraith >/dev/null)
exec python3 "$repo/integration/bench/fill.py" "$@"
