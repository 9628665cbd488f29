# Runs a service and is its direct parent: starts it again when it asks for that or is killed, until SIGTERM.
# Arguments: RESTART_CODE PARENT_VARIABLE LEFTOVER... -- PROGRAM ARGUMENT...
# Ends when the service exits in any other way (it was shut down, or could not start: mysqld_safe does the same), on SIGTERM
# once the service has ended, or when it is killed too often (as systemd gives up).
use strict;
use warnings;
use POSIX qw(:sys_wait_h :signal_h);

my $BURST         = 5;      # systemd's DefaultStartLimitBurst
my $BURST_SECONDS = 10;     # systemd's DefaultStartLimitIntervalSec
my $PAUSE         = 0.1;    # systemd's RestartSec

my ($restart_code, $parent_variable) = splice @ARGV, 0, 2;
my @leftovers;
while (@ARGV && $ARGV[0] ne '--') { push @leftovers, shift }
shift;

my ($stop, $child) = (0, 0);
$SIG{TERM} = sub { $stop = 1; kill 'TERM', $child if $child };
$SIG{HUP} = $SIG{INT} = 'IGNORE';
$ENV{$parent_variable} = $$;

my $term = POSIX::SigSet->new(SIGTERM);
my @starts;
while (!$stop) {
    unlink @leftovers;
    push @starts, time;
    # SIGTERM waits until the child's pid is known.
    sigprocmask(SIG_BLOCK, $term);
    $child = fork() // die "fork: $!\n";
    if (!$child) {
        $SIG{TERM} = $SIG{HUP} = $SIG{INT} = 'DEFAULT';
        sigprocmask(SIG_UNBLOCK, $term);
        exec { $ARGV[0] } @ARGV or do { print STDERR "$ARGV[0]: $!\n"; POSIX::_exit(127) };
    }
    sigprocmask(SIG_UNBLOCK, $term);
    my $waited;
    do { $waited = waitpid($child, 0) } while ($waited < 0 && $!{EINTR});
    my $status = $?;
    $child = 0;
    last if $stop || $status == 0;

    if (WIFEXITED($status)) {
        if (WEXITSTATUS($status) == $restart_code) {
            print STDERR "the service asked to be started again\n";
            next;
        }
        print STDERR 'the service exited with ', WEXITSTATUS($status), "\n";
        unlink @leftovers;
        exit 1;
    }
    my $signal = WTERMSIG($status);
    shift @starts while @starts && $starts[0] < time - $BURST_SECONDS;
    if (@starts >= $BURST) {
        print STDERR "the service was killed by signal $signal; that often within $BURST_SECONDS seconds: giving up\n";
        unlink @leftovers;
        exit 1;
    }
    print STDERR "the service was killed by signal $signal: starting it again\n";
    select undef, undef, undef, $PAUSE;
}
unlink @leftovers;
exit 0;
