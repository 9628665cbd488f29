# First program of a machine, in fresh namespaces: builds its root, waits for its network interface and becomes its init.
# Arguments: pairs of a host path and the path inside the machine where it is mounted read-only.
# Environment: MACHINE_FOLDER, MACHINE_HOSTNAME, MACHINE_ADDRESS (with prefix), MACHINE_GATEWAY.
# Says "pid <pid in the hub>", reads a line once eth0 is here, says "ready".
set -eu

# Still the hub's /proc, so this is the pid that the hub knows.
read -r pid _ </proc/self/stat
echo "pid $pid"

mount --rbind "$MACHINE_FOLDER/root" "$MACHINE_FOLDER/root"
cd "$MACHINE_FOLDER/root"

read_only() {
    mount --rbind "$1" ".$2"
    mount -o remount,bind,ro ".$2" 2>/dev/null && return
    # In a user namespace the mount must keep the flags that it has on the host, such as nosuid.
    flags=$(findmnt --noheadings --output VFS-OPTIONS --mountpoint "$PWD$2")
    mount -o "remount,bind,ro,${flags#rw,}" ".$2"
}

read_only /usr /usr
for dir in bin sbin lib lib32 lib64 libx32; do
    if [ -L "/$dir" ]; then
        ln -sfn "$(readlink "/$dir")" "$dir"
    elif [ -d "/$dir" ]; then
        mkdir -p "$dir"
        read_only "/$dir" "/$dir"
    fi
done
mount --bind "$MACHINE_FOLDER/local" usr/local
mount --bind "$MACHINE_FOLDER/storage" run/juju-storage
while [ $# -gt 0 ]; do
    read_only "$1" "$2"
    shift 2
done

mount -t proc -o nosuid,nodev,noexec proc proc
# A sysctl set by a charm would change the host's kernel.
mount --bind proc/sys proc/sys
mount -o remount,bind,ro,nosuid,nodev,noexec proc/sys
mount -t sysfs -o ro,nosuid,nodev,noexec sysfs sys
mount -t tmpfs -o mode=755,nosuid tmpfs dev
mkdir dev/pts dev/shm
for node in null zero full random urandom tty; do
    : >"dev/$node"
    mount --bind "/dev/$node" "dev/$node"
done
mount -t devpts -o newinstance,ptmxmode=0666,mode=620 devpts dev/pts
mount -t tmpfs -o mode=1777,nosuid,nodev tmpfs dev/shm
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
ln -s fd/0 dev/stdin
ln -s fd/1 dev/stdout
ln -s fd/2 dev/stderr

hostname "$MACHINE_HOSTNAME"
read -r _
ip -batch - <<BATCH
link set lo up
address add $MACHINE_ADDRESS dev eth0
link set eth0 up
route add default via $MACHINE_GATEWAY
BATCH

pivot_root . .
umount -l .
cd /
programs=/usr/local/lib/juju-sandbox/sandbox/machine
env -i perl "$programs/launch.pl" </dev/null >/dev/null
echo ready
exec </dev/null >/dev/null 2>&1
exec env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/snap/bin \
    perl "$programs/init.pl"
