// The charm's lines of /etc/hosts: pure text. Names of members resolve to the addresses that the members gave for themselves.
import type { HostnameDetails } from "../wire/peers.ts";

const MARK = "# Managed by mysql charm";

/**
 * The file with the charm's lines replaced. `hosts` is in the order of trust: own, peers, other sites. A line that maps one of the names to loopback is dropped: images of MAAS
 * bring one, and a member that reports such a name would be looked for at every machine's own address.
 */
export function withHosts(text: string, hosts: readonly HostnameDetails[]): string {
  const names = new Set(hosts.flatMap((host) => host.names));
  const kept = text.split("\n").filter((line) => !line.endsWith(MARK) && !isLoopbackOf(line, names));
  while (kept.at(-1) === "") kept.pop();
  const own = unclaimed(hosts).map((host) => `${host.address} ${host.names.join(" ")} ${MARK}`);
  return `${[...kept, ...own.sort()].join("\n")}\n`;
}

/** First come, first served: another site cannot claim a name that this machine or one of its peers has. */
function unclaimed(hosts: readonly HostnameDetails[]): readonly HostnameDetails[] {
  const taken = new Set<string>(["localhost"]);
  return hosts
    .map(({ names, address }) => {
      const free = names.filter((name) => !taken.has(name));
      for (const name of free) taken.add(name);
      return { names: free, address };
    })
    .filter((host) => host.names.length > 0);
}

function isLoopbackOf(line: string, names: ReadonlySet<string>): boolean {
  const [address, ...aliases] = line.replace(/#.*/, "").trim().split(/\s+/);
  return address?.startsWith("127.") === true && aliases.some((alias) => names.has(alias));
}
