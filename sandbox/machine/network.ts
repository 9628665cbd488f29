// The hub's network: one bridge per site, routed by the hub, and the faults between sites. Runs inside the hub only.
import { writeFile } from "node:fs/promises";
import { run } from "./run.ts";

/** A network of its own with its own /24, such as the machines of one model share. */
export interface Site {
  /** Name of the bridge device: 15 characters at most. */
  readonly bridge: string;
  /** Of the /24, e.g. 10.1.0.0. */
  readonly subnet: string;
  /** The hub's address in it, e.g. 10.1.0.1. */
  readonly gateway: string;
}

/** The n-th site (1 to 254): bridge site<n>, 10.<n>.0.0/24. */
export function siteOf(n: number): Site {
  if (!Number.isInteger(n) || n < 1 || n > 254) throw new Error(`site ${n}: sites are numbered 1 to 254`);
  return { bridge: `site${n}`, subnet: `10.${n}.0.0`, gateway: `10.${n}.0.1` };
}

/** Prepares the hub. Call it once, in the hub's program, before anything else of this module and any machine. */
export async function openHub(): Promise<void> {
  // Accounts of the machines other than root must reach their files, whatever the person's own umask.
  process.umask(0o022);
  await ip(["link set lo up"]);
  await writeFile("/proc/sys/net/ipv4/ip_forward", "1");
}

export async function addSite(site: Site): Promise<void> {
  await ip([
    `link add ${site.bridge} type bridge stp_state 0 forward_delay 0`,
    `address add ${site.gateway}/24 dev ${site.bridge}`,
    `link set ${site.bridge} up`,
  ]);
}

/** Its machines must be off. */
export async function removeSite(site: Site): Promise<void> {
  await ip([`link delete ${site.bridge}`]);
}

/** Packets between two sites vanish from now on, in both directions, as when the line between two towns is cut. */
export async function cutSites(a: Site, b: Site): Promise<void> {
  await ip(rules("add", a, b));
}

/** Undoes cutSites. */
export async function healSites(a: Site, b: Site): Promise<void> {
  await ip(rules("delete", a, b));
}

function rules(verb: "add" | "delete", a: Site, b: Site): readonly string[] {
  const one = (from: Site, to: Site): string =>
    `rule ${verb} from ${from.subnet}/24 to ${to.subnet}/24 blackhole`;
  return [one(a, b), one(b, a)];
}

/** Plugs a machine in: a cable between its eth0 and the bridge. It goes away with the machine's network namespace. */
export async function plugIn(bridge: string, address: string, pid: number): Promise<void> {
  const port = portOf(address);
  // The kernel takes down the network namespace of a machine that has ended at leisure; its cable may still be there.
  await run(["ip", "link", "delete", port]).catch(() => {});
  await ip([
    `link add ${port} type veth peer name eth0 netns ${pid}`,
    `link set ${port} master ${bridge}`,
    `link set ${port} up`,
  ]);
}

/** Pulls a machine's cable out, or puts it back. */
export async function setPort(address: string, up: boolean): Promise<void> {
  await ip([`link set ${portOf(address)} ${up ? "up" : "down"}`]);
}

/** Name of the bridge's end of a machine's cable, unique by address and short enough for the kernel. */
export function portOf(address: string): string {
  const hex = address.split(".").map((part) => Number(part).toString(16).padStart(2, "0"));
  return `port${hex.join("")}`;
}

async function ip(lines: readonly string[]): Promise<void> {
  await run(["ip", "-batch", "-"], { input: `${lines.join("\n")}\n` });
}
