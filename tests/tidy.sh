#!/bin/bash
# clang-tidy over src/ (or the given sources), with clang's own compile database: it cannot read g++'s precompiled
# headers.
#
#   tests/tidy.sh [--seconds N] [FILE...]
#
# The sources that changed last come first. With --seconds none is begun after that time, and the last line says how
# many were left out: a test run has not always the eight minutes that all of them take.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
seconds=86400
if [ "${1:-}" = --seconds ]; then seconds=$2; shift 2; fi
bash tests/setup.sh build lint
cmake -S . -B build/tidy -G Ninja -DCMAKE_CXX_COMPILER=clang++ -DCMAKE_DISABLE_PRECOMPILE_HEADERS=ON -DBUILD_TESTING=OFF >/dev/null
if [ $# = 0 ]; then
    mapfile -t sources < <({
        git diff --name-only HEAD
        git ls-files --others --exclude-standard
        git log --format= --name-only
        git ls-files
    } | awk '/^src\/.*\.cpp$/ && !seen[$0]++' | while read -r source; do [ ! -e "$source" ] || echo "$source"; done)
else
    sources=("$@")
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
deadline=$(($(date +%s) + seconds))
check() {  # SOURCE
    [ "$(date +%s)" -lt "$deadline" ] || return 0
    local output verdict=clean
    # The translation units rely on the precompiled header's includes.
    output=$(clang-tidy -p build/tidy --quiet --extra-arg=-include --extra-arg="$PWD/src/pch.h" "$1" 2>&1) || verdict=dirty
    [ $verdict = clean ] || printf '%s\n' "$output"
    echo "$verdict" >>"$work/verdicts"
}
export -f check
export work deadline
printf '%s\0' "${sources[@]}" | xargs -0 -n 1 -P "${JOBS:-$(nproc)}" bash -c 'check "$1"' check
dirty=$(grep -c dirty "$work/verdicts" || true)
echo "clang-tidy: $(grep -c . "$work/verdicts") of ${#sources[@]} files checked, $dirty with findings"
[ "$dirty" = 0 ]
