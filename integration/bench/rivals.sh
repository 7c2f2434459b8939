#!/bin/bash
# integration/bench/rivals.sh [OPTION]...    --help lists them
set -euo pipefail
repo=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
bash "$repo/tests/setup.sh" build test bench
(cd "$repo" && cmake --preset release >/dev/null && cmake --build --preset release --target pgwraith >/dev/null)
exec /usr/bin/python3 "$repo/integration/bench/rivals.py" "$@"
