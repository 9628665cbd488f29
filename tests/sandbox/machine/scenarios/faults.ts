// Program, run in a hub: machines of two sites reach each other, until something is cut.
import { once } from "node:events";
import { setTimeout as pause } from "node:timers/promises";
import { stateOf } from "../../../../sandbox/machine/freeze.ts";
import type { Machine } from "../../../../sandbox/machine/machine.ts";
import { cutSites, healSites, removeSite } from "../../../../sandbox/machine/network.ts";
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
await cutSites(rome, lisbon);
seen["cut"] = [await forwards(caller, abroad), await forwards(abroad, caller), await connect(neighbour)];
await healSites(rome, lisbon);
seen["healed"] = [await forwards(caller, abroad), await forwards(abroad, caller), await connect(abroad)];

const carrier = (): Promise<string> => sh(neighbour, "cat /sys/class/net/eth0/carrier; hostname -I");
seen["plugged"] = await carrier();
await neighbour.setLink(false);
seen["unplugged"] = await carrier();
await neighbour.setLink(true);
seen["plugged again"] = [await carrier(), await connect(neighbour)];

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
