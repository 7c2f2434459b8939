#!/bin/bash
# integration/bench/stream.sh [CHANGES] [ROUNDS] [int|uuid]    default 2000000 3 int
set -euo pipefail
repo=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
bash "$repo/tests/setup.sh" build test
(cd "$repo" && cmake --preset release >/dev/null && cmake --build --preset release --target pgwraith_stream >/dev/null)
exec python3 "$repo/integration/bench/stream.py" "$@"
