// Who reaches whom: names by the asking machine's own hosts file, and what is cut between sites.
import { paths } from "../../../src/machine/paths.ts";
import { type MysqlState, type Server, serverOf } from "./state.ts";

const pairOf = (a: string, b: string): string => [a, b].sort().join("|");

export function isCut(state: MysqlState, siteA: string, siteB: string): boolean {
  return state.cuts[pairOf(siteA, siteB)] === true;
}

export function cutSites(state: MysqlState, siteA: string, siteB: string): void {
  state.cuts[pairOf(siteA, siteB)] = true;
}

export function healSites(state: MysqlState, siteA: string, siteB: string): void {
  delete state.cuts[pairOf(siteA, siteB)];
}

/** The machine that answers packets to a name or address; undefined where the name is unknown or nobody answers. */
function machineAt(state: MysqlState, from: string, to: string): Server | undefined {
  const asking = serverOf(state, from);
  const address = to === from ? asking.address : addressOf(asking, to);
  const found = Object.values(state.servers).find((each) => each.address === address);
  if (found === undefined || !found.power || !asking.power) return undefined;
  return isCut(state, asking.site, found.site) ? undefined : found;
}

/** The running server at a name or address. */
export function serverAt(state: MysqlState, from: string, to: string): Server | undefined {
  const found = machineAt(state, from, to);
  return found?.up === true ? found : undefined;
}

function addressOf(asking: Server, name: string): string {
  if (/^[\d.]+$/.test(name)) return name;
  const lines = (asking.files[paths.hosts] ?? "").split("\n");
  const line = lines.find((each) =>
    each
      .split(/[\s#]+/)
      .slice(1)
      .includes(name),
  );
  return line?.split(/\s+/)[0] ?? "";
}
