#!/bin/bash
# Installs from Debian 12's own packages what is missing; quick when nothing is.
#
#   tests/setup.sh [build] [test] [browser] [lint] [bench]     default: build test browser lint
set -euo pipefail

declare -A PACKAGES=(
    [build]="cmake ninja-build g++ pkg-config libssl-dev libpq-dev libboost1.81-dev librocksdb-dev libspdlog-dev libfmt-dev
             libyaml-cpp-dev libpg-query-dev libprotobuf-c-dev libcli11-dev nlohmann-json3-dev prometheus-cpp-dev
             libgtest-dev libgmock-dev"
    [test]="postgresql-15 postgresql-client-15 pgbouncer prometheus python3 python3-yaml python3-kubernetes
            docker-compose curl util-linux"
    [browser]="chromium chromium-driver fonts-dejavu-core openssl"
    [lint]="clang clang-format clang-tidy"
    [bench]="postgresql-15-repack python3-matplotlib"
)

missing=()
for group in "${@:-build test browser lint}"; do
    for part in $group; do
        [ -n "${PACKAGES[$part]:-}" ] || { echo "setup.sh: no such group: $part" >&2; exit 2; }
        for package in ${PACKAGES[$part]}; do
            status=$(dpkg-query -W -f '${Status}\n' "$package" 2>/dev/null || true)
            case $status in *"install ok installed"*) ;; *) missing+=("$package") ;; esac
        done
    done
done
[ ${#missing[@]} -gt 0 ] || exit 0

as_root=()
if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null || { echo "setup.sh: missing, and no sudo to install them: ${missing[*]}" >&2; exit 1; }
    as_root=(sudo)
fi
echo "installing: ${missing[*]}" >&2
export DEBIAN_FRONTEND=noninteractive
# A package of PostgreSQL's would otherwise make a cluster and start it; the tests make their own.
if [[ " ${missing[*]} " == *" postgresql-15 "* && ! -e /etc/postgresql-common/createcluster.conf ]]; then
    "${as_root[@]}" mkdir -p /etc/postgresql-common/createcluster.d
    echo 'create_main_cluster = false' | "${as_root[@]}" tee /etc/postgresql-common/createcluster.d/pgwraith.conf >/dev/null
fi
# The tests start a Prometheus of their own, too; no package starts a service.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee "$policy" >/dev/null
    "${as_root[@]}" chmod 755 "$policy"
    trap '"${as_root[@]}" rm -f "$policy"' EXIT
fi
install=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends install "${missing[@]}")
# Stale or missing package lists show only by a failure.
"${install[@]}" >/dev/null 2>&1 || { "${as_root[@]}" apt-get -qq update && "${install[@]}" >/dev/null; }
