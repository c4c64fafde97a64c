#!/bin/sh
# Writes releases/vVERSION.mod and .sum for a Kubernetes release: ./update.sh 1.37.0
# k8s.io/kubernetes requires its staging modules at v0.0.0, which only exist inside its
# own repository: each is replaced by the published one, v1.37.0 -> v0.37.0.
set -eu
cd "$(dirname "$0")"
version=$1
mod=releases/v$version.mod
staging=v0.${version#1.}

printf 'module kubelet.test/harness\n\ngo 1.26.0\n' >"$mod"
upstream=$(go mod download -json "k8s.io/kubernetes@v$version" | sed -n 's/.*"GoMod": "\(.*\)".*/\1/p')
grep -oE 'k8s\.io/[a-z0-9-]+ v0\.0\.0( |$)' "$upstream" | awk '{print $1}' | sort -u |
	while read -r module; do go mod edit -replace "$module=$module@$staging" "$mod"; done
go mod edit -require "k8s.io/kubernetes@v$version" "$mod"
go mod tidy -modfile="$mod"
