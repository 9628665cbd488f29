# Runs a program and asks before everything that it, or what it starts, is about to change outside of itself: programs
# started and ended, files written, renamed and removed, signals sent, bytes sent over connections. The kernel holds the
# process until there is an answer (seccomp_unotify(2), Linux 5.9), so whoever answers may kill it at that very point.
# Arguments: SOCKET CONTEXT PROGRAM ARGUMENT...
# Asks over the unit's socket, as a hook command does, "effect" with the arguments KIND DETAIL [BYTES in hexadecimal];
# on exit code 0 the process goes on, on any other it is killed with its process group.
# With "record" for SOCKET nobody is asked, and CONTEXT is a file that gets a line for each program that is started: the
# arguments and, after a space, the environment, each in hexadecimal and parted by commas.
use strict;
use warnings;
use POSIX ();
no warnings 'exec';

my $ARCH = (POSIX::uname())[4];
my %NUMBER = (
    x86_64 => {
        audit => 0xC000003E, seccomp => 317, pidfd_open => 434, pidfd_getfd => 438, ppoll => 271, dup3 => 292,
        open => 2, openat => 257, kill => 62, execve => 59, exit_group => 231, connect => 42,
        write => 1, writev => 20, sendto => 44, sendmsg => 46, pwrite64 => 18,
        rename => 82, renameat => 264, renameat2 => 316, unlink => 87, unlinkat => 263, rmdir => 84, creat => 85,
        mkdir => 83, mkdirat => 258, symlink => 88, symlinkat => 266, link => 86, linkat => 265, truncate => 76,
        chmod => 90, fchmodat => 268, chown => 92, fchownat => 260, mount => 165, umount2 => 166,
    },
    aarch64 => {
        audit => 0xC00000B7, seccomp => 277, pidfd_open => 434, pidfd_getfd => 438, ppoll => 73, dup3 => 24,
        openat => 56, kill => 129, execve => 221, exit_group => 94, connect => 203,
        write => 64, writev => 66, sendto => 206, sendmsg => 211, pwrite64 => 68,
        renameat => 38, renameat2 => 276, unlinkat => 35, mkdirat => 34, symlinkat => 36, linkat => 37, truncate => 45,
        fchmodat => 53, fchownat => 54, mount => 40, umount2 => 39,
    },
);
my $N = $NUMBER{$ARCH} or die "effects cannot be seen on $ARCH\n";
# Which argument is the path, after which one the folder's descriptor (-1: none) and what is said about it.
my %PATHS = (
    open => [0, -1, 'open'], openat => [1, 0, 'open'], creat => [0, -1, 'open'], truncate => [0, -1, 'write'],
    rename => [1, -1, 'rename'], renameat => [3, 2, 'rename'], renameat2 => [3, 2, 'rename'],
    unlink => [0, -1, 'remove'], unlinkat => [1, 0, 'remove'], rmdir => [0, -1, 'remove'],
    mkdir => [0, -1, 'make'], mkdirat => [1, 0, 'make'], symlink => [1, -1, 'make'], symlinkat => [2, 1, 'make'],
    link => [1, -1, 'make'], linkat => [3, 2, 'make'], chmod => [0, -1, 'mode'], fchmodat => [1, 0, 'mode'],
    chown => [0, -1, 'owner'], fchownat => [1, 0, 'owner'], mount => [1, -1, 'mount'], umount2 => [0, -1, 'unmount'],
);
my %NAME = map { $N->{$_} => $_ } grep { $_ ne 'audit' } keys %$N;
my $CLOEXEC  = 0x80000;
my $LISTENER = 250;    # where the program's side leaves the descriptor for the other
# Of no consequence: what programs keep to be faster, and what is not on a disk.
my $IGNORED = qr{^/(?:dev|proc)/|/(?:\.?cache|compile-cache)/|^(?:pipe|anon_inode|/memfd):};
my $HOOK_TOOLS = qr{^/var/lib/juju/tools/};

my ($address, $context, @program) = @ARGV;
my $records = $address eq 'record';
pipe(my $installed, my $installing) or die "pipe: $!\n";
my $main = $$;
my $pid = fork() // die "fork: $!\n";
if ($pid) {
    install_filter();
    # Its end says that the filter is there. From here on each step of this process is asked about.
    close $installing;
    exec { $program[0] } @program;
    print STDERR "$program[0]: $!\n";
    POSIX::_exit(127);
}
# Another session: what kills the program must not end who answers for its orphans.
POSIX::setsid();
close $installing;
open STDIN, '<', '/dev/null';
open STDOUT, '>', '/dev/null';
sysread $installed, my $nothing, 1;
my $handle = syscall($N->{pidfd_open}, $main, 0);
my $listener = syscall($N->{pidfd_getfd}, $handle, $LISTENER, 0);
if ($listener < 0) {
    print STDERR "effects cannot be seen: pidfd_getfd: $!\n";
    kill 'KILL', $main;
    exit 1;
}
open STDERR, '>', '/dev/null';
POSIX::close($handle);
open my $notices, '+<&=', $listener or exit 1;
my (%peer, %ran);
while (wait_for_notice()) {
    my $notice = "\0" x 80;
    ioctl($notices, 0xC0502100, $notice) or next;
    my ($id, $process, undef, $number, undef, undef, @args) = unpack 'Q L L l L Q Q6', $notice;
    record_start($process, @args) if $records;
    my $effect = $records ? undef : effect_of($process, $NAME{$number} // '', @args);
    if (defined $effect && !allowed(@$effect)) {
        my $group = getpgrp $process;
        kill 'KILL', $group > 1 ? -$group : $process;
        next;
    }
    # SECCOMP_USER_NOTIF_FLAG_CONTINUE: the call is carried out as if nobody had looked.
    my $answer = pack 'Q q l L', $id, 0, 0, 1;
    ioctl($notices, 0xC0182101, $answer);
}

sub install_filter {
    my @code = ([0x20, 0, 0, 4], [0x15, 0, 'allow', $N->{audit}], [0x20, 0, 0, 0]);
    my @plain = $records ? 'execve' : grep { !/^(?:audit|seccomp|pidfd_|ppoll|dup3|open|kill)/ } sort keys %$N;
    # Opening a file counts only when it may be written or made.
    push @code, [0x15, 0, 2, $N->{$_->[0]}], [0x20, 0, 0, 16 + 8 * $_->[1]], [0x45, 'ask', 'allow', 0x243]
        for grep { !$records && $N->{$_->[0]} } ['open', 1], ['openat', 2];
    # Signal 0 only asks whether there is a process.
    push @code, [0x15, 0, 2, $N->{kill}], [0x20, 0, 0, 24], [0x15, 'allow', 'ask', 0] if !$records;
    push @code, [0x15, 'ask', 0, $N->{$_}] for @plain;
    my ($allow, $ask) = (scalar @code, scalar @code + 1);
    push @code, [0x06, 0, 0, 0x7FFF0000], [0x06, 0, 0, 0x7FC00000];
    my $at = -1;
    my $filter = join '', map {
        my ($op, $yes, $no, $value) = @$_;
        $at++;
        $_ = $_ eq 'allow' ? $allow - $at - 1 : $_ eq 'ask' ? $ask - $at - 1 : $_ for $yes, $no;
        pack 'S C C L', $op, $yes, $no, $value;
    } @code;
    my $program = pack 'S x6 P', scalar @code, $filter;
    # A signal must not make the kernel ask twice about one call (from Linux 5.19 on it can be told so).
    my $fd = syscall($N->{seccomp}, 1, 8 | 32, $program);
    $fd = syscall($N->{seccomp}, 1, 8, $program) if $fd < 0;
    die "effects cannot be seen: seccomp: $!\n" if $fd < 0;
    # From here on nothing may fail: an error message would be asked about, and nobody answers yet.
    syscall($N->{dup3}, $fd, $LISTENER, $CLOEXEC);
    POSIX::close($fd);
}

# False once nothing is left that could ask.
sub wait_for_notice {
    while (1) {
        my $poll = pack 'i s s', $listener, 1, 0;
        next if syscall($N->{ppoll}, $poll, 1, 0, 0, 0) < 0;
        my $events = (unpack 'i s s', $poll)[2];
        return 1 if $events & 1;
        return 0 if $events;
    }
}

# Kind and detail of what a call is about to do; undef when that is nothing.
sub effect_of {
    my ($process, $call, @args) = @_;
    if (my $paths = $PATHS{$call}) {
        my ($at, $folder, $kind) = @$paths;
        my $path = path_of($process, $args[$at], $folder < 0 ? -100 : unpack('l', pack 'L', $args[$folder] & 0xFFFFFFFF));
        return $path =~ $IGNORED ? undef : [$kind, $path];
    }
    if ($call eq 'execve') {
        my $path = path_of($process, $args[0], -100);
        return undef if !-x "/proc/$process/root$path";
        $ran{$process} = $path;
        return $path =~ $HOOK_TOOLS ? undef : ['run', $path];
    }
    if ($call eq 'exit_group') {
        my $path = delete $ran{$process};
        return !defined $path || $path =~ $HOOK_TOOLS ? undef : ['end', $path];
    }
    return ['signal', "$args[1] to " . program_of(unpack 'l', pack 'L', $args[0] & 0xFFFFFFFF)] if $call eq 'kill';
    return remember_peer($process, @args) if $call eq 'connect';
    return sent($process, $call, @args);
}

# Lines of several taps come whole: each is one write to a file that is only appended to.
sub record_start {
    my ($process, $path, $arguments, $environment) = @_;
    # Who tries the folders of PATH one by one starts nothing where there is nothing.
    return if !-x "/proc/$process/root" . path_of($process, $path, -100);
    sysopen my $file, $context, 0x441, 0600 or return;
    my $line = join ' ', map { join ',', map { unpack 'H*', $_ } texts($process, $_) } $arguments, $environment;
    syswrite $file, "$line\n";
}

# The texts that a list of pointers, which ends with none, points to.
sub texts {
    my ($process, $list) = @_;
    my @texts;
    for (; @texts < 4096; $list += 8) {
        my $at = unpack 'Q', memory($process, $list, 8) || "\0" x 8;
        last if !$at;
        my ($text, $part) = '';
        do {
            ($part) = unpack 'Z*', memory($process, $at + length $text, 4096);
            $text .= $part;
        } while length $part == 4096;
        push @texts, $text;
    }
    return @texts;
}

sub sent {
    my ($process, $call, $fd, $from, $length) = @_;
    my $file = readlink "/proc/$process/fd/$fd";
    return undef if !defined $file;
    return $file =~ $IGNORED ? undef : ['write', $file] if $file =~ m{^/};
    return undef if !defined $peer{$file} || $peer{$file} =~ m{/agent\.socket$};
    ($from, $length) = unpack 'Q Q', memory($process, unpack('x16 Q', memory($process, $from, 24)), 16) if $call eq 'sendmsg';
    ($from, $length) = unpack 'Q Q', memory($process, $from, 16) if $call eq 'writev';
    return ['send', $peer{$file}, unpack 'H*', memory($process, $from, $length > 256 ? 256 : $length)];
}

# Not an effect: nothing is said yet.
sub remember_peer {
    my ($process, $fd, $at, $length) = @_;
    my $socket = readlink("/proc/$process/fd/$fd") // return undef;
    my $to = memory($process, $at, $length > 128 ? 128 : $length);
    my $family = length $to > 2 ? unpack 'S', $to : 0;
    if ($family == 1) { ($peer{$socket}) = unpack 'x2 Z*', $to }
    elsif ($family == 2) { $peer{$socket} = join('.', unpack 'x4 C4', $to) . ':' . unpack('x2 n', $to) }
    elsif ($family == 10) { $peer{$socket} = '[' . unpack('x8 H32', $to) . ']:' . unpack('x2 n', $to) }
    return undef;
}

sub path_of {
    my ($process, $at, $folder) = @_;
    my ($path) = unpack 'Z*', memory($process, $at, 4096);
    return $path if $path =~ m{^/};
    my $base = readlink($folder == -100 ? "/proc/$process/cwd" : "/proc/$process/fd/$folder") // '?';
    return "$base/$path";
}

# A path may end right before memory that is not there: page by page.
sub memory {
    my ($process, $at, $length) = @_;
    open my $memory, '<:raw', "/proc/$process/mem" or return '';
    my $text = '';
    while ($length > 0) {
        my $part = 4096 - $at % 4096;
        $part = $length if $part > $length;
        sysseek($memory, $at, 0) && sysread($memory, my $bytes, $part) or last;
        $text .= $bytes;
        last if $length == 4096 && index($bytes, "\0") >= 0;
        ($at, $length) = ($at + $part, $length - $part);
    }
    return $text;
}

sub program_of {
    my ($process) = @_;
    open my $file, '<', '/proc/' . abs($process) . '/cmdline' or return $process;
    local $/;
    return join ' ', (split /\0/, <$file> // '')[0 .. 1];
}

sub allowed {
    my @effect = @_;
    socket(my $agent, 1, 1, 0) or return 1;
    connect($agent, pack('S a108', 1, $address)) or return 1;
    my $body = join '', map { pack 'N/a*', $_ // '' } $context, '/', 'effect', scalar(@effect), @effect;
    syswrite $agent, pack('N', length $body) . $body or return 1;
    my $answer = '';
    while (length($answer) < 4 || length($answer) < 4 + unpack('N', $answer)) {
        sysread($agent, $answer, 65536, length $answer) or return 1;
    }
    return (unpack '(N/a*)*', substr($answer, 4))[1] eq '0';
}
