# shellcheck shell=bash
# Steps of a test run: each with a heading and its time, and one line at the end that counts them.
# Sourced by scripts/test.sh.

passed=0
failed=()
started=$SECONDS

# step NAME COMMAND…: runs a step; a failure is remembered and the next step goes on.
step() {
    local name=$1 began=$SECONDS
    shift
    printf '\n==> %s\n' "$name"
    if "$@" </dev/null; then
        passed=$((passed + 1))
        printf '<== %s: passed in %d s\n' "$name" $((SECONDS - began))
    else
        failed+=("$name")
        printf '<== %s: FAILED after %d s\n' "$name" $((SECONDS - began))
        return 1
    fi
}

# check NAME COMMAND…: a step that later ones do not build on.
check() {
    step "$@" || true
}

# need NAME COMMAND…: a step without which the others make no sense.
need() {
    step "$@" || { summary; exit 1; }
}

# Says how the run ended, and fails if a step did.
summary() {
    printf '\n%d min %d s in all\n' $(((SECONDS - started) / 60)) $(((SECONDS - started) % 60))
    local name
    for name in "${failed[@]+"${failed[@]}"}"; do
        printf 'failed: %s\n' "$name"
    done
    printf '%d passed, %d failed\n' "$passed" "${#failed[@]}"
    [ "${#failed[@]}" -eq 0 ]
}
