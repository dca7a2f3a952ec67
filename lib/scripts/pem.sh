# shellcheck shell=sh
# Certificates and keys in PEM, read without openssl, which few images hold.

# is_whole_pem FILE LABEL: every block is closed, and one has the label (a pattern of awk).
is_whole_pem() {
  awk -v want="$2" '
    { sub(/\r$/, "") }
    /^-----BEGIN / { if (label != "") bad = 1; label = substr($0, 12); lines = 0; next }
    /^-----END / { if (substr($0, 10) != label || !lines) bad = 1; if (label ~ want) found = 1; label = ""; next }
    label != "" { lines++; if ($0 !~ /^[A-Za-z0-9+\/=]+$/) bad = 1 }
    END { exit bad || label != "" || !found }
  ' "$1"
}

# hex_of FILE LABEL: the first block with the label, in hexadecimal digits.
hex_of() {
  awk -v want="$2" '
    { sub(/\r$/, "") }
    inside && /^-----END / { exit }
    inside
    /^-----BEGIN / && substr($0, 12) ~ want { inside = 1 }
  ' "$1" | base64 -d 2>/dev/null | od -An -v -tx1 | tr -d ' \n'
}

# check_pair CERTIFICATES KEY: both are whole, and the key is that of the first certificate. Keys of RSA (with the usual
# exponent), P-256 and P-384 hold their public half, which the certificate must hold, too; of others nothing is known.
check_pair() {
  PAIR_ERROR=
  if [ ! -s "$1" ] || ! is_whole_pem "$1" '^CERTIFICATE-----$'; then
    PAIR_ERROR='the certificate is not whole'
  elif [ ! -s "$2" ] || ! is_whole_pem "$2" 'PRIVATE KEY-----$'; then
    PAIR_ERROR='the key is not whole'
  else
    key_hex=$(hex_of "$2" 'PRIVATE KEY-----$')
    public_hex=
    case $key_hex in
    *0201000282*0203010001*)
      public_hex=${key_hex#*0201000282}
      public_hex=0282${public_hex%%0203010001*}0203010001
      ;;
    *a144034200*) public_hex=034200$(printf %.130s "${key_hex##*a144034200}") ;;
    *a164036200*) public_hex=036200$(printf %.194s "${key_hex##*a164036200}") ;;
    esac
    case $(hex_of "$1" '^CERTIFICATE-----$') in
    *"$public_hex"*) ;;
    *) PAIR_ERROR='the key is not that of the certificate' ;;
    esac
  fi
  [ -z "$PAIR_ERROR" ]
}

# validity CERTIFICATES: from when and until when the first one is valid, in seconds since 1970.
validity() {
  times=$(hex_of "$1" '^CERTIFICATE-----$' |
    grep -oE '(170d3[0-9](3[0-9]){11}5a|180f3[0-9](3[0-9]){13}5a){2}' | head -n 1)
  for time in $(printf %s "$times" | sed 's/5a/ /g'); do
    digits=$(printf %s "${time#????}" | sed 's/3\(.\)/\1/g')
    [ "${#digits}" = 14 ] || digits=20$digits
    date -u -d "$(printf %s "$digits" | sed 's/\(....\)\(..\)\(..\)\(..\)\(..\)\(..\)/\1-\2-\3 \4:\5:\6/')" +%s
  done
}
