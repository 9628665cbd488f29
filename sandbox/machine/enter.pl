# Runs a program in the namespaces of a machine, as nsenter does: enter.pl SETNS PID FOLDER PROGRAM ARGUMENT...
# Unlike nsenter it does not stop itself when the program is stopped: woken at the wrong moment, nsenter stays stopped for ever.
# SETNS is the number of that system call. It runs for each hook and command, so it loads no module that takes time.
use strict;
use warnings;
no warnings 'exec';

$SIG{CHLD} = 'DEFAULT';
my ($setns, $init, $folder, @program) = @ARGV;

# All are opened before the mounts change.
my @namespaces = map { open_file("/proc/$init/ns/$_") } qw(net uts ipc pid mnt);
opendir my $start, "/proc/$init/root$folder" or die "cannot enter the folder $folder: $!\n";
for my $namespace (@namespaces) {
    syscall($setns, fileno $namespace, 0) == 0 or die "cannot enter the machine: setns: $!\n";
}
chdir $start or die "cannot enter the folder $folder: $!\n";

# Only a new process is in the process-id namespace.
my $pid = fork() // die "fork: $!\n";
if (!$pid) {
    exec { $program[0] } @program;
    print STDERR "$program[0]: $!\n";
    exit 127;
}
# A stray signal may interrupt the wait; there is no other child.
1 while waitpid($pid, 0) != $pid;
my ($signal, $code) = ($? & 127, $? >> 8);
kill $signal, $$ if $signal;
exit($signal ? 128 + $signal : $code);

sub open_file {
    my ($path) = @_;
    open my $file, '<', $path or die "the machine is off: $path: $!\n";
    return $file;
}
