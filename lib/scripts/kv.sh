# shellcheck shell=sh
# Reads and writes the KV store that Traefik reads: etcd and Consul over HTTP, Redis by its own protocol. curl is used
# where it is there. The nc of busybox serves plain connections without it.
#
# KV_STORE etcd, consul or redis; KV_ENDPOINT http://host:port, https://host:port, redis://host:port or
# rediss://host:port; KV_ROOT; KV_DATABASE (redis); KV_USERNAME_FILE, KV_PASSWORD_FILE, KV_TOKEN_FILE (consul);
# KV_CA_FILE, KV_CERT_FILE, KV_KEY_FILE.

KV_ROOT=${KV_ROOT:-traefik}
KV_ERROR=
KV_SECONDS=15
TAB=$(printf '\t')
CR=$(printf '\r')

# What can't work is said at the start, not tried for ever.
kv_check() {
  case ${KV_STORE:-} in
  etcd | consul | redis) ;;
  *) fail settings "KV_STORE is etcd, consul or redis, not ${KV_STORE:-empty}" ;;
  esac
  case $KV_STORE,${KV_ENDPOINT:-} in
  redis,redis://* | etcd,http://* | consul,http://*)
    has curl || has nc || fail settings 'neither curl nor nc is in this image'
    ;;
  redis,rediss://*) has openssl || fail settings 'a redis store with TLS needs openssl in this image' ;;
  etcd,https://* | consul,https://*)
    has curl || fail settings 'https needs curl in this image: wget of busybox does not verify certificates'
    ;;
  *) fail settings "KV_ENDPOINT ${KV_ENDPOINT:-} is no address of $KV_STORE" ;;
  esac
}

has() {
  command -v "$1" >/dev/null 2>&1
}

# secret FILE: its text without the last newline; nothing if no file is named.
secret() {
  [ -z "${1:-}" ] || printf %s "$(cat "$1")"
}

encode() {
  base64 | tr -d '\n'
}

size_of() {
  wc -c <"$1" | tr -d ' '
}

# path_of KEY: as a part of a URL.
path_of() {
  case $1 in
  *[!A-Za-z0-9._~/@-]*) printf %s "$1" | od -An -v -tx1 | tr -d ' \n' | sed 's/../%&/g; s/%2f/\//g' ;;
  *) printf %s "$1" ;;
  esac
}

json_text() {
  printf %s "$1" | sed 's/[\\"]/\\&/g'
}

# kv_get KEY: its value into $WORK/value. 0 if it is there, 1 if it is not, 2 if the store did not answer.
kv_get() {
  case $KV_STORE in
  etcd)
    printf '{"key":"%s"}' "$(printf %s "$1" | encode)" >"$WORK/body"
    kv_http POST /v3/kv/range "$WORK/body" || return 2
    grep -q '"kvs": *\[ *{' "$WORK/answer" || return 1
    sed -n 's/.*"value": *"\([^"]*\)".*/\1/p' "$WORK/answer" | base64 -d >"$WORK/value"
    ;;
  consul)
    if kv_http GET "/v1/kv/$(path_of "$1")?raw"; then
      mv "$WORK/answer" "$WORK/value"
    elif [ "$KV_STATUS" = 404 ]; then
      return 1
    else
      return 2
    fi
    ;;
  redis)
    redis_command GET "$1" >"$WORK/commands"
    kv_redis || return 2
    IFS= read -r size <"$WORK/answer"
    size=${size%"$CR"}
    case $size in
    '$-1') return 1 ;;
    '$'*) tail -c "+$((${#size} + 3))" "$WORK/answer" | head -c "${size#?}" >"$WORK/value" ;;
    *) redis_refused || return 2 ;;
    esac
    [ "$(size_of "$WORK/value")" = "${size#?}" ] || redis_refused || return 2
    ;;
  esac
}

# kv_write FILE: all of its operations or none. A line is set, a key and its value in base64, or delete and a key.
kv_write() {
  case $KV_STORE in
  etcd)
    {
      printf '{"success":['
      comma=
      while IFS=$TAB read -r verb key value; do
        key=$(printf %s "$key" | encode)
        case $verb in
        set) printf '%s{"requestPut":{"key":"%s","value":"%s"}}' "$comma" "$key" "$value" ;;
        delete) printf '%s{"requestDeleteRange":{"key":"%s"}}' "$comma" "$key" ;;
        esac
        comma=,
      done <"$1"
      printf ']}'
    } >"$WORK/body" || return 2
    kv_http POST /v3/kv/txn "$WORK/body" && grep -q '"succeeded": *true' "$WORK/answer"
    ;;
  consul)
    {
      printf '['
      comma=
      while IFS=$TAB read -r verb key value; do
        printf '%s{"KV":{"Verb":"%s","Key":"%s"' "$comma" "$verb" "$(json_text "$key")"
        [ "$verb" != set ] || printf ',"Value":"%s"' "$value"
        printf '}}'
        comma=,
      done <"$1"
      printf ']'
    } >"$WORK/body" || return 2
    kv_http PUT /v1/txn "$WORK/body"
    ;;
  redis)
    {
      redis_command MULTI
      while IFS=$TAB read -r verb key value; do
        case $verb in
        set)
          printf %s "$value" | base64 -d >"$WORK/value"
          # No variable would hold the value byte for byte.
          redis_head 3 SET "$key"
          printf '\044%s\r\n' "$(size_of "$WORK/value")"
          cat "$WORK/value"
          printf '\r\n'
          ;;
        delete) redis_command DEL "$key" ;;
        esac
      done <"$1"
      redis_command EXEC
    } >"$WORK/commands" || return 2
    kv_redis || return
    if grep -q '^-' "$WORK/answer" || ! grep -q '^\*' "$WORK/answer"; then redis_refused; fi
    ;;
  esac
}

# kv_apply LIST RECORD: makes the store hold the list, and deletes what an earlier list held and this one does not.
# A line of the list is a unit, the rest of the key, and the value in base64, or a dash: what is there stays. What is of
# one unit changes in one transaction, unless it is larger than a store takes.
# Each transaction writes into RECORD as well which keys are ours, so that it is exact wherever we are killed.
kv_apply() {
  KV_SET=0 KV_DELETED=0
  kv_get "$2"
  case $? in
  0) mv "$WORK/value" "$WORK/record" ;;
  1) : >"$WORK/record" ;;
  *) return 1 ;;
  esac
  compare "$WORK/record" "$1" >"$WORK/changed" || return 1
  plan "$WORK/changed" "$WORK/record" "$1" >"$WORK/plan" || return 1
  number=1
  while grep "^$number$TAB" "$WORK/plan" | cut -f 2- >"$WORK/operations" && [ -s "$WORK/operations" ]; do
    sets=$(grep -c ^set "$WORK/operations") all=$(wc -l <"$WORK/operations")
    recorded "$WORK/operations" "$WORK/record" "$1" >"$WORK/record.new"
    if [ -s "$WORK/record.new" ]; then
      printf 'set\t%s\t%s\n' "$2" "$(encode <"$WORK/record.new")"
    else
      printf 'delete\t%s\n' "$2"
    fi >>"$WORK/operations"
    kv_write "$WORK/operations" || return 1
    mv "$WORK/record.new" "$WORK/record"
    KV_SET=$((KV_SET + sets)) KV_DELETED=$((KV_DELETED + all - sets)) number=$((number + 1))
  done
}

# compare RECORD LIST: the units that are to be written. Where the record does not tell already, the store is read.
compare() {
  awk -F "$TAB" '
    { key = $1 $2 }
    FILENAME == ARGV[1] { unitOf[key] = $1; next }
    { wanted[key] }
    $3 == "-" { next }
    !(key in unitOf) { changed[$1] }
    { units[++last] = $1; lines[last] = $1 FS key FS $3 }
    END {
      for (key in unitOf) if (!(key in wanted)) changed[unitOf[key]]
      for (unit in changed) print unit
      for (at = 1; at <= last; at++) if (!(units[at] in changed)) print lines[at]
    }' "$@" >"$WORK/entries"
  changed=
  while IFS=$TAB read -r unit key value; do
    if [ -n "$key" ]; then
      [ "$unit" != "$changed" ] || continue
      kv_get "$key"
      case $? in
      0) [ "$(encode <"$WORK/value")" != "$value" ] || continue ;;
      2) return 1 ;;
      esac
      changed=$unit
    fi
    echo "$unit"
  done <"$WORK/entries"
}

# plan CHANGED RECORD LIST: what is to be done, the number of its transaction before each line. What is gone as a whole
# comes last, in the opposite order of the record.
plan() {
  awk -F "$TAB" '
    function add(unit, line) {
      if (!(unit in count)) units[++last] = unit
      lines[unit, ++count[unit]] = line
      size[unit] += length(line)
    }
    { key = $1 $2 }
    FILENAME == ARGV[1] { changed[$1]; next }
    FILENAME == ARGV[2] { unitOf[++records] = $1; keyOf[records] = key; next }
    { wanted[key] }
    $3 != "-" { add($1, "set" FS key FS $3) }
    END {
      for (at = records; at; at--) if (!(keyOf[at] in wanted)) add(unitOf[at], "delete" FS keyOf[at])
      number = 1
      for (at = 1; at <= last; at++) {
        unit = units[at]
        if (!(unit in changed)) continue
        if (operations && (operations + count[unit] > 63 || bytes + size[unit] > 250000)) {
          number++
          operations = bytes = 0
        }
        for (line = 1; line <= count[unit]; line++) {
          if (operations++ == 63) { number++; operations = 1; bytes = 0 }
          print number FS lines[unit, line]
        }
        bytes += size[unit]
      }
    }' "$@"
}

# recorded OPERATIONS RECORD LIST: the record when the operations are done, in the order of the list.
recorded() {
  awk -F "$TAB" '
    FILENAME == ARGV[1] { if ($1 == "set") ours[$2]; else gone[$2]; next }
    { key = $1 $2 }
    FILENAME == ARGV[2] { if (key in gone) next; ours[key]; keyOf[++records] = key; lines[records] = $0; next }
    { listed[key] }
    key in ours { order[++last] = $1 FS $2 }
    END {
      for (at = 1; at <= records; at++) if (!(keyOf[at] in listed)) print lines[at]
      for (at = 1; at <= last; at++) print order[at]
    }' "$@"
}

# kv_certificate NAME [CERTIFICATES KEY]: the lines of a certificate for kv_apply; without files, what is there stays.
kv_certificate() {
  printf '%s/tls/certificates/%s\t/certFile\t' "$KV_ROOT" "$1"
  if [ $# = 1 ]; then echo -; else encode <"$2"; echo; fi
  printf '%s/tls/certificates/%s\t/keyFile\t' "$KV_ROOT" "$1"
  if [ $# = 1 ]; then echo -; else encode <"$3"; echo; fi
}

# kv_http METHOD PATH [BODY-FILE]: the body of the answer in $WORK/answer, its status in KV_STATUS.
kv_http() {
  kv_http_once "$@" && return
  # The token of etcd may have run out.
  [ "$KV_STORE" = etcd ] && [ -s "$WORK/token" ] || return
  rm "$WORK/token"
  kv_http_once "$@"
}

kv_http_once() {
  printf 'Content-Type: application/json\n' >"$WORK/headers"
  if [ "$KV_STORE" = consul ] && [ -n "${KV_TOKEN_FILE:-}" ]; then
    printf 'X-Consul-Token: %s\n' "$(secret "$KV_TOKEN_FILE")" >>"$WORK/headers"
  fi
  if [ "$KV_STORE" = etcd ] && [ -n "${KV_USERNAME_FILE:-}" ]; then
    [ -s "$WORK/token" ] || etcd_login || return
    printf 'Authorization: %s\n' "$(cat "$WORK/token")" >>"$WORK/headers"
  fi
  http_exchange "$@"
}

etcd_login() {
  cp "$WORK/headers" "$WORK/headers.kept"
  printf '{"name":"%s","password":"%s"}' "$(json_text "$(secret "$KV_USERNAME_FILE")")" \
    "$(json_text "$(secret "${KV_PASSWORD_FILE:-}")")" >"$WORK/login"
  http_exchange POST /v3/auth/authenticate "$WORK/login"
  set -- $?
  rm "$WORK/login"
  [ "$1" = 0 ] || return "$1"
  sed -n 's/.*"token": *"\([^"]*\)".*/\1/p' "$WORK/answer" >"$WORK/token"
  mv "$WORK/headers.kept" "$WORK/headers"
}

http_exchange() {
  KV_STATUS=000
  if has curl; then
    http_by_curl "$@"
  else
    http_by_nc "$@"
  fi
  case $KV_STATUS in
  200) return 0 ;;
  000) KV_ERROR="no answer from $KV_ENDPOINT: $(one_line "$WORK/error")" ;;
  *) KV_ERROR="$KV_ENDPOINT answered $KV_STATUS: $(one_line "$WORK/answer")" ;;
  esac
  return 1
}

# Options go by a file, as arguments can be read by others.
http_by_curl() {
  {
    printf 'url = "%s%s"\nrequest = "%s"\n' "${KV_ENDPOINT%/}" "$2" "$1"
    sed 's/[\\"]/\\&/g; s/.*/header = "&"/' "$WORK/headers"
    [ $# = 2 ] || printf 'header = "Expect:"\ndata-binary = "@%s"\n' "$3"
    [ -z "${KV_CA_FILE:-}" ] || printf 'cacert = "%s"\n' "$KV_CA_FILE"
    [ -z "${KV_CERT_FILE:-}" ] || printf 'cert = "%s"\nkey = "%s"\n' "$KV_CERT_FILE" "${KV_KEY_FILE:-}"
    printf 'silent\nshow-error\nnoproxy = "*"\nconnect-timeout = 5\nmax-time = %s\n' "$KV_SECONDS"
    printf 'output = "%s"\nwrite-out = "%%{http_code}"\n' "$WORK/answer"
  } >"$WORK/options"
  : >"$WORK/answer"
  if run curl --disable --config "$WORK/options" >"$WORK/status" 2>"$WORK/error"; then
    KV_STATUS=$(cat "$WORK/status")
  fi
  rm "$WORK/options"
}

# HTTP 1.0 has no chunks to put together.
http_by_nc() {
  {
    printf '%s %s HTTP/1.0\r\nHost: %s\r\nConnection: close\r\n' "$1" "$2" "${KV_ENDPOINT#*://}"
    sed "s/\$/$CR/" "$WORK/headers"
    [ $# = 2 ] || printf 'Content-Length: %s\r\n' "$(size_of "$3")"
    printf '\r\n'
    [ $# = 2 ] || cat "$3"
  } >"$WORK/request"
  exchange
  size=0 length='' status=000
  while IFS= read -r line; do
    size=$((size + ${#line} + 1))
    case $line in
    HTTP/*) status=${line#* } ;;
    [Cc]ontent-[Ll]ength:*) length=${line#*: } ;;
    "$CR") break ;;
    esac
  done <"$WORK/reply"
  tail -c "+$((size + 1))" "$WORK/reply" >"$WORK/answer"
  # An answer that was cut off is none.
  [ -n "$length" ] && [ "${length%"$CR"}" != "$(size_of "$WORK/answer")" ] || KV_STATUS=$(printf %.3s "$status")
}

redis_command() {
  redis_head $# "$@"
}

# redis_head COUNT WORD...: the first words of a command of so many.
redis_head() {
  printf '*%s\r\n' "$1"
  shift
  for word in "$@"; do printf '\044%s\r\n%s\r\n' "${#word}" "$word"; done
}

# Sends $WORK/commands; their replies are in $WORK/answer.
kv_redis() {
  before=1
  {
    if [ -n "${KV_PASSWORD_FILE:-}" ]; then
      before=$((before + 1))
      password=$(secret "$KV_PASSWORD_FILE")
      if [ -n "${KV_USERNAME_FILE:-}" ]; then
        redis_command AUTH "$(secret "$KV_USERNAME_FILE")" "$password"
      else
        redis_command AUTH "$password"
      fi
    fi
    redis_command SELECT "${KV_DATABASE:-0}"
    cat "$WORK/commands"
    redis_command QUIT
  } >"$WORK/request"
  exchange
  rm "$WORK/request"
  size=0
  while [ "$before" -gt 0 ] && IFS= read -r line; do
    [ "$line" = "+OK$CR" ] || break
    size=$((size + ${#line} + 1))
    before=$((before - 1))
  done <"$WORK/reply"
  tail -c "+$((size + 1))" "$WORK/reply" >"$WORK/answer"
  if [ ! -s "$WORK/reply" ]; then
    KV_ERROR="no answer from $KV_ENDPOINT: $(one_line "$WORK/error")"
    return 1
  fi
  [ "$before" = 0 ] || redis_refused
}

redis_refused() {
  # shellcheck disable=SC2034 # for whom reads it
  KV_ERROR="$KV_ENDPOINT answered $(grep '^-' "$WORK/answer" | head -n 1 | tr '\r"' " '")"
  return 1
}

# Sends $WORK/request and keeps what comes until the other side ends, in $WORK/reply.
exchange() {
  address=${KV_ENDPOINT#*://}
  address=${address%%/*}
  host=${address%:*} port=${address##*:}
  host=${host#[} host=${host%]}
  rm -f "$WORK/pipe"
  mkfifo "$WORK/pipe"
  # The pipe stays open, as servers take its end for a client that went away.
  exec 4<>"$WORK/pipe"
  cat "$WORK/request" >"$WORK/pipe" 4>&- &
  case $KV_ENDPOINT in
  rediss://*)
    set -- openssl s_client -quiet -verify_return_error -verify_hostname "$host" -connect "$address"
    [ -z "${KV_CA_FILE:-}" ] || set -- "$@" -CAfile "$KV_CA_FILE"
    [ -z "${KV_CERT_FILE:-}" ] || set -- "$@" -cert "$KV_CERT_FILE" -key "${KV_KEY_FILE:-}"
    ;;
  *) set -- nc "$host" "$port" ;;
  esac
  run timeout "$KV_SECONDS" "$@" <&4 >"$WORK/reply" 2>"$WORK/error"
  exec 4>&-
}
