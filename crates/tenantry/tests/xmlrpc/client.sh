#!/usr/bin/env bash
# Compiles client.c against the C library xmlrpc-c and runs it. The library's own command line tool, `xmlrpc`, would not do: as packaged it
# knows neither structs nor arrays as parameters, so it can create and change nothing.
set -euo pipefail

built=$(mktemp -d)
trap 'rm -rf "$built"' EXIT
cc -O -Wall -o "$built/client" "$(dirname "$0")/client.c" -lxmlrpc_client -lxmlrpc -lxmlrpc_util
"$built/client"
