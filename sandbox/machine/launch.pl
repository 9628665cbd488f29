# Starts services for whoever asks over /run/launch.socket, as systemd does: they are children of the machine, in sessions of
# their own, with nothing of who asked. Listens when it returns; what listens is a child of the machine's init.
# A request is fields parted by NUL (log file, how many variables, variables, program, arguments) until the end of input; the
# answer is the pid.
use strict;
use warnings;
use POSIX ();
no warnings 'exec';

my $SOCKET = '/run/launch.socket';
umask 0077;
socket(my $server, 1, 1, 0) or die "socket: $!\n";
bind($server, pack 'S a108', 1, $SOCKET) or die "$SOCKET: $!\n";
listen($server, 16) or die "listen: $!\n";
my $daemon = fork() // die "fork: $!\n";
exit 0 if $daemon;

POSIX::setsid();
open STDERR, '>', '/dev/null';
umask 0022;
chdir '/';
$SIG{CHLD} = 'IGNORE';
$SIG{PIPE} = 'IGNORE';
while (1) {
    accept(my $client, $server) or next;
    my $request = do { local $/; <$client> } // '';
    my ($log, $count, @rest) = split /\0/, $request, -1;
    next if !defined $count;
    my %env = map { split /=/, $_, 2 } splice @rest, 0, $count;
    my $pid = fork() // next;
    if (!$pid) {
        close $_ for $client, $server;
        POSIX::setsid();
        $SIG{$_} = 'DEFAULT' for qw(CHLD PIPE);
        open STDIN, '<', '/dev/null';
        sysopen STDOUT, $log, POSIX::O_WRONLY() | POSIX::O_APPEND() | POSIX::O_CREAT(), 0640;
        open STDERR, '>&', \*STDOUT;
        %ENV = %env;
        exec { $rest[0] } @rest;
        print STDERR "$rest[0]: $!\n";
        POSIX::_exit(127);
    }
    syswrite $client, $pid;
}
