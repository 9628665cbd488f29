#!/usr/bin/perl
# The one program behind every hook command and juju-exec of a machine: sends its call to the unit's agent and does what the answer says.
my ($name) = $0 =~ m{([^/]+)\z};
my ($address, $context, @files);

sub stop { print STDERR "ERROR $_[0]\n"; exit 1 }

if ($name eq 'juju-exec') {
    my ($unit) = map { m{^(?:-u=?|--unit=)?([a-z][a-z0-9-]*/\d+)$} ? $1 : () } @ARGV;
    stop('missing unit: juju-exec <unit> [--relation <id>] "<command>"') unless defined $unit;
    (my $tag = "unit-$unit") =~ s{/}{-};
    $address = "/var/lib/juju/agents/$tag/agent.socket";
    stop("unit \"$unit\" not found on this machine") unless -e $address;
    $context = 'juju-exec';
} else {
    $context = $ENV{JUJU_CONTEXT_ID};
    stop('JUJU_CONTEXT_ID not set') unless defined $context && $context ne '';
    $address = $ENV{JUJU_AGENT_SOCKET_ADDRESS};
    stop('JUJU_AGENT_SOCKET_ADDRESS not set') unless defined $address && $address ne '';
}

my $dir = $ENV{PWD};
if (!defined $dir || !-d $dir || (stat $dir)[1] != (stat '.')[1]) { $dir = readlink('/proc/self/cwd') // '/' }

sub call {
    # AF_UNIX and SOCK_STREAM are both 1 on Linux; spelling them out spares loading a module.
    socket(my $agent, 1, 1, 0) or stop("socket: $!");
    connect($agent, pack('S a108', 1, $address)) or stop("dial unix $address: connect: $!");
    my $body = join '', map { pack 'N/a*', $_ } $context, $dir, $name, scalar(@ARGV), @ARGV, @files;
    my $message = pack('N', length $body) . $body;
    while (length $message) {
        my $sent = syswrite($agent, $message) // stop("write: $!");
        substr($message, 0, $sent, '');
    }
    my $answer = '';
    while (length($answer) < 4 || length($answer) < 4 + unpack('N', $answer)) {
        my $got = sysread($agent, $answer, 65536, length $answer);
        stop('connection is shut down') unless $got;
    }
    return unpack '(N/a*)*', substr($answer, 4);
}

while (1) {
    my ($kind, @answer) = call();
    if ($kind eq 'file') {
        my ($path) = @answer;
        my ($content, $problem) = ('', 'ok');
        my $in = \*STDIN;
        if ($path ne '-' && !open($in, '<', $path)) { $problem = lcfirst "$!" }
        else { local $/; binmode $in; $content = <$in> // '' }
        push @files, $path, $problem, $content;
        next;
    }
    my ($code, $out, $err, $file) = @answer;
    if ($file ne '') {
        open(my $to, '>', $file) or stop("open $file: $!");
        print $to $out;
    } else {
        print STDOUT $out;
    }
    print STDERR $err;
    exit $code;
}
