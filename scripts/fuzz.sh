#!/usr/bin/env bash
# Lets libFuzzer make up what strangers may send. It needs cargo-fuzz, which scripts/test/install.sh brings along.
#
#   scripts/fuzz.sh                       every target for a few seconds: what scripts/test.sh does
#   scripts/fuzz.sh --seconds 600         every target for ten minutes, going on where the last time ended
#   scripts/fuzz.sh --seconds 600 json    one target, or several
#
# What breaks something is kept in target/fuzz/broken, what led somewhere new in a long run in target/fuzz/corpus.
# With SANITIZER=address the memory of our dependencies is watched as well.
set -euo pipefail
cd "$(dirname "$0")/.."

usage() { sed -n '4,6s/^#   //p' scripts/fuzz.sh >&2; exit 2; }

# Short runs begin the same way each time, so that a change is not blamed for what an older one brought.
seconds=6 seed=1 kept=target/fuzz/short
rm -rf "$kept"
if [ "${1:-}" = --seconds ]; then
    [[ ${2:-} =~ ^[1-9][0-9]*$ ]] || usage
    seconds=$2 seed=0 kept=target/fuzz/corpus
    shift 2
fi
for target; do [ -f "crates/fuzz/targets/$target.rs" ] || usage; done
if [ "$#" -eq 0 ]; then
    set -- crates/fuzz/targets/*.rs
    set -- "${@##*/}"
    set -- "${@%.rs}"
fi

export PATH="$PWD/target/ci-tools/python/bin:$PATH"
sanitizer=${SANITIZER:-none}
# A sanitizer is a flag that only nightly compilers take, unless they are told to be one.
[ "$sanitizer" = none ] || export RUSTC_BOOTSTRAP=1

# The same versions as everywhere else; cargo adds what libFuzzer needs.
[ crates/fuzz/Cargo.lock -nt Cargo.lock ] || cp Cargo.lock crates/fuzz/Cargo.lock
# One build for all. `cfg(fuzzing)` stays off: dependencies would be others than those that are shipped.
cargo fuzz build --fuzz-dir crates/fuzz --target-dir target/fuzz --dev --sanitizer "$sanitizer" --no-cfg-fuzzing
host=$(rustc -vV | sed -n 's/^host: //p')

# minimise TARGET: keeps of what it has found the fewest inputs that lead everywhere.
minimise() {
    local fewest=$kept/$1.fewest
    rm -rf "$fewest"
    mkdir "$fewest"
    "target/fuzz/$host/debug/$1" -merge=1 -max_len=4096 "$fewest" "$kept/$1" >>"target/fuzz/$1.log" 2>&1
    rm -rf "${kept:?}/$1"
    mv "$fewest" "$kept/$1"
}

# fuzz TARGET: runs it for so many seconds; tells in one line what it did, or all of what it said.
fuzz() {
    local target=$1
    local broken=target/fuzz/broken/$target log=target/fuzz/$target.log
    mkdir -p "$kept/$target" "$broken"
    if "target/fuzz/$host/debug/$target" -seed="$seed" -max_total_time="$seconds" -timeout=10 \
        -max_len=4096 -dict="crates/fuzz/dictionaries/$target" -artifact_prefix="$broken/" \
        "$kept/$target" "crates/fuzz/corpus/$target" >"$log" 2>&1; then
        local tried
        tried=$(sed -nE 's/^#([0-9]+)\tDONE +cov: ([0-9]+) ft: ([0-9]+) .*/\1 inputs, \2 edges, \3 features/p' "$log")
        [ -n "$tried" ] || { cat "$log"; echo "$target tried nothing"; return 1; }
        printf '%-14s %s\n' "$target" "$tried"
        # What leads nowhere new is dropped, or a long run would end up doing nothing but read.
        if [ "$seed" = 0 ]; then minimise "$target"; fi
    else
        grep -v '^#' "$log"
        echo "$target is broken; what broke it is in $broken and belongs into crates/fuzz/corpus/$target"
        return 1
    fi
}

# One on each core.
export -f fuzz minimise
export seconds seed kept host
printf '%s\n' "$@" | xargs -P "$(getconf _NPROCESSORS_ONLN)" -I {} bash -euo pipefail -c 'fuzz {}'
