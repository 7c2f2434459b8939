#!/bin/bash
# clang-tidy over the given sources (default: all of src/), with clang's own compile database: it cannot read g++'s
# precompiled headers. Slow: not part of tests/run.sh.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
bash tests/setup.sh build lint
cmake -S . -B build/tidy -G Ninja -DCMAKE_CXX_COMPILER=clang++ -DCMAKE_DISABLE_PRECOMPILE_HEADERS=ON >/dev/null
if [ $# = 0 ]; then mapfile -t sources < <(git ls-files 'src/*.cpp'); else sources=("$@"); fi
# The translation units rely on the precompiled header's includes.
printf '%s\0' "${sources[@]}" |
    xargs -0 -n 1 -P "${JOBS:-$(nproc)}" clang-tidy -p build/tidy --quiet --extra-arg=-include --extra-arg="$PWD/src/pch.h"
