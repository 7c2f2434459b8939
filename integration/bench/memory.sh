#!/bin/bash
# integration/bench/memory.sh [KEYS] [int|uuid] [to-the-end]    default 10000000 int
set -euo pipefail
repo=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
bash "$repo/tests/setup.sh" build test
(cd "$repo" && cmake --preset release >/dev/null && cmake --build --preset release --target pgwraith >/dev/null)
exec python3 "$repo/integration/bench/memory.py" "$@"
