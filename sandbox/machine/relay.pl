# Carries Ethernet frames between two network devices, each later by as much as the rule of its peer says; what no rule
# names passes at once. Works on every kernel, where tc's netem is a module that may not be there.
# Arguments: CLOCK (the number of the system call clock_gettime) INNER OUTER, then pairs of a network (10.1.0.0/24) and milliseconds, the first that fits counts.
# The peer of a frame is its destination on the way from INNER to OUTER and its source on the way back.
# Says "ready"; ends when its standard input does, or with one of the devices.
use strict;
use warnings;

my ($PF_PACKET, $SOCK_RAW, $ALL, $SOL_PACKET) = (17, 3, 3, 263);    # linux/if_packet.h, linux/if_ether.h
my ($VNET_HDR, $IGNORE_OUTGOING) = (15, 23);
my ($SIOCGIFINDEX, $SO_RCVBUFFORCE, $DONTWAIT) = (0x8933, 33, 0x40);
my $HEADER = 10;         # struct virtio_net_hdr: checksums and segments stay as the sender's kernel left them
my $LARGEST = 70_000;    # bytes; offloading makes frames of up to 64 KiB

my ($clock, $inner, $outer, @pairs) = @ARGV;
my @rules;
while (my ($network, $delay) = splice @pairs, 0, 2) {
    my ($address, $bits) = split m{/}, $network;
    my $mask = $bits == 0 ? 0 : (0xffffffff << (32 - $bits)) & 0xffffffff;
    push @rules, { mask => $mask, net => unpack('N', pack 'C4', split /\./, $address) & $mask, delay => $delay / 1000 };
}
my @ends = map { open_device($_) } $inner, $outer;
# [direction][rule] → frames in the order in which they are due; the last rule is "at once".
push @rules, { mask => 0, net => 0, delay => 0 };
my @queues = map { [ map { [] } @rules ] } @ends;

$| = 1;
print "ready\n";
while (1) {
    my $wait = deliver();
    my $ready = '';
    vec($ready, fileno($_), 1) = 1 for @ends, \*STDIN;
    next if select($ready, undef, undef, $wait) < 1;
    exit 0 if vec($ready, fileno(STDIN), 1) && !sysread STDIN, my $rest, 4096;
    vec($ready, fileno($ends[$_]), 1) && take($_) for 0, 1;
}

sub open_device {
    my ($name) = @_;
    socket(my $device, $PF_PACKET, $SOCK_RAW, 0) or die "socket: $!\n";
    my $request = pack 'a16 x24', $name;
    ioctl($device, $SIOCGIFINDEX, $request) or die "$name: $!\n";
    setsockopt($device, $SOL_PACKET, $VNET_HDR, pack 'i', 1) or die "PACKET_VNET_HDR: $!\n";
    setsockopt($device, $SOL_PACKET, $IGNORE_OUTGOING, pack 'i', 1) or die "PACKET_IGNORE_OUTGOING: $!\n";
    setsockopt($device, 1, $SO_RCVBUFFORCE, pack 'i', 16 << 20);
    # The protocol comes with the address: before, frames of every device would arrive.
    bind($device, pack 'S n i S C C a8', $PF_PACKET, $ALL, unpack('x16 i', $request), 0, 0, 0, '') or die "$name: $!\n";
    return $device;
}

# Reads what has arrived from one side.
sub take {
    my ($from) = @_;
    my $now = now();
    for (1 .. 64) {
        defined recv($ends[$from], my $frame, $LARGEST, $DONTWAIT) or return $!{EAGAIN} ? 1 : exit 0;
        my $rule = rule_of($frame, $from);
        push @{ $queues[$from][$rule] }, [ $now + $rules[$rule]{delay}, $frame ];
    }
}

# Sends what is due; seconds until the next one is, undef when nothing waits.
sub deliver {
    my ($now, $next) = (now());
    for my $from (0, 1) {
        for my $queue (@{ $queues[$from] }) {
            # A frame that the device refuses is lost, as on any wire.
            syswrite $ends[1 - $from], (shift @$queue)->[1] while @$queue && $queue->[0][0] <= $now;
            $next = $queue->[0][0] if @$queue && (!defined $next || $queue->[0][0] < $next);
        }
    }
    return defined $next ? $next - $now : undef;
}

sub rule_of {
    my ($frame, $from) = @_;
    my $type = unpack "x$HEADER x12 n", $frame;
    my @at = $type == 0x0800 ? (30, 26) : $type == 0x0806 ? (38, 28) : return $#rules;
    my $peer = unpack 'x' . ($HEADER + $at[$from]) . ' N', $frame . "\0" x 64;
    for my $n (0 .. $#rules) { return $n if ($peer & $rules[$n]{mask}) == $rules[$n]{net} }
}

# Seconds of a clock that nobody sets (CLOCK_MONOTONIC is 1).
sub now {
    my $time = "\0" x 16;
    syscall($clock + 0, 1, $time) == 0 or die "clock_gettime: $!\n";
    my ($seconds, $nanoseconds) = unpack 'q q', $time;
    return $seconds + $nanoseconds / 1e9;
}
