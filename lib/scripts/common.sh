# shellcheck shell=sh
# What the scripts of containers share. They are written for the ash of busybox and use nothing but its tools.

set -u
umask 077
export LC_ALL=C

WORK=$(mktemp -d "${TMPDIR:-/tmp}/traefik-ha.XXXXXX") || exit 1
CHILD=

# log LEVEL EVENT [KEY=VALUE]...: one line for each event.
log() {
  level=$1 event=$2
  shift 2
  printf 'time=%s level=%s event=%s%s\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$level" "$event" "${*:+ $*}"
}

# fail CODE-WORD MESSAGE: what a person must mend ends the script.
fail() {
  log error "$1" "message=\"$2\""
  exit 2
}

# one_line FILE: the end of a text as one line that fits between quotes.
one_line() {
  tail -c 600 "$1" | tr '\r\n\t"' "   '" | tr -s ' '
}

# run COMMAND...: a signal is served while the command runs, not only after it.
run() {
  "$@" <&3 3<&- &
  CHILD=$!
  wait "$CHILD"
  set -- $?
  CHILD=
  return "$1"
} 3<&0

# A sleep that outlives us holds neither our output nor the lock that 9 may be.
pause() {
  run sleep "$1" >/dev/null 2>&1 9>&-
}

stop() {
  [ -z "$CHILD" ] || kill "$CHILD" 2>/dev/null
  exit 143
}

trap stop TERM INT
trap 'rm -rf "$WORK"' EXIT

now() {
  date +%s
}

# to_disk FILE...: what was written survives a loss of power.
to_disk() {
  sync "$@" 2>/dev/null || sync
}
