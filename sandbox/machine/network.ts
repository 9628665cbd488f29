// The hub's network: one bridge per site, routed by the hub, and the faults between sites. Runs inside the hub only.
import { writeFile } from "node:fs/promises";
import { run } from "./run.ts";
import { tool } from "./tools.ts";

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

/** Packets between two networks that vanish, in one direction. */
export interface Drop {
  /** e.g. 10.1.0.0/24 */
  readonly from: string;
  /** "" for whatever arrives at a machine's eth0. */
  readonly to: string;
}

/** Makes the hub drop what goes between these sites, in both directions, and nothing else any more. */
export async function setCuts(pairs: readonly (readonly [Site, Site])[]): Promise<void> {
  const net = (site: Site): string => `${site.subnet}/24`;
  const drops = pairs.flatMap(([a, b]) => [
    { from: net(a), to: net(b) },
    { from: net(b), to: net(a) },
  ]);
  await setDrops(drops);
}

/** The place of the drops among the rules. */
const DROPS = 100;

/**
 * Replaces all rules by which packets vanish silently, in the hub or in the network namespace of a process. A rule for what
 * is on its way in is the only kind that its sender is not told of.
 */
export async function setDrops(drops: readonly Drop[], pid?: number): Promise<void> {
  const inside = pid === undefined ? [] : [tool("nsenter"), `--net=/proc/${pid}/ns/net`, "--"];
  const { stdout } = await run([...inside, "ip", "rule", "show"]);
  const present = stdout.split("\n").filter((line) => line.endsWith(" blackhole"));
  const known = new Set(present.map((line) => line.replace(/^\d+:\s+/, "")));
  const wanted = new Set(drops.map(ruleOf));
  // The kernel's first rule is for packets that have arrived where they were sent to: it must not come before the drops.
  const moves = /^0:/m.test(stdout) && wanted.size > 0;
  const lines = [
    ...(moves ? [`rule add pref ${DROPS + 1} table local`, "rule delete pref 0"] : []),
    ...[...known].filter((rule) => !wanted.has(rule)).map((rule) => `rule delete ${rule}`),
    ...[...wanted].filter((rule) => !known.has(rule)).map((rule) => `rule add pref ${DROPS} ${rule}`),
  ];
  if (lines.length > 0) await run([...inside, "ip", "-batch", "-"], { input: `${lines.join("\n")}\n` });
}

/** As `ip rule show` prints it: a single address without its length. */
function ruleOf({ from, to }: Drop): string {
  const source = from === "0.0.0.0/0" ? "all" : from.replace(/\/32$/, "");
  return to === "" ? `from ${source} iif eth0 blackhole` : `from ${source} to ${to} blackhole`;
}

/**
 * Plugs a machine in: a cable between its eth0 and the bridge. It goes away with the machine's network namespace. The
 * hardware's address is always the same, so that others need not ask anew after a reboot.
 */
export async function plugIn(bridge: string, address: string, pid: number): Promise<void> {
  const port = portOf(address);
  // The kernel takes down the network namespace of a machine that has ended at leisure; its cable may still be there.
  await removeLink(port);
  await ip([
    `link add ${port} type veth peer name eth0 address 02:00:${hexOf(address).join(":")} netns ${pid}`,
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
  return `port${hexOf(address).join("")}`;
}

function hexOf(address: string): readonly string[] {
  return address.split(".").map((part) => Number(part).toString(16).padStart(2, "0"));
}

/** Removes a network device, if there is one of that name. */
export async function removeLink(name: string): Promise<void> {
  await run(["ip", "link", "delete", name]).catch(() => {});
}

/** Carries out commands of ip(8), the first that fails ends it. */
export async function ip(lines: readonly string[]): Promise<void> {
  await run(["ip", "-batch", "-"], { input: `${lines.join("\n")}\n` });
}
