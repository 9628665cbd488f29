#!/usr/bin/perl
# Runs a program and prints what it and all that it started took: CPU time in microseconds, the largest process in KiB, the exit code.
use strict;
use warnings;
use POSIX ();

my %getrusage = (x86_64 => 98, aarch64 => 165);
my $machine = (POSIX::uname())[4];
my $call = $getrusage{$machine} // die "getrusage is not known on $machine\n";

my $child = fork() // die "fork: $!\n";
if ($child == 0) {
    open STDIN, '<', '/dev/null';
    open STDOUT, '>&', \*STDERR;
    exec { $ARGV[0] } @ARGV or POSIX::_exit(127);
}
waitpid $child, 0;
my $code = $? & 127 ? 128 + ($? & 127) : $? >> 8;

# struct rusage: two timevals, then ru_maxrss; RUSAGE_CHILDREN is -1.
my $usage = pack 'x144';
syscall($call, -1, $usage) == 0 or die "getrusage: $!\n";
my ($user, $user_us, $system, $system_us, $peak) = unpack 'q5', $usage;
printf "%d %d %d\n", ($user + $system) * 1_000_000 + $user_us + $system_us, $peak, $code;
