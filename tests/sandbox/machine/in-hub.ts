// Runs a scenario program inside a hub of its own and reads what it observed: machines exist in a hub only.
import { type ChildProcess, spawn } from "node:child_process";
import { chown, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hubCommand } from "../../../sandbox/machine/hub.ts";
import { Machine, type MachineSpec } from "../../../sandbox/machine/machine.ts";
import { addSite, openHub, type Site, siteOf } from "../../../sandbox/machine/network.ts";

/** nobody: an account that every machine has and that owns nothing. */
const NOBODY = 65534;

export type Observations = Readonly<Record<string, unknown>>;

export interface HubRun {
  readonly process: ChildProcess;
  /** What the scenario reported; rejected with its error output when it failed. */
  readonly observations: Promise<Observations>;
  readonly ended: Promise<unknown>;
}

/** Starts a scenario. Its state is in `folder`; it reports with report(). */
export function startScenario(url: URL, folder: string, as: "root" | "nobody" = "root"): HubRun {
  const command = hubCommand([process.execPath, url.pathname, folder], as === "nobody");
  const account = as === "nobody" ? { uid: NOBODY, gid: NOBODY } : {};
  // A test run that is killed takes its hubs along.
  const child = spawn("setpriv", ["--pdeathsig=KILL", "--", ...command], {
    stdio: ["ignore", "pipe", "pipe"],
    ...account,
  });
  let stdout = "";
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const observations = new Promise<Observations>((resolve, reject) => {
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
      if (stdout.endsWith("\n")) resolve(JSON.parse(stdout) as Observations);
    });
    child.on("error", reject);
    child.on("exit", (code, signal) => {
      if (stdout === "") reject(new Error(`the scenario ended with ${code ?? signal}: ${stderr}`));
    });
  });
  const ended = new Promise((resolve) => {
    child.on("close", resolve);
  });
  return { process: child, observations, ended };
}

/** Runs a scenario in a new folder, which is gone afterwards. */
export async function runScenario(url: URL, as: "root" | "nobody" = "root"): Promise<Observations> {
  const folder = await mkdtemp(join(tmpdir(), "sandbox-test-"));
  if (as === "nobody") await chown(folder, NOBODY, NOBODY);
  const running = startScenario(url, folder, as);
  try {
    return await running.observations;
  } finally {
    running.process.kill("SIGKILL");
    await running.ended;
    await rm(folder, { recursive: true, force: true });
  }
}

/** For scenarios: hands the observations to the test. */
export function report(observations: Observations): void {
  process.stdout.write(`${JSON.stringify(observations)}\n`);
}

/** For scenarios: opens the hub and makes the first sites. */
export async function openSites(count: number): Promise<readonly Site[]> {
  await openHub();
  const sites = Array.from({ length: count }, (_, index) => siteOf(index + 1));
  for (const site of sites) await addSite(site);
  return sites;
}

/** For scenarios: the n-th machine of a site, not started. */
export function machineAt(site: Site, n: number, more: Partial<MachineSpec> = {}): Machine {
  const id = `${site.bridge}-${n}`;
  const address = site.gateway.replace(/\d+$/, String(10 + n));
  const folder = join(process.argv[2] ?? "", id);
  const { gateway, bridge } = site;
  return new Machine({ id, hostname: `juju-${id}`, address, prefix: 24, gateway, bridge, folder, ...more });
}

/** For scenarios: what a shell command inside prints, or its failure. */
export async function sh(machine: Machine, command: string): Promise<string> {
  const { code, signal, stdout, stderr } = await machine.exec(["sh", "-c", command]);
  return code === 0 ? stdout.trim() : `failed with ${code ?? signal}: ${stdout}${stderr}`;
}
