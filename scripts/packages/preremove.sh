#!/bin/sh
# dpkg calls it with "remove", rpm with the number of versions that will be left.
set -e

name=aliyun-acr-credential-provider

case "$1" in
remove | 0) ;;
*) exit 0 ;;
esac

# A node without a kubelet has no state: the command fails, and there is nothing to say.
state=$("/usr/bin/$name" node status --output json 2>/dev/null) || state=
copy=$(printf '%s\n' "$state" | sed -n 's|^ *"path": "\(.*/'"$name"'\)",$|\1|p')

# Without its executable a kubelet does not start.
if printf '%s\n' "$state" | grep -q '"isWired": true' &&
	[ "$(readlink -f "$copy")" = "/usr/bin/$name" ]; then
	echo "$name: not removed, because the kubelet runs this file ($copy). First run:" >&2
	echo "  sudo $name node uninstall" >&2
	exit 1
fi

if [ -e "/var/lib/$name/node.json" ]; then
	echo "$name: the kubelet goes on with its own copy. To take it off the node:"
	echo "  sudo ${copy:-$name} node uninstall"
fi
