// Program, run in a hub: one machine's life from its first boot to its end.
import { once } from "node:events";
import { existsSync } from "node:fs";
import { createServer } from "node:net";
import { machineAt, openSites, report, sh } from "../in-hub.ts";

const [site] = await openSites(1);
if (site === undefined) throw new Error("no site");
const machine = machineAt(site, 0, {
  programs: { "/usr/local/bin/greet": "#!/bin/sh\necho hello\n" },
  onBoot: [["sh", "-c", "echo boot >>/var/log/boots"]],
});
const seen: Record<string, unknown> = {};
seen["path while off"] = machine.path("/var/lib/x").replace(machine.spec.folder, "<folder>");
seen["spawn while off"] = await machine.exec(["true"]).catch((error: Error) => error.message);

await machine.mountStorage("database/0", "/srv/data");
await machine.start();
seen["hostname"] = await sh(machine, "hostname; hostname -f; cat /etc/hostname");
seen["own name resolves to"] = await sh(machine, "getent hosts juju-site1-0");
seen["address"] = await sh(machine, "ip -4 -o address show eth0 | awk '{print $4}'");
seen["route"] = await sh(machine, "ip route show default | awk '{print $3}'");
seen["process 1"] = await sh(machine, "tr '\\0' ' ' </proc/1/cmdline");
seen["program of the sandbox"] = await sh(machine, "greet");
seen["can write"] = await sh(
  machine,
  "for d in / /etc /var/lib /tmp /run /root /opt /snap /usr/local/bin; do touch $d/mark || exit; done; echo yes",
);
seen["writes /usr"] = await sh(machine, "touch /usr/mark 2>/dev/null || echo no");
seen["writes the project"] = await sh(
  machine,
  "touch /usr/local/lib/juju-sandbox/mark 2>/dev/null || echo no",
);
seen["changes the kernel"] = await sh(machine, "echo 1 2>/dev/null >/proc/sys/vm/drop_caches || echo no");
seen["tmp for all"] = await sh(machine, "stat -c %a /tmp");
seen["storage"] = await sh(machine, "mountpoint -q /srv/data && touch /srv/data/row && echo mounted");
seen["sees of the host"] = await sh(machine, `ls -d ${machine.spec.folder} 2>/dev/null || echo nothing`);
seen["environment"] = (await machine.exec(["env"], { env: { ONLY: "this", PATH: "/usr/bin" } })).stdout;
seen["folder"] = (await machine.exec(["pwd"], { cwd: "/var/lib" })).stdout.trim();
seen["input"] = (await machine.exec(["cat"], { input: "typed" })).stdout;
seen["exit code"] = (await machine.exec(["sh", "-c", "exit 7"])).code;
seen["killed by"] = (await machine.exec(["sh", "-c", "kill -9 $$"])).signal;
seen["missing program"] = (await machine.exec(["/no/such/program"])).code;

const server = createServer((socket) => socket.end("from the hub\n"));
server.listen(machine.path("/var/lib/agent.socket"));
await once(server, "listening");
const client = 'print IO::Socket::UNIX->new("/var/lib/agent.socket")->getline';
seen["unix socket"] = await sh(machine, `perl -MIO::Socket::UNIX -e '${client}'`);
server.close();

const group = machine.spawn(["sh", "-c", "sleep 1000 & echo $!; wait"], { env: { PATH: "/usr/bin:/bin" } });
const [child] = (await once(group.stdout, "data")) as [Buffer];
group.kill("SIGTERM");
seen["killed group"] = await group.exited;
seen["its child"] = await sh(machine, `tail --pid=${child.toString().trim()} -f /dev/null; echo gone`);

await sh(machine, "sleep 1000 >/dev/null 2>&1 &");
seen["orphan's parent"] = await sh(machine, "ps -o ppid= -p $(pgrep -x sleep)");
await machine.stop();
seen["running after stop"] = machine.isRunning;
await machine.start();
seen["after reboot"] = await sh(
  machine,
  "ls /etc/mark /var/lib/mark /srv/data/row; ls /tmp /run; pgrep -x sleep",
);
seen["boots"] = await sh(machine, "cat /var/log/boots");
await machine.powerOff();
await machine.start();
seen["after a power cut"] = await sh(machine, "cat /srv/data/row /var/log/boots | wc -l");
await machine.exec(["sh", "-c", "kill -9 -1"]);
await machine.unmountStorage("database/0");
seen["without storage"] = await sh(machine, "mountpoint -q /srv/data || ls -A /srv/data | wc -l");
seen["storage's files"] = existsSync(`${machine.storageFolder("database/0")}/row`);
await machine.destroy();
seen["folder after destroy"] = existsSync(machine.spec.folder);
report(seen);
process.exit(0);
