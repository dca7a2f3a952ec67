#!/bin/sh
# Writes a list of entries into the KV store, and deletes what an earlier list of the same name held.
#
# SEED_NAME; SEED_FILE, a line for each entry, in the order of application: what changes in one transaction with it, the
# rest of its key, and its value in base64, divided by tabs;
# SEED_INTERVAL_SECONDS (0) until it looks again, 0 for once; SEED_TIMEOUT_SECONDS (0) for the store to answer, 0 for no
# end; and those of kv.sh.

. "${0%/*}/common.sh"
. "${0%/*}/kv.sh"

kv_check
[ -n "${SEED_NAME:-}" ] || fail settings 'SEED_NAME is empty'
[ -r "${SEED_FILE:-}" ] || fail settings "SEED_FILE ${SEED_FILE:-} cannot be read"

# A config of a swarm is never empty, though there may be nothing to write.
sed '/^$/d' "$SEED_FILE" >"$WORK/seed"

while :; do
  began=$(now) delay=1
  until kv_apply "$WORK/seed" "traefik-ha/seeds/$SEED_NAME"; do
    if [ "${SEED_TIMEOUT_SECONDS:-0}" -gt 0 ] && [ $(($(now) - began + delay)) -gt "$SEED_TIMEOUT_SECONDS" ]; then
      log error gave-up "seed=$SEED_NAME" "message=\"$KV_ERROR\""
      exit 1
    fi
    log warn store-failed "seed=$SEED_NAME" "retry=$delay" "message=\"$KV_ERROR\""
    pause "$delay"
    delay=$((delay < 16 ? delay * 2 : 30))
  done
  log info seeded "seed=$SEED_NAME" "set=$KV_SET" "deleted=$KV_DELETED"
  [ "${SEED_INTERVAL_SECONDS:-0}" -gt 0 ] || exit 0
  pause "$SEED_INTERVAL_SECONDS"
done
