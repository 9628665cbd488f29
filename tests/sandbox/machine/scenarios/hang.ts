// Program, run in a hub: machines with work in them, for ever.
import { machineAt, openSites, report, sh } from "../in-hub.ts";

const [site] = await openSites(1);
if (site === undefined) throw new Error("no site");
const machines = [machineAt(site, 0), machineAt(site, 1)];
for (const machine of machines) {
  await machine.mountStorage("database/0", "/srv/data");
  await machine.start();
  await sh(machine, "setsid sleep 1000 >/dev/null 2>&1 &");
  machine.spawn(["sleep", "1000"], { env: { PATH: "/usr/bin:/bin" } });
}
report({ "hub's process": process.pid });
await new Promise(() => setInterval(() => {}, 1000));
