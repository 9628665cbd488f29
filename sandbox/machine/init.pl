# Process 1 of a namespace: reaps what is left to it. With a program it ends when that ends (and so does everything in the
# namespace); without one it ends on SIGTERM, after everything it can wait for has ended on the SIGTERM it passes on.
use strict;
use warnings;
use POSIX qw(:sys_wait_h :signal_h);

my $STOP_SECONDS = 90;    # as systemd's DefaultTimeoutStopSec

# Its signals go to every process it can see.
die "$0 must be process 1 of a namespace of its own\n" if $$ != 1;

my $stop = 0;
$SIG{TERM} = sub { $stop = 1 };
$SIG{CHLD} = sub { };
$SIG{HUP} = $SIG{INT} = 'IGNORE';

# Signals arrive only inside sigsuspend, so none can slip between looking and waiting.
my $held = POSIX::SigSet->new(SIGTERM, SIGCHLD, SIGALRM);
my $none = POSIX::SigSet->new();
sigprocmask(SIG_BLOCK, $held);

my $main = @ARGV ? start(@ARGV) : 0;

while (!$stop) {
    reap();
    sigsuspend($none) unless $stop;
}

my $late = 0;
$SIG{ALRM} = sub { $late = 1 };
alarm $STOP_SECONDS;
kill 'TERM', -1;
kill 'CONT', -1;
sigsuspend($none) until reap() || $late;
exit 0;

sub start {
    my @program = @_;
    my $pid = fork() // die "fork: $!\n";
    return $pid if $pid;
    $SIG{HUP} = $SIG{INT} = 'DEFAULT';
    sigprocmask(SIG_SETMASK, $none);
    exec { $program[0] } @program or do { print STDERR "$program[0]: $!\n"; POSIX::_exit(127) };
}

# True when no child is left.
sub reap {
    while ((my $pid = waitpid(-1, WNOHANG)) != 0) {
        return 1 if $pid < 0;
        exit(WIFEXITED($?) ? WEXITSTATUS($?) : 128 + WTERMSIG($?)) if $pid == $main;
    }
    return 0;
}
