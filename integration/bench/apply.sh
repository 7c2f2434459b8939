#!/bin/bash
# integration/bench/apply.sh [ROWS] [EVERY] [ROUNDS] [WORKERS]    every EVERYth key changes; default 1000000 3 3 1
set -euo pipefail
repo=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
bash "$repo/tests/setup.sh" build test
(cd "$repo" && cmake --preset release >/dev/null && cmake --build --preset release --target pgwraith >/dev/null)
exec python3 "$repo/integration/bench/apply.py" "$@"
