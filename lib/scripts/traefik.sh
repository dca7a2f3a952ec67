#!/bin/sh
# Runs Traefik with the arguments that it is given.
#
# ARG_FILES: further arguments whose values are secrets, such as --providers.consul.token=@/run/secrets/token, divided by
# white space; RELOAD_DIR: where the file provider reads, which Traefik is told to do again when something changed
# there, as file systems of the network don't tell; RELOAD_INTERVAL_SECONDS (5).

for argument in ${ARG_FILES:-}; do
  value=$(cat "${argument#*=@}") || exit 2
  set -- "$@" "${argument%%=@*}=$value"
done
unset argument value

[ -n "${RELOAD_DIR:-}" ] || exec traefik "$@"

. "${0%/*}/common.sh"
. "${0%/*}/pem.sh"

fingerprint() {
  find "$RELOAD_DIR" -type f ! -path '*/.tmp*' | sort | while IFS= read -r file; do sha256sum "$file"; done 2>/dev/null | sha256sum
}

# Whether every pair that the configuration names is whole: else Traefik would go on without it.
is_whole() {
  cat "$RELOAD_DIR"/*.yml "$RELOAD_DIR"/*.yaml 2>/dev/null | tr -d "\"'" |
    awk '
      $1 == "-" { certificate = key = ""; $1 = ""; $0 = $0 }
      $1 == "certFile:" { certificate = $2 }
      $1 == "keyFile:" { key = $2 }
      certificate ~ /^\// && key ~ /^\// { print certificate, key; certificate = key = "" }
    ' >"$WORK/pairs"
  while read -r certificate key; do
    check_pair "$certificate" "$key" || return 1
  done <"$WORK/pairs"
}

watch() {
  trap - TERM INT EXIT
  refused=
  while sleep "${RELOAD_INTERVAL_SECONDS:-5}" >/dev/null 2>&1; do
    current=$(fingerprint)
    [ "$current" != "$known" ] || continue
    if is_whole; then
      kill -HUP "$1" || return
      known=$current refused=
      log info reloaded
    elif [ "$current" != "$refused" ]; then
      refused=$current
      log warn reload-refused "message=\"$certificate: $PAIR_ERROR\""
    fi
  done
}

known=$(fingerprint)
# Until Traefik listens to HUP, it would die of it.
(trap '' HUP; trap - EXIT; exec traefik "$@") &
traefik=$!
trap 'kill -TERM "$traefik"' TERM INT
watch "$traefik" &
watcher=$!
wait "$traefik"
status=$?
# A signal ends the waiting as well as Traefik does.
while kill -0 "$traefik" 2>/dev/null; do
  wait "$traefik"
  status=$?
done
kill "$watcher" 2>/dev/null
exit "$status"
