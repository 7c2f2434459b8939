#!/bin/bash
# integration/bench/converge.sh [VERSION] [ROWS,…] [FIRST_RATE] [PATIENCE] [ROWS_EACH] [TOOL,…]
#   default 15 20000,500000 5000 (rows/s) 60 (s) 100, all tools that the server has
set -euo pipefail
repo=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
bash "$repo/tests/setup.sh" build test bench
(cd "$repo" && cmake --preset release >/dev/null && cmake --build --preset release --target pgwraith >/dev/null)
exec python3 "$repo/integration/bench/converge.py" "$@"
