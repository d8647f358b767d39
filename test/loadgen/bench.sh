#!/usr/bin/env bash
# Starts a fresh server and measures logins with 1, 8 and 64 connections.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
work=$(mktemp -d)
trap 'kill "${server:-}" 2>/dev/null || true; wait; rm -rf "$work"' EXIT

go build -o "$work/symbolon" ./cmd/symbolon
go build -o "$work/loadgen" ./test/loadgen
export SYMBOLON_DATA=$work/data SYMBOLON_TLS=proxy SYMBOLON_LISTEN=127.0.0.1:0 SYMBOLON_LOG=error SYMBOLON_CONFIG=/dev/null
password=$(od -An -N12 -tx1 /dev/urandom | tr -d ' \n')
printf '%s' "$password" | "$work/symbolon" admin add bench --secret-file - --quiet >/dev/null

"$work/symbolon" serve 2>"$work/said" &
server=$!
for _ in $(seq 100); do
  base=$(sed -n 's/^listening //p' "$work/said")
  [ -n "$base" ] && break
  kill -0 "$server" 2>/dev/null || { cat "$work/said" >&2; exit 1; }
  sleep 0.1
done
for conns in 1 8 64; do
  "$work/loadgen" -base "$base" -admin "bench:$password" -users 128 -conns "$conns" -label "hotp $conns"
done
