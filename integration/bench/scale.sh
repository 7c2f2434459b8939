#!/bin/bash
# integration/bench/scale.sh [ROWS] [ROUNDS]    default 500000 3: against ten times as many
set -euo pipefail
repo=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
bash "$repo/tests/setup.sh" build test
(cd "$repo" && cmake --preset release >/dev/null && cmake --build --preset release --target pgwraith >/dev/null)
exec python3 "$repo/integration/bench/scale.py" "$@"
