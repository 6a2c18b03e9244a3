#!/usr/bin/env bash
# Benchmarks, and docs/performance.md with its pages from their figures. Compare within one run: machines are shared, and differ.
#
#   scripts/bench.sh PART… [--rounds 3] [--seconds 4] [--dry-run]   measures these parts, then writes the page
#   scripts/bench.sh all                                            all of them, in some hours
#   scripts/bench.sh page                                           the page and its pictures, from what was measured
#   scripts/bench.sh inside                                         the steps inside a request, in one process
#   scripts/bench.sh logins | import | flood                        figures for a reader, written nowhere
#
# Parts and more options: python3 -m scripts.bench.run --help. BENCH_BINARY, BENCH_FLOOR, BENCH_BARE_BCRYPT and
# BENCH_ALLOCATIONS name programs that are built already, BENCH_BEFORE another Doorward that me and calls measure as well;
# TEST_DATABASE_URL a PostgreSQL to use instead of one that is started.
set -euo pipefail
cd "$(dirname "$0")/.."

usage() { sed -n '2,12s/^# \{0,1\}//p' "$0" >&2; exit 2; }
[ $# -gt 0 ] || usage
case $1 in
    page | inside | logins | import | flood) ;;
    *)
        # What is wrong with the arguments is said before anything is built.
        said=$(python3 -m scripts.bench.run "$@" --dry-run 2>&1) || { printf '%s\n' "$said" >&2; exit 2; }
        case " $* " in *" --dry-run "* | *" --help "* | *" -h "*) printf '%s\n' "$said" >&2; exit ;; esac
        ;;
esac
# Settings of somebody's own service are no settings of a benchmark.
for name in $(compgen -e DOORWARD_ || true); do unset "$name"; done

# Draws the pictures in an environment of their own, and writes the page.
page() {
    local wanted
    wanted=$(sha256sum <scripts/bench/requirements.txt)
    if [ "$(cat target/bench/plots/installed 2>/dev/null)" != "$wanted" ]; then
        rm -rf target/bench/plots
        python3 -m venv target/bench/plots
        target/bench/plots/bin/pip install -q --disable-pip-version-check --no-input -r scripts/bench/requirements.txt
        printf '%s\n' "$wanted" >target/bench/plots/installed
    fi
    target/bench/plots/bin/python -m scripts.bench.plots
    python3 -m scripts.bench.page
}

case $1 in
    page) [ $# -eq 1 ] || usage; page; exit ;;
    inside) exec cargo bench --locked --package doorward-bench --features inside "${@:2}" ;;
esac
command -v wrk >/dev/null || [ "$1" = import ] || { echo "wrk is missing: Debian has it in the package wrk" >&2; exit 1; }

# Passwords may be cheap, so that what is measured is everything else.
[ -n "${BENCH_BINARY:-}" ] || scripts/test/build.sh --release
[ "$1" != flood ] || exec python3 -m scripts.bench.flood "${BENCH_BINARY:-target/end-to-end/doorward}" "${@:2}"
case $1 in
    logins | import) ;;
    *) if [ -z "${BENCH_FLOOR:-}" ] || [ -z "${BENCH_BARE_BCRYPT:-}" ]; then cargo build --locked --release --package doorward-bench --bins; fi ;;
esac
case " $* " in
    *" all "* | *" allocations "*)
        [ -n "${BENCH_ALLOCATIONS:-}" ] || cargo build --locked --release --package doorward-bench --features inside --bin allocations
        ;;
esac
if [ -z "${TEST_DATABASE_URL:-}" ]; then
    exec env POSTGRES_DURABLE=1 BENCH_BINARY="${BENCH_BINARY:-target/end-to-end/doorward}" scripts/test/postgres.sh scripts/bench.sh "$@"
fi
case $1 in
    logins) exec scripts/bench/logins.sh ;;
    import)
        for store in sqlite postgres; do
            echo "$store"
            scripts/bench/import.sh "${BENCH_BINARY:-target/end-to-end/doorward}" "$store" "${@:2}"
        done
        ;;
    *)
        # What could be measured is on the page, also where something could not; what goes elsewhere is not.
        status=0
        python3 -m scripts.bench.run "$@" || status=$?
        [[ " $*" == *" --results"* ]] || page
        exit "$status"
        ;;
esac
