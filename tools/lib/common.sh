# Shared by tools/setup: where things are, and how it talks. Sourced, not run.
# Progress goes to stderr, results to stdout, so that $(tools/setup --qemu-path) is usable.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cache=${TAIL4_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/tail4}

say() { echo "setup: $*" >&2; }

die() {
    echo "setup: $*" >&2
    exit 1
}

# run_logged NAME COMMAND...: the output goes to a log file, whose end is shown if the command fails.
run_logged() {
    local log=$cache/log/$1
    shift
    mkdir -p "$cache/log"
    if ! "$@" >"$log" 2>&1; then
        tail -n 25 "$log" >&2
        die "'$1' failed; the whole log is $log"
    fi
}
