#!/bin/sh
# Orders certificates from an ACME server by DNS-01, renews them, and keeps them published: in the KV store, or as files
# that Traefik reads. Names are those declared and those of running routers. Two of it on one state do no harm.
#
# STATE_DIR (a volume); CERTIFICATES_FILE, a line for each certificate: name and domains, divided by spaces;
# ACME_CLIENT lego (4) or certbot (2); ACME_SERVER; ACME_EMAIL (lego needs one); ACME_CA_FILE, if the server is not
# publicly trusted; DNS_PROVIDER of the client, with its variables; CREDENTIALS_FILE (certbot's DNS plugins);
# ACME_ARGUMENTS, more options for the client; RENEW_DAYS (30), or a third of the lifetime if that is less;
# RECONCILE_INTERVAL_SECONDS (300), 0 for once; RETRY_SECONDS (300) after a failed order, then twice as long each time up
# to a day; ORDER_SECONDS (900) that an order may take;
# TRAEFIK_API (http://traefik:8080/api) and ZONES, divided by spaces, within which hosts of routers get a certificate;
# KEEP_SECONDS (604800) that a certificate outlives the last router of its host;
# PUBLISH_TO kv, with PUBLISHER_NAME and the variables of kv.sh, or files, with SHARED_DIR and SHARED_DIR_OF_TRAEFIK
# (the same), where the folder is mounted there; UNUSED_SECONDS (3600) until files that nothing refers to are removed.

. "${0%/*}/common.sh"
. "${0%/*}/pem.sh"
. "${0%/*}/kv.sh"

[ -d "${STATE_DIR:-}" ] || fail settings "STATE_DIR ${STATE_DIR:-} is no folder"
[ -r "${CERTIFICATES_FILE:-}" ] || fail settings "CERTIFICATES_FILE ${CERTIFICATES_FILE:-} cannot be read"
[ -n "${ACME_SERVER:-}" ] || fail settings 'ACME_SERVER is empty'
case ${ACME_CLIENT:=lego} in
lego) [ -n "${ACME_EMAIL:-}" ] || fail settings 'ACME_EMAIL is empty: lego 4 makes no account without one' ;;
certbot) ;;
*) fail settings "ACME_CLIENT is lego or certbot, not $ACME_CLIENT" ;;
esac
# The image of lego has it in the root, where nobody looks.
PATH=$PATH:/
has "$ACME_CLIENT" || fail settings "$ACME_CLIENT is not in this image"
case ${PUBLISH_TO:-} in
kv)
  kv_check
  [ -n "${PUBLISHER_NAME:-}" ] || fail settings 'PUBLISHER_NAME is empty'
  ;;
files) [ -d "${SHARED_DIR:-}" ] || fail settings "SHARED_DIR ${SHARED_DIR:-} is no folder" ;;
*) fail settings "PUBLISH_TO is kv or files, not ${PUBLISH_TO:-empty}" ;;
esac
if [ -n "${ACME_CA_FILE:-}" ]; then
  export LEGO_CA_CERTIFICATES="$ACME_CA_FILE" REQUESTS_CA_BUNDLE="$ACME_CA_FILE"
fi

PAIRS=$STATE_DIR/certificates
ACCOUNTS=$STATE_DIR/accounts-$(printf '%s %s %s' "$ACME_CLIENT" "$ACME_SERVER" "${ACME_EMAIL:-}" | sha256sum | cut -c 1-16)
RETRIES=$STATE_DIR/retries

# put FILE TARGET: the target is the old one or the new one, whole, whatever happens. Its folder holds no other of ours
# that begins like this, and what an interrupted one left is written over.
put() {
  next=${2%/*}/.tmp.${2##*/}
  if { cat "$1" >"$next" && to_disk "$next" && cmp -s "$1" "$next" && mv "$next" "$2"; } 2>"$WORK/error"; then
    to_disk "${2%/*}"
    return 0
  fi
  rm -f "$next"
  return 1
}

# Pairs are kept in one file each, so that there is never a half of one.
# unpack FILE CERTIFICATES KEY
unpack() {
  : >"$2"
  : >"$3"
  [ -r "$1" ] || return
  sed -n '/^-----BEGIN CERTIFICATE-/,/^-----END CERTIFICATE-/p' "$1" >"$2"
  sed -n '/^-----BEGIN .*PRIVATE KEY-/,/^-----END .*PRIVATE KEY-/p' "$1" >"$3"
}

# The certificates to be had, as lines of name and domains, in $WORK/wanted-certificates.
wanted() {
  sed 's/#.*//' "$CERTIFICATES_FILE" | awk 'NF > 1 { $1 = $1; print }' >"$WORK/declared"
  cat "$STATE_DIR/discovered" >"$WORK/discovered" 2>/dev/null
  [ -z "${TRAEFIK_API:-}" ] || discover
  awk -v now="$(now)" -v keep="${KEEP_SECONDS:-604800}" -v zones="${ZONES:-}" '
    BEGIN { zoneCount = split(zones, zone, " ") }
    FILENAME == ARGV[1] { print; names[$1]; for (at = 2; at <= NF; at++) covered[tolower($at)]; next }
    {
      parent = $1
      sub(/^[^.]*/, "*", parent)
      if ($1 in names || $1 in covered || parent in covered || now - $2 > keep) next
      for (at = 1; at <= zoneCount; at++) {
        if ($1 == zone[at] || substr($1, length($1) - length(zone[at])) == "." zone[at]) { print $1, $1; next }
      }
    }
  ' "$WORK/declared" "$WORK/discovered" >"$WORK/wanted-certificates"
}

# Notes when each host was last seen in a router, so that one that restarts does not lose its certificate.
discover() {
  : >"$WORK/hosts"
  for protocol in http tcp; do
    routers_of "$protocol" 2>"$WORK/error" || {
      log warn routers-unknown "message=\"$(one_line "$WORK/error")\""
      return
    }
    hosts_of_rules "$protocol" <"$WORK/routers" >>"$WORK/hosts"
  done
  awk -v now="$(now)" -v keep="${KEEP_SECONDS:-604800}" '
    FILENAME == ARGV[1] { seen[$1] = now; next }
    !($1 in seen) && now - $2 <= keep { seen[$1] = $2 }
    END { for (host in seen) print host, seen[host] }
  ' "$WORK/hosts" "$WORK/discovered" | sort >"$WORK/discovered.new"
  mv "$WORK/discovered.new" "$WORK/discovered"
  put "$WORK/discovered" "$STATE_DIR/discovered" || log error disk "message=\"$(one_line "$WORK/error")\""
}

# routers_of PROTOCOL: what Traefik says of its routers.
routers_of() {
  url="${TRAEFIK_API%/}/$1/routers?per_page=10000"
  if has curl; then
    run curl --disable --silent --show-error --fail --noproxy '*' --max-time 15 --output "$WORK/routers" "$url"
  else
    run timeout 15 wget -q -O "$WORK/routers" "$url"
  fi
}

# hosts_of_rules PROTOCOL: the hosts that rules ask for. Those that rules exclude are none; a rule that excludes a group
# is left alone, and so is what Traefik passes on as it is.
hosts_of_rules() {
  case $1 in
  http) matcher=Host ;;
  tcp) matcher=HostSNI ;;
  esac
  sed 's/"rule":/\n&/g' | grep -v '"passthrough": *true' |
    grep -oE '"rule": ?"([^"\\]|\\.)*"' | sed "s/\\\\\"/'/g; s/\`/'/g; s/! *$matcher([^)]*)//g" | grep -v '! *(' |
    grep -oE "[^A-Za-z]$matcher\([^)]*\)" | grep -oE "'[^']+'" | tr -d "'" | tr '[:upper:]' '[:lower:]' |
    grep -E '^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z0-9-]+$' | sort -u
}

# why_order NAME DOMAINS: why a certificate has to be ordered; nothing if it has not.
why_order() {
  unpack "$PAIRS/$1.pem" "$WORK/tls.crt" "$WORK/tls.key"
  if ! check_pair "$WORK/tls.crt" "$WORK/tls.key"; then
    echo missing
  elif [ "$(head -n 1 "$PAIRS/$1.pem")" != "# $2" ]; then
    echo domains
  else
    # shellcheck disable=SC2046 # two numbers
    set -- $(validity "$WORK/tls.crt")
    [ $# = 2 ] || return
    early=$((${RENEW_DAYS:-30} * 86400)) third=$((($2 - $1) / 3))
    [ $(($2 - $(now))) -gt $((early < third ? early : third)) ] || echo expiry
  fi
}

# order NAME DOMAIN...: into a folder of its own, of which only a whole pair leaves.
order() {
  name=$1
  shift
  folder=$STATE_DIR/.tmp.order
  rm -rf "$folder"
  # An order whose certificate can't be kept would only use up what the server allows.
  if ! { mkdir "$folder" && head -c 262144 /dev/zero >"$folder/space" && to_disk "$folder/space" && rm "$folder/space"; } \
    2>"$WORK/error"; then
    log error disk "certificate=$name" "message=\"$(one_line "$WORK/error")\""
    rm -rf "$folder"
    return 1
  fi
  [ ! -d "$ACCOUNTS" ] || cp -R "$ACCOUNTS" "$folder/accounts"
  client "$@" >"$WORK/client" 2>&1 </dev/null
  set -- $? "$*"
  # certbot tells what went wrong in its log alone.
  unknown_account=$(grep -rls accountDoesNotExist "$WORK/client" "$folder/logs")
  keep_account
  case $ACME_CLIENT in
  lego) pair=$(echo "$folder"/certificates/*.key) && set -- "$@" "${pair%.key}.crt" "$pair" ;;
  certbot) set -- "$@" "$folder/live/order/fullchain.pem" "$folder/live/order/privkey.pem" ;;
  esac
  cat "$3" >"$WORK/tls.crt" 2>/dev/null
  cat "$4" >"$WORK/tls.key" 2>/dev/null
  rm -rf "$folder"
  if [ "$1" != 0 ]; then
    log error order-failed "certificate=$name" "status=$1" "message=\"$(one_line "$WORK/client")\""
    # The server forgot the account, or it was closed: the next order makes one.
    [ -z "$unknown_account" ] || rm -rf "$ACCOUNTS"
  elif ! check_pair "$WORK/tls.crt" "$WORK/tls.key"; then
    log error order-failed "certificate=$name" "message=\"$PAIR_ERROR\""
  elif { echo "# $2" && cat "$WORK/tls.crt" "$WORK/tls.key"; } >"$WORK/pair" && put "$WORK/pair" "$PAIRS/$name.pem"; then
    log info ordered "certificate=$name" "domains=\"$2\""
    rm -f "$RETRIES/$name"
    return 0
  else
    log error disk "certificate=$name" "message=\"$(one_line "$WORK/error")\""
  fi
  return 1
}

# client DOMAIN...
client() {
  options=${ACME_ARGUMENTS:-}
  case $ACME_CLIENT in
  lego)
    for domain in "$@"; do set -- "$@" --domains "$domain" && shift; done
    # shellcheck disable=SC2086 # options
    run timeout "${ORDER_SECONDS:-900}" lego --accept-tos --path "$folder" --server "$ACME_SERVER" \
      --email "$ACME_EMAIL" ${DNS_PROVIDER:+--dns "$DNS_PROVIDER"} $options "$@" run
    ;;
  certbot)
    for domain in "$@"; do set -- "$@" --domain "$domain" && shift; done
    if [ -n "${ACME_EMAIL:-}" ]; then
      set -- "$@" --email "$ACME_EMAIL"
    else
      set -- "$@" --register-unsafely-without-email
    fi
    [ -z "${DNS_PROVIDER:-}" ] || set -- "$@" "--dns-$DNS_PROVIDER"
    [ -z "${CREDENTIALS_FILE:-}" ] || set -- "$@" "--dns-$DNS_PROVIDER-credentials" "$CREDENTIALS_FILE"
    # shellcheck disable=SC2086 # options
    run timeout "${ORDER_SECONDS:-900}" certbot certonly --non-interactive --agree-tos --config-dir "$folder" \
      --work-dir "$folder/work" --logs-dir "$folder/logs" --server "$ACME_SERVER" --cert-name order $options "$@"
    ;;
  esac
}

# The account of the first order serves all others. One that was written to a full disk is not kept.
keep_account() {
  [ ! -d "$ACCOUNTS" ] && [ -d "$folder/accounts" ] || return
  find "$folder/accounts" -type f >"$WORK/account"
  grep -q '/\(account\|regr\)\.json$' "$WORK/account" || return
  while IFS= read -r file; do
    case $file in
    *.json) tail -n 1 "$file" | grep -q '}$' || return ;;
    *.key) is_whole_pem "$file" 'PRIVATE KEY-----$' || return ;;
    esac
    to_disk "$file"
  done <"$WORK/account"
  mv "$folder/accounts" "$ACCOUNTS"
}

# may_order NAME: whether the pause after the last failure is over.
may_order() {
  [ -s "$RETRIES/$1" ] || return 0
  read -r after _ <"$RETRIES/$1"
  ! [ "$(now)" -lt "${after:-0}" ]
}

pause_order() {
  seconds=${RETRY_SECONDS:-300}
  if [ -s "$RETRIES/$1" ]; then
    read -r _ last <"$RETRIES/$1"
    seconds=$((last < 43200 ? last * 2 : 86400))
  fi
  echo "$(($(now) + seconds)) $seconds" >"$WORK/retry"
  put "$WORK/retry" "$RETRIES/$1"
}

publish() {
  case $PUBLISH_TO in
  kv) publish_to_kv ;;
  files) publish_to_files ;;
  esac
}

publish_to_kv() {
  : >"$WORK/list"
  while read -r name _; do
    unpack "$PAIRS/$name.pem" "$WORK/tls.crt" "$WORK/tls.key"
    if check_pair "$WORK/tls.crt" "$WORK/tls.key"; then
      kv_certificate "$name" "$WORK/tls.crt" "$WORK/tls.key"
    else
      kv_certificate "$name"
    fi >>"$WORK/list"
  done <"$WORK/wanted-certificates"
  if kv_apply "$WORK/list" "traefik-ha/publishers/$PUBLISHER_NAME"; then
    [ "$KV_SET$KV_DELETED" = 00 ] || log info published "set=$KV_SET" "deleted=$KV_DELETED"
  else
    log error store-failed "message=\"$KV_ERROR\""
    return 1
  fi
}

# A new folder holds all pairs; the configuration, which comes last, names it. Both appear whole, by a rename.
publish_to_files() {
  configuration=$SHARED_DIR/certificates.yml
  current=$(sed -n 's/^# folder: //p' "$configuration" 2>/dev/null)
  remove_unused
  rm -rf "$WORK/set"
  mkdir "$WORK/set"
  while read -r name _; do
    unpack "$PAIRS/$name.pem" "$WORK/set/$name.crt" "$WORK/set/$name.key"
    check_pair "$WORK/set/$name.crt" "$WORK/set/$name.key" && continue
    rm -f "$WORK/set/$name.crt" "$WORK/set/$name.key"
    # Without a state, what is served goes on being served.
    if [ -n "$current" ] && check_pair "$SHARED_DIR/$current/$name.crt" "$SHARED_DIR/$current/$name.key" 2>/dev/null; then
      cp "$SHARED_DIR/$current/$name.crt" "$SHARED_DIR/$current/$name.key" "$WORK/set/"
    fi
  done <"$WORK/wanted-certificates"
  hash=$(cd "$WORK/set" && find . -type f | sort | xargs -r sha256sum | sha256sum | cut -c 1-16)
  configure "$current" >"$WORK/certificates.yml"
  if [ "${current#*-}" = "$hash" ] && diff -r "$WORK/set" "$SHARED_DIR/$current" >/dev/null 2>&1 &&
    cmp -s "$WORK/certificates.yml" "$configuration"; then
    return 0
  fi
  current=$(now)-$hash
  folder=$SHARED_DIR/.tmp.folder
  rm -rf "$folder" "${SHARED_DIR:?}/$current"
  configure "$current" >"$WORK/certificates.yml"
  if cp -R "$WORK/set" "$folder" 2>"$WORK/error" && all_to_disk && diff -r "$WORK/set" "$folder" >"$WORK/error" &&
    mv "$folder" "$SHARED_DIR/$current" && put "$WORK/certificates.yml" "$configuration"; then
    log info published "folder=$current" "certificates=$(grep -c certFile "$WORK/certificates.yml")"
  else
    log error disk "message=\"$(one_line "$WORK/error")\""
    rm -rf "$folder" "${SHARED_DIR:?}/$current"
    return 1
  fi
}

all_to_disk() {
  for file in "$folder"/*; do [ ! -e "$file" ] || to_disk "$file" || return; done
}

# configure FOLDER
configure() {
  echo "# folder: $1"
  [ -n "$(ls "$WORK/set")" ] || return 0
  printf 'tls:\n  certificates:\n'
  for file in "$WORK"/set/*.crt; do
    name=${file##*/}
    name=${SHARED_DIR_OF_TRAEFIK:-$SHARED_DIR}/$1/${name%.crt}
    printf '    - certFile: "%s.crt"\n      keyFile: "%s.key"\n' "$name" "$name"
  done
}

remove_unused() {
  [ -r "$configuration" ] || return
  for each in "$SHARED_DIR"/[0-9]*-*; do
    name=${each##*/}
    [ -d "$each" ] || continue
    grep -qF "$name" "$configuration"
    [ $? = 1 ] || continue
    [ $(($(now) - ${name%%-*})) -le "${UNUSED_SECONDS:-3600}" ] || rm -rf "$each"
  done
}

reconcile() {
  mkdir -p "$PAIRS" "$RETRIES" 2>"$WORK/error" || log error disk "message=\"$(one_line "$WORK/error")\""
  wanted
  publish
  published=$? ordered=0
  while read -r name domains <&5; do
    why=$(why_order "$name" "$domains")
    [ -n "$why" ] || continue
    if may_order "$name"; then
      log info ordering "certificate=$name" "why=$why"
      set -f
      # shellcheck disable=SC2086 # a list of domains
      set -- $domains
      set +f
      if order "$name" "$@"; then
        publish
        published=$?
        continue
      fi
      pause_order "$name"
    fi
    ordered=1
  done 5<"$WORK/wanted-certificates"
  return $((published | ordered))
}

# The client holds the lock as well: if only this shell dies, the next one waits for it.
exec 9>"$STATE_DIR/lock"
if ! flock -n 9; then
  log info waiting 'message="another renewer is at work"'
  run flock 9 || fail lock "cannot lock $STATE_DIR/lock"
fi
rm -rf "$STATE_DIR"/.tmp.* "$PAIRS"/.tmp.* "$RETRIES"/.tmp.*
[ "$PUBLISH_TO" != files ] || rm -rf "$SHARED_DIR"/.tmp.*
log info started "client=$ACME_CLIENT" "publish=$PUBLISH_TO"
while :; do
  reconcile
  outcome=$?
  [ "${RECONCILE_INTERVAL_SECONDS:-300}" -gt 0 ] || exit "$outcome"
  pause "$RECONCILE_INTERVAL_SECONDS"
done
