#!/bin/bash
# integration/bench/ready.sh [RATE] [ROUNDS] [PROGRAM ...]    default 1000 1 and the release build
set -euo pipefail
repo=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
bash "$repo/tests/setup.sh" build test
(cd "$repo" && cmake --preset release >/dev/null && cmake --build --preset release --target pgwraith >/dev/null)
exec python3 "$repo/integration/bench/ready.py" "$@"
