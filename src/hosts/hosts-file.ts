// The charm's lines of /etc/hosts: pure text. Names of members resolve to the addresses that the members gave for themselves.
import type { HostnameDetails } from "../wire/peers.ts";

const MARK = "# Managed by mysql charm";

/**
 * The file with the charm's lines replaced. `hosts` is in the order of trust: own, peers, other sites. A line that maps
 * one of the names to loopback is dropped: images of MAAS bring one, and a member that reports such a name would be
 * looked for at every machine's own address.
 */
export function withHosts(text: string, hosts: readonly HostnameDetails[]): string {
  const given = unclaimed(hosts);
  const names = new Set(given.flatMap((host) => host.names.map((name) => name.toLowerCase())));
  const kept = text.split("\n").filter((line) => !line.endsWith(MARK) && !isLoopbackOf(line, names));
  while (kept.at(-1) === "") kept.pop();
  const own = given.map((host) => `${host.address} ${host.names.join(" ")} ${MARK}`);
  return `${[...kept, ...own.sort()].join("\n")}\n`;
}

/** First come, first served: another site cannot claim a name that this machine or one of its peers has. Case does not matter to resolvers. */
function unclaimed(hosts: readonly HostnameDetails[]): readonly HostnameDetails[] {
  const taken = new Set<string>(["localhost"]);
  return hosts
    .map(({ names, address }) => {
      const free = names.filter((name) => !taken.has(name.toLowerCase()));
      for (const name of free) taken.add(name.toLowerCase());
      return { names: free, address };
    })
    .filter((host) => host.names.length > 0);
}

function isLoopbackOf(line: string, names: ReadonlySet<string>): boolean {
  const [address, ...aliases] = line.replace(/#.*/, "").trim().split(/\s+/);
  // The machine's own line stays, whatever else is on it.
  if (aliases.includes("localhost")) return false;
  return address?.startsWith("127.") === true && aliases.some((alias) => names.has(alias.toLowerCase()));
}
