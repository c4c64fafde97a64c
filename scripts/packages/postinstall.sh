#!/bin/sh
# dpkg calls it with "configure", rpm with the number of versions that are installed.
set -e

name=aliyun-acr-credential-provider

case "$1" in
configure | [0-9]*) ;;
*) exit 0 ;;
esac

# node install leaves this file where it put the plugin on the node.
if [ -e "/var/lib/$name/node.json" ]; then
	echo "$name: the kubelet goes on with the copy that it has. Bring this version to it:"
else
	echo "$name: the kubelet is unchanged. Lead it to the plugin (--dry-run shows how):"
fi
echo "  sudo $name node install"
