#!/bin/bash
# Builds every fuzz target of tests/fuzz with clang and runs each for some seconds; a finding ends it with its input left
# in build/fuzz.
#
#   tests/fuzz.sh [SECONDS] [TARGET...]     default: 60 seconds, all
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
seconds=${1:-60}
shift || true
bash tests/setup.sh build lint
cmake --preset fuzz >/dev/null
cmake --build --preset fuzz -j "${JOBS:-$(nproc)}"
targets=("$@")
if [ $# = 0 ]; then mapfile -t targets < <(basename -s .cpp tests/fuzz/*_fuzz.cpp); fi
cd build/fuzz
for target in "${targets[@]}"; do
    echo "== $target, $seconds s"
    mkdir -p "corpus/$target"
    case $target in
        config_fuzz) cp ../../config/example.yaml "corpus/$target" ;;
        plan_fuzz) for sql in ../../integration/cases/*/change.sql; do cp "$sql" "corpus/$target/$(md5sum <"$sql" | cut -c1-32)"; done ;;
    esac
    "tests/fuzz/$target" -max_total_time="$seconds" -print_final_stats=1 -verbosity=0 "corpus/$target"
done
