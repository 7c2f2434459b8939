#!/bin/bash
# Everything: build, format, unit tests, integration tests on servers of their own. Ends with a line
# "N passed, N failed"; exits non-zero when anything failed.
#
#   tests/run.sh [unit] [integration] [format]     default: all
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1
parts=" ${*:-format unit integration} "
jobs=${JOBS:-$(nproc)}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0 failed=0

say() { printf '\n== %s (%d s)\n' "$1" "$SECONDS"; }
count() {  # NAME STATUS
    if [ "$2" = 0 ]; then passed=$((passed + 1)); else failed=$((failed + 1)); echo "FAIL  $1"; fi
}
finish() {
    printf '\n%d s\n%d passed, %d failed\n' "$SECONDS" "$passed" "$failed"
    [ "$failed" = 0 ]
    exit
}

bash tests/setup.sh || { count setup 1; finish; }

say build
build_status=0
{ cmake --preset release && cmake --build --preset release -j "$jobs"; } >"$work/build.log" 2>&1 || build_status=$?
count "build (warnings are errors)" $build_status
[ $build_status = 0 ] || { tail -60 "$work/build.log"; finish; }

if [[ $parts == *" format "* ]]; then
    say "clang-format"
    git ls-files '*.cpp' '*.h' | xargs -r clang-format --dry-run -Werror >"$work/format.log" 2>&1
    format_status=$?
    [ $format_status = 0 ] || tail -20 "$work/format.log"
    count clang-format $format_status
fi

if [[ $parts == *" unit "* ]]; then
    say "unit tests"
    ctest --preset release -j "$jobs" >"$work/unit.log" 2>&1
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
    say "integration tests"
    integration/run-cases --jobs "${CASE_JOBS:-3}" --counts "$work/counts"
    if [ -s "$work/counts" ]; then
        read -r good bad <"$work/counts"
        passed=$((passed + good)) failed=$((failed + bad))
    else
        count "integration tests: the runner failed" 1
    fi
fi
finish
