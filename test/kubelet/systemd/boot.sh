# First process of new namespaces: turns into systemd, with TREE as its / and all that is written to it in memory.
# Arguments: TREE, CGROUP, and a folder whose content lies over the tree.
set -e
tree=$1 cgroup=$2 extra=$3

enter() {
  mkdir "$1/$cgroup"
  if [ -f "$1/$cgroup/cpuset.mems" ] && [ -f "$1/cpuset.mems" ]; then
    cat "$1/cpuset.cpus" >"$1/$cgroup/cpuset.cpus"
    cat "$1/cpuset.mems" >"$1/$cgroup/cpuset.mems"
  fi
  echo $$ >"$1/$cgroup/cgroup.procs"
}

if [ "$4" != inside ]; then
  if [ -f /sys/fs/cgroup/cgroup.controllers ]; then enter /sys/fs/cgroup
  else
    for folder in /sys/fs/cgroup/*; do case $folder in */unified) ;; *) enter "$folder" ;; esac; done
    # systemd mounts the unified hierarchy beside those: nodes that run at once must not have the same root in it.
    mount -t cgroup2 cgroup2 /mnt && enter /mnt && umount /mnt
  fi
  exec unshare --cgroup sh "$0" "$tree" "$cgroup" "$extra" inside
fi

mount --make-rprivate /
layers=/run/acr-test-systemd
mkdir -p $layers && mount -t tmpfs acr-test $layers
mkdir $layers/upper $layers/work $layers/root
root=$layers/root
mount -t overlay acr-test -o "lowerdir=$extra:$tree,upperdir=$layers/upper,workdir=$layers/work" $root
controllers=$(ls /sys/fs/cgroup)
version=1
if [ -f /sys/fs/cgroup/cgroup.controllers ]; then version=2; fi
mount -t proc proc $root/proc
mount -t sysfs sysfs $root/sys
for folder in run tmp dev; do mount -t tmpfs tmpfs $root/$folder; done
for device in null zero full random urandom tty kmsg; do
  touch $root/dev/$device && mount --bind /dev/$device $root/dev/$device
done
# What a kubelet would set in the machine's kernel is set already, as far as it can see (as in ../node/inside.ts).
mkdir $layers/kernel
for tunable in vm.overcommit_memory=1 vm.panic_on_oom=0 kernel.panic=10 kernel.panic_on_oops=1 \
  kernel.keys.root_maxkeys=1000000 kernel.keys.root_maxbytes=25000000; do
  name=${tunable%=*}
  echo ${tunable#*=} >$layers/kernel/$name
  mount --bind $layers/kernel/$name $root/proc/sys/$(echo $name | tr . /)
done
mkdir $root/dev/pts $root/dev/shm
mount -t devpts devpts $root/dev/pts
if [ $version = 2 ]; then
  mount -t cgroup2 cgroup2 $root/sys/fs/cgroup
else
  mount -t tmpfs tmpfs $root/sys/fs/cgroup
  for controller in $controllers; do
    case $controller in
      unified) continue ;;
      systemd) options=none,name=systemd ;;
      *) options=$controller ;;
    esac
    mkdir $root/sys/fs/cgroup/$controller
    mount -t cgroup -o $options cgroup $root/sys/fs/cgroup/$controller
  done
fi
ip link set lo up
mkdir $root/old
cd $root
pivot_root . old
umount -l /old
rmdir /old
exec env -i container=other /lib/systemd/systemd --show-status=no
