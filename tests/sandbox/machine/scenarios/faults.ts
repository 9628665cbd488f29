// Program, run in a hub: machines of two sites reach each other, until something is cut.
import { once } from "node:events";
import { createServer } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { packMessage, takeMessage } from "../../../../sandbox/juju/tool-protocol.ts";
import { NO_NETWORK_FAULTS } from "../../../../sandbox/machine/cable.ts";
import { stateOf } from "../../../../sandbox/machine/freeze.ts";
import { INSIDE_PROJECT, type Machine } from "../../../../sandbox/machine/machine.ts";
import { removeSite, setCuts } from "../../../../sandbox/machine/network.ts";
import { RunError, run } from "../../../../sandbox/machine/run.ts";
import { machineAt, openSites, report, sh } from "../in-hub.ts";

const [rome, lisbon] = await openSites(2);
if (rome === undefined || lisbon === undefined) throw new Error("no sites");
const [caller, neighbour, abroad] = [machineAt(rome, 0), machineAt(rome, 1), machineAt(lisbon, 0)];
await Promise.all([caller, neighbour, abroad].map((machine) => machine.start()));
const env = { PATH: "/usr/bin:/bin" };
const listen =
  "$s = IO::Socket::INET->new(LocalPort => 3306, Listen => 9); print qq(up\\n); close $c while $c = $s->accept";
for (const machine of [neighbour, abroad]) {
  const server = machine.spawn(["perl", "-MIO::Socket::INET", "-e", `$| = 1; my $c; ${listen}`], { env });
  await once(server.stdout, "data");
}
const seen: Record<string, unknown> = {};

const connect = (to: Machine): Promise<string> =>
  sh(
    caller,
    `perl -MIO::Socket::INET -e 'print IO::Socket::INET->new("${to.spec.address}:3306") ? "yes" : "no: $!"'`,
  );
/** How the hub would forward a packet from one machine to the other. */
const forwards = async (from: Machine, to: Machine): Promise<string> => {
  const route = ["ip", "route", "get", to.spec.address, "from", from.spec.address, "iif", from.spec.bridge];
  return await run(route).then(
    () => "yes",
    (error: unknown) => (error instanceof RunError ? "no" : String(error)),
  );
};

seen["same site"] = await connect(neighbour);
seen["other site"] = await connect(abroad);
await setCuts([[rome, lisbon]]);
seen["cut"] = [await forwards(caller, abroad), await forwards(abroad, caller), await connect(neighbour)];
await setCuts([]);
seen["healed"] = [await forwards(caller, abroad), await forwards(abroad, caller), await connect(abroad)];

const carrier = (): Promise<string> => sh(neighbour, "cat /sys/class/net/eth0/carrier; hostname -I");
seen["plugged"] = await carrier();
await neighbour.setNetwork({ ...NO_NETWORK_FAULTS, linked: false });
seen["unplugged"] = await carrier();
await neighbour.setNetwork(NO_NETWORK_FAULTS);
seen["plugged again"] = [await carrier(), await connect(neighbour)];

// Packets of one machine that vanish at another: nothing tells the sender, and a third machine notices nothing.
const caller32 = `${caller.spec.address}/32`;
const ask = (seconds: number): string =>
  `perl -MIO::Socket::INET -MTime::HiRes=time -e '$t = time; $s = IO::Socket::INET->new(PeerAddr => "${neighbour.spec.address}:3306", Timeout => ${seconds}); printf "%s %d", $s ? "yes" : "no: $!", (time - $t) * 1000'`;
await neighbour.setNetwork({ ...NO_NETWORK_FAULTS, deaf: [caller32] });
seen["deaf"] = [await sh(caller, ask(1)), (await sh(abroad, ask(5))).split(" ")[0]];
await neighbour.powerOff();
await neighbour.start();
seen["deaf after a reboot"] = await sh(neighbour, "ip rule show | grep -c blackhole");
await neighbour.setNetwork(NO_NETWORK_FAULTS);
seen["rules afterwards"] = await sh(neighbour, "ip rule show | grep -c blackhole || true");
const again = neighbour.spawn(["perl", "-MIO::Socket::INET", "-e", `$| = 1; my $c; ${listen}`], { env });
await once(again.stdout, "data");
await neighbour.setNetwork({ ...NO_NETWORK_FAULTS, late: [{ network: caller32, ms: 150 }] });
seen["late"] = [await sh(caller, ask(9)), await sh(abroad, ask(9))];
await neighbour.setNetwork({ ...NO_NETWORK_FAULTS, late: [{ network: "0.0.0.0/0", ms: 80 }] });
seen["late for all"] = [await sh(caller, ask(9)), await sh(abroad, ask(9))];
await neighbour.setNetwork(NO_NETWORK_FAULTS);
seen["in time again"] = await sh(caller, ask(9));

const ticker = neighbour.spawn(["sh", "-c", "echo up; while :; do (:); done"], { env });
await once(ticker.stdout, "data");
const states = (): readonly string[] => neighbour.processes().map(stateOf);
const settled = async (isSettled: () => boolean): Promise<boolean> => {
  const deadline = performance.now() + 10_000;
  while (performance.now() < deadline) {
    if (isSettled()) return true;
    await pause(10);
  }
  return false;
};
await neighbour.freeze();
const late = neighbour.spawn(["echo", "late"], { env });
const said = once(late.stdout, "data");
seen["frozen"] = [
  await settled(() => states().every((state) => "TZX".includes(state))),
  neighbour.processes().length >= 3,
];
const population = neighbour.processes().join();
await neighbour.thaw();
seen["thawed"] = await settled(() => !states().includes("T") && neighbour.processes().join() !== population);
seen["started while frozen"] = String((await said)[0]).trim();
seen["ended"] = [ticker.kill("SIGTERM"), await ticker.exited];
await neighbour.freeze();
await neighbour.stop();
seen["stops though frozen"] = !neighbour.isRunning;

// A program whose effects are asked about, and refused when it comes to the last of them.
const asked: string[] = [];
const judge = createServer((socket) => {
  socket.on("data", (bytes: Buffer) => {
    const [, , , , kind = "", detail = ""] = takeMessage(bytes)?.fields.map(String) ?? [];
    asked.push(`${kind} ${detail}`);
    socket.end(packMessage(["done", detail === "/root/three" ? "1" : "0", "", "", ""]));
  });
});
judge.listen(caller.path("/run/judge.socket"));
await once(judge, "listening");
const tap = ["perl", `${INSIDE_PROJECT}/sandbox/machine/tap.pl`, "/run/judge.socket", "context"];
const script = "cd; printf 1 >one; mv one two; test -e two; : >three; echo after";
const tapped = await caller.exec([...tap, "/bin/sh", "-c", script]);
seen["effects"] = {
  asked,
  signal: tapped.signal,
  said: tapped.stdout + tapped.stderr,
  left: await sh(caller, "ls /root"),
};
judge.close();

// Without cleaning up: the network of a machine goes with it, so its address is free at once.
await abroad.powerOff();
const successor = machineAt(lisbon, 0);
await successor.start();
seen["successor"] = await sh(successor, "hostname -I");
await successor.destroy();
await removeSite(lisbon);

const broken = machineAt(rome, 5, { bridge: "nowhere" });
seen["does not boot"] = await broken.start().catch((error: Error) => error.message.split("\n")[0]);
seen["other machine"] = await sh(caller, "echo works");
report(seen);
process.exit(0);
