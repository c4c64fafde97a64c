// Command etcd is etcd's own server. Its published root module cannot be built on its own: it
// requires modules that only its tests need.
package main

import (
	"os"

	"go.etcd.io/etcd/server/v3/etcdmain"
)

func main() { etcdmain.Main(os.Args) }
