#!/bin/bash
# integration/bench/scale.sh [ROWS,…] [RATE]    default 1000000,10000000,100000000 200 (transactions/s); 10 GB at the end
set -euo pipefail
repo=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
bash "$repo/tests/setup.sh" build test
(cd "$repo" && cmake --preset release >/dev/null && cmake --build --preset release --target pgwraith >/dev/null)
exec python3 "$repo/integration/bench/scale.py" "$@"
