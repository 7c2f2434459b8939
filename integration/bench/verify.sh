#!/bin/bash
# integration/bench/verify.sh [ROWS [MIB [ROUNDS [PROGRAM...]]]]    default 2000000 rows, 512 MiB for the server and its page cache, 3 rounds
set -euo pipefail
repo=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
bash "$repo/tests/setup.sh" build test
(cd "$repo" && cmake --preset release >/dev/null && cmake --build --preset release --target pgwraith >/dev/null)
exec python3 "$repo/integration/bench/verify.py" "$@"
