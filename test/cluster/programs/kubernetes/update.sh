#!/bin/sh
# Writes go.mod and go.sum for the release of Kubernetes that the kubelet's harness pins, and for its etcd:
# ./update.sh 1.37.0
set -eu
cd "$(dirname "$0")"
pinned=../../../kubelet/harness/releases/v$1.mod

{
	printf 'module cluster.test/kubernetes\n\ngo 1.26.0\n\n'
	grep '^replace ' "$pinned"
} >go.mod
etcd=$(awk '$1 == "go.etcd.io/etcd/client/v3" { print $2 }' "$pinned")
go mod edit -require "k8s.io/kubernetes@v$1" -require "go.etcd.io/etcd/server/v3@$etcd"
go mod tidy
