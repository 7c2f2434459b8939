#!/bin/bash
# Everything: build, format, unit tests, integration tests on servers of their own. Ends with a line
# "N passed, N failed"; exits non-zero when anything failed.
#
#   tests/run.sh [format] [unit] [integration] [chaos] [tidy] [image]     default: all but image
#
# Unit tests and chaos run with address and undefined behaviour sanitizers and fault points (preset asan), the
# integration cases with what users get (preset release). What only reads the sources runs beside the tests, which leave
# the processors idle for a part of the time: headers alone, and clang-tidy over the sources that changed last, as many as
# it can begin in TIDY_SECONDS (default 300); tests/tidy.sh sees all.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1
parts=" ${*:-format unit integration chaos tidy} "
jobs=${JOBS:-$(nproc)}
export PGWRAITH_TEST_PATIENCE=${PGWRAITH_TEST_PATIENCE:-4}  # how slow the machine may be that this runs on
work=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null; rm -rf "$work"' EXIT
passed=0 failed=0

say() { printf '\n== %s (%d s)\n' "$1" "$SECONDS"; }
count() {  # NAME STATUS
    if [ "$2" = 0 ]; then passed=$((passed + 1)); else failed=$((failed + 1)); echo "FAIL  $1"; fi
}
add_counts() {  # NAME: what a runner left in $work/counts
    if [ -s "$work/counts" ]; then
        read -r good bad _ <"$work/counts"
        passed=$((passed + good)) failed=$((failed + bad))
    else
        count "$1: the runner failed" 1
    fi
    rm -f "$work/counts"
}
declare -A beside=()
begin_beside() {  # NAME COMMAND...
    local name=$1
    shift
    nice -n 19 "$@" >"$work/$name.log" 2>&1 &
    beside[$name]=$!
}
end_beside() {  # NAME TITLE
    local status=0
    say "$1"
    wait "${beside[$1]}" || status=$?
    [ $status = 0 ] || tail -60 "$work/$1.log"
    [ $status != 0 ] || tail -1 "$work/$1.log"
    count "$2" $status
}
finish() {
    printf '\n%d s\n%d passed, %d failed\n' "$SECONDS" "$passed" "$failed"
    [ "$failed" = 0 ]
    exit
}

bash tests/setup.sh || { count setup 1; finish; }

build() {  # PRESET TARGET...
    local preset=$1 status=0
    shift
    say "build $preset"
    { cmake --preset "$preset" && cmake --build --preset "$preset" -j "$jobs" --target "$@"; } >"$work/build.log" 2>&1 || status=$?
    count "build $preset (warnings are errors)" $status
    [ $status = 0 ] || { tail -60 "$work/build.log"; finish; }
}
[[ $parts == *" integration "* ]] && build release pgwraith
[[ $parts == *" unit "* || $parts == *" chaos "* ]] && build asan all
if [[ $parts == *" format "* ]]; then
    cmake --preset asan >/dev/null || { count "cmake --preset asan" 1; finish; }
    begin_beside headers cmake --build --preset asan -j "$jobs" --target headers
fi
[[ $parts == *" tidy "* ]] && JOBS=$jobs begin_beside clang-tidy bash tests/tidy.sh --seconds "${TIDY_SECONDS:-300}"

if [[ $parts == *" format "* ]]; then
    say "clang-format"
    git ls-files '*.cpp' '*.h' | xargs -r clang-format --dry-run -Werror >"$work/format.log" 2>&1
    format_status=$?
    [ $format_status = 0 ] || tail -20 "$work/format.log"
    count clang-format $format_status
    python3 tests/layers.py
    count "layers (includes against DEPENDS)" $?
    python3 tests/messages.py
    count "messages (refusals and failures against their pages)" $?
fi

if [[ $parts == *" unit "* ]]; then
    say "unit tests"
    tests/with-server ctest --preset asan -j "$jobs" >"$work/unit.log" 2>&1
    sed -n 's/^ *[0-9]*\/[0-9]* Test *#[0-9]*: \([^ ]*\) .*\(Passed\|Failed\|Timeout\|Not Run\|Exception\|Skipped\).*/\1 \2/p' \
        "$work/unit.log" >"$work/unit.list"
    [ -s "$work/unit.list" ] || count "unit tests: none was run" 1
    while read -r name verdict; do
        if [ "$verdict" = Passed ]; then count "$name" 0; else count "$name" 1; fi
    done <"$work/unit.list"
    grep -q "tests failed out of\|0 tests failed" "$work/unit.log" && ! grep -q "100% tests passed" "$work/unit.log" &&
        tail -60 "$work/unit.log"
fi

if [[ $parts == *" integration "* ]]; then
    say "manifests for containers"
    /usr/bin/python3 tests/manifests.py build/release/pgwraith
    count "manifests (Kubernetes, compose, Dockerfile)" $?
    say "integration tests"
    integration/run-cases --jobs "${CASE_JOBS:-4}" --counts "$work/counts"
    add_counts "integration tests"
    say "demonstration"
    integration/demo.sh 50000 >"$work/demo.log" 2>&1
    demo_status=$?
    [ $demo_status = 0 ] || tail -40 "$work/demo.log"
    count integration/demo.sh $demo_status
fi

if [[ $parts == *" chaos "* ]]; then
    say "chaos"
    integration/chaos/run --quick --jobs "${CHAOS_JOBS:-4}" --program "$PWD/build/asan/pgwraith" --counts "$work/counts"
    add_counts chaos
fi

if [[ $parts == *" image "* ]]; then
    say "container image"
    integration/image --if-possible
    count "image (or the reason why there is none)" $?
fi

[[ $parts == *" format "* ]] && end_beside headers "headers, each alone (warnings are errors)"
[[ $parts == *" tidy "* ]] && end_beside clang-tidy clang-tidy
finish
