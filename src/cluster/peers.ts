// The other units of this application, and what their servers say when they are asked.
import { type Bag, readBag } from "../../lib/index.ts";
import { hostOf } from "../mysql/group.ts";
import type { Session } from "../mysql/ports.ts";
import { readServer, type ServerView } from "../mysql/topology.ts";
import type { Ports } from "../ports.ts";
import { MysqlProblem } from "../problems.ts";
import { PEERS, type PeerUnit, peerUnitSchema } from "../wire/peers.ts";

export interface Peer {
  readonly unit: string;
  readonly facts: PeerUnit;
}

/** All other units that this one has met, by number. What does not fit the schema counts as not written. */
export async function readPeers(ports: Ports): Promise<readonly Peer[]> {
  const relation = await ports.model.peer(PEERS);
  if (relation === undefined) return [];
  const units = await ports.model.remoteUnits(relation);
  const bags = await Promise.all(units.map((unit) => ports.model.readUnit(relation, unit)));
  return units.map((unit, at) => ({ unit, facts: peerFacts(bags[at] ?? {}) }));
}

function peerFacts(bag: Bag): PeerUnit {
  const read = readBag(peerUnitSchema, bag);
  return read.kind === "value" ? read.value : {};
}

/** Host name of a unit's server; undefined until the unit has one. */
function hostOfPeer({ facts }: Peer): string | undefined {
  const address = facts["instance-hostname"];
  return address === undefined ? undefined : hostOf(address);
}

/** What `ask` reads on a server, or "silent" when the server could not be asked. */
export async function askServer<T>(
  ports: Ports,
  connect: () => Promise<Session>,
  ask: (session: Session) => Promise<T>,
): Promise<T | "silent"> {
  try {
    await using session = await connect();
    return await ask(session);
  } catch (error) {
    if (!(error instanceof MysqlProblem)) throw error;
    ports.log.info(error.message);
    return "silent";
  }
}

/** Views of the peers that have a server, all asked at once. */
export async function askPeers(
  ports: Ports,
  peers: readonly Peer[],
): Promise<readonly { readonly peer: Peer; readonly host: string; readonly view: ServerView | "silent" }[]> {
  const asked = peers.map(async (peer) => {
    const host = hostOfPeer(peer);
    if (host === undefined) return undefined;
    return { peer, host, view: await askServer(ports, () => ports.keyring.connect({ host }), readServer) };
  });
  return (await Promise.all(asked)).filter((each) => each !== undefined);
}
