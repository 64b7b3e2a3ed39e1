# shellcheck shell=bash
# Sourced by the scripts beside it: each step is announced, timed, and its failure names it.

# step NAME COMMAND...: runs the command; prints what it is and the seconds it took.
step() {
  local name=$1 started=$SECONDS
  shift
  printf '== %s\n' "$name" >&2
  if ! "$@"; then
    printf '== %s: failed after %d s\n' "$name" "$((SECONDS - started))" >&2
    return 1
  fi
  printf '== %s: %d s\n' "$name" "$((SECONDS - started))" >&2
}
