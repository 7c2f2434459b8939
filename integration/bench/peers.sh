#!/bin/bash
# integration/bench/peers.sh [VERSION] [ROWS] [ROUNDS] [RATE,…]    default 15 1000000 3 0,1000 (transactions/s)
set -euo pipefail
repo=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
bash "$repo/tests/setup.sh" build test bench
(cd "$repo" && cmake --preset release >/dev/null && cmake --build --preset release --target pgwraith >/dev/null)
exec python3 "$repo/integration/bench/peers.py" "$@"
