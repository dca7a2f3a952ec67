#!/bin/sh
# Publishes certificates of mounted Secrets into the KV store: at once when one changes, and again when the store lost
# them. A pair that is half written, or whose key is another's, changes nothing.
#
# CERTIFICATES_DIR with NAME/tls.crt and NAME/tls.key; PUBLISHER_NAME; PUBLISH_INTERVAL_SECONDS (300) until the store is
# looked at again, 0 for once; LOOK_INTERVAL_SECONDS (5) until the files are; and those of kv.sh.

. "${0%/*}/common.sh"
. "${0%/*}/pem.sh"
. "${0%/*}/kv.sh"

kv_check
[ -n "${PUBLISHER_NAME:-}" ] || fail settings 'PUBLISHER_NAME is empty'
[ -d "${CERTIFICATES_DIR:-}" ] || fail settings "CERTIFICATES_DIR ${CERTIFICATES_DIR:-} is no folder"

fingerprint() {
  find "$CERTIFICATES_DIR" -maxdepth 1 | sort | cat - "$CERTIFICATES_DIR"/*/tls.crt "$CERTIFICATES_DIR"/*/tls.key 2>/dev/null |
    sha256sum
}

# What the store shall hold, in $WORK/list; of a pair that is not fit to serve, what it holds already.
list() {
  : >"$WORK/list"
  for folder in "$CERTIFICATES_DIR"/*/; do
    [ -d "$folder" ] || continue
    name=${folder%/}
    name=${name##*/}
    cat "$folder/tls.crt" >"$WORK/tls.crt" 2>/dev/null
    cat "$folder/tls.key" >"$WORK/tls.key" 2>/dev/null
    if check_pair "$WORK/tls.crt" "$WORK/tls.key"; then
      kv_certificate "$name" "$WORK/tls.crt" "$WORK/tls.key" >>"$WORK/list"
    else
      log warn pair-refused "certificate=$name" "message=\"$PAIR_ERROR\""
      kv_certificate "$name" >>"$WORK/list"
    fi
  done
}

published='' due=0 delay=1
while :; do
  current=$(fingerprint)
  if [ "$(now)" -ge "$due" ] || { [ "$delay" = 1 ] && [ "$current" != "$published" ]; }; then
    list
    if [ "$(fingerprint)" != "$current" ]; then
      log info changed-while-read
    elif kv_apply "$WORK/list" "traefik-ha/publishers/$PUBLISHER_NAME"; then
      [ "$KV_SET$KV_DELETED" = 00 ] || log info published "publisher=$PUBLISHER_NAME" "set=$KV_SET" "deleted=$KV_DELETED"
      [ "${PUBLISH_INTERVAL_SECONDS:-300}" -gt 0 ] || exit 0
      published=$current delay=1 due=$(($(now) + ${PUBLISH_INTERVAL_SECONDS:-300}))
    else
      delay=$((delay < 32 ? delay * 2 : 60)) due=$(($(now) + delay))
      log warn store-failed "publisher=$PUBLISHER_NAME" "retry=$delay" "message=\"$KV_ERROR\""
    fi
  fi
  pause "${LOOK_INTERVAL_SECONDS:-5}"
done
