// Marks the module's root. The requirements of each Kubernetes release are in releases/
// and chosen with -modfile; update.sh writes them.
module kubelet.test/harness

go 1.26.0
