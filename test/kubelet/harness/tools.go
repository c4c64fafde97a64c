//go:build tools

package main

// The kubelet of the same release is built from this module too.
import _ "k8s.io/kubernetes/cmd/kubelet"
