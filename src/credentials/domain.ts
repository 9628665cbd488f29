// Looks at who still uses old passwords, and ends them.
import { type Domain, type Leader, readBag } from "../../lib/index.ts";
import { viewLocal } from "../cluster/domain.ts";
import { readNames } from "../identity/domain.ts";
import { worksOnMysql } from "../jobs.ts";
import { discardOldPassword } from "../mysql/accounts.ts";
import { readServer, type ServerView } from "../mysql/topology.ts";
import type { Ports } from "../ports.ts";
import { MysqlProblem } from "../problems.ts";
import { unrelatedClusters } from "../replication/leaving.ts";
import { siteName } from "../replication/local-cluster.ts";
import { samePasswords, systemUsers } from "../wire/credentials.ts";
import { PASSWORDS_GENERATION, PEERS, peerAppSchema, peerUnitSchema } from "../wire/peers.ts";
import { ASYNC_PRIMARY, ASYNC_REPLICA, primaryBagSchema, replicaBagSchema } from "../wire/replication.ts";
import { type CredentialsFacts, type CredentialsStep, decideCredentials } from "./decide.ts";
import { writableMember } from "./writable-member.ts";

export function credentialsDomain(ports: Ports): Domain<CredentialsFacts, CredentialsStep> {
  return {
    name: "credentials",
    observe: () => observe(ports),
    decide: decideCredentials,
    perform: () => discardOldPasswords(ports),
  };
}

/**
 * Says that this unit has no use for older passwords: every later hook of it reads the new ones. While a job runs that
 * was given the old ones it says nothing.
 */
export async function acknowledgePasswords(ports: Ports): Promise<void> {
  const peers = await ports.model.peer(PEERS);
  const generation = await generationOf(ports);
  if (peers === undefined || generation === undefined || (await worksOnMysql(ports.jobs))) return;
  ports.model.writeUnit(peers, { [PASSWORDS_GENERATION]: generation });
}

/** The same to the application of the primary cluster, once it holds for every unit of this one. */
export async function acknowledgeShared(ports: Ports, leader: Leader): Promise<void> {
  const { model, keyring } = ports;
  const relation = (await model.relations(ASYNC_REPLICA)).find((each) => !each.broken);
  if (relation === undefined) return;
  const bag = readBag(primaryBagSchema, (await model.readApp(relation, "remote")) ?? {});
  const generation = bag.kind === "value" ? bag.value[PASSWORDS_GENERATION] : undefined;
  const [incoming, own] = [await keyring.incoming(), await keyring.own()];
  if (generation === undefined || incoming.kind !== "value" || own === undefined) return;
  if (!samePasswords(incoming.passwords, own)) return;
  if (!(await isCommitted(ports)) || (await unitsAwaited(ports)).length > 0) return;
  model.writeApp(leader, relation, { [PASSWORDS_GENERATION]: generation });
}

async function observe(ports: Ports): Promise<CredentialsFacts> {
  const view = await viewLocal(ports);
  const replica = (await ports.model.relations(ASYNC_REPLICA)).some((relation) => !relation.broken);
  return {
    old: await readOld(ports, view),
    source: replica ? "primary-cluster" : "own",
    committed: await isCommitted(ports),
    awaited: await usersOfOldPasswords(ports, view),
  };
}

/** Units, applications and clusters by name; `view` is of the own server. */
export async function usersOfOldPasswords(
  ports: Ports,
  view: ServerView | "unknown",
): Promise<readonly string[]> {
  return [
    ...(await unitsAwaited(ports)),
    ...(await standbysAwaited(ports)),
    ...(view === "unknown" ? [] : await unrelatedClusters(ports, view)),
  ];
}

/** This machine's server is asked first: only where it has old passwords, the one that takes writes is asked, too. */
async function readOld(ports: Ports, view: ServerView | "unknown"): Promise<CredentialsFacts["old"]> {
  if (view === "unknown") return "unknown";
  if (!view.server.oldPasswords) return "gone";
  const host = await writableMember(ports);
  if (host === undefined) return "unknown";
  try {
    await using session = await ports.keyring.connect({ host });
    return (await readServer(session)).server.oldPasswords ? "kept" : "gone";
  } catch (error) {
    if (error instanceof MysqlProblem) return "unknown";
    throw error;
  }
}

async function generationOf(ports: Ports): Promise<string | undefined> {
  return (await readNames(ports))?.[PASSWORDS_GENERATION];
}

async function isCommitted(ports: Ports): Promise<boolean> {
  const peers = await ports.model.peer(PEERS);
  const bag = peers === undefined ? undefined : await ports.model.committedApp(peers);
  const committed = readBag(peerAppSchema.pick({ [PASSWORDS_GENERATION]: true }), bag ?? {});
  const generation = committed.kind === "value" ? committed.value[PASSWORDS_GENERATION] : undefined;
  return generation === (await generationOf(ports));
}

async function unitsAwaited(ports: Ports): Promise<readonly string[]> {
  const { model } = ports;
  const generation = await generationOf(ports);
  const peers = await model.peer(PEERS);
  if (peers === undefined || generation === undefined) return [];
  const units = [model.context.unit, ...(await model.remoteUnits(peers))];
  const known = await Promise.all(
    units.map(async (unit) => {
      const bag = readBag(
        peerUnitSchema.pick({ [PASSWORDS_GENERATION]: true }),
        await model.readUnit(peers, unit),
      );
      return bag.kind === "value" ? bag.value[PASSWORDS_GENERATION] : undefined;
    }),
  );
  return units.filter((_, at) => known[at] !== generation);
}

/** An application that cannot say so (the Python charm) may use the old passwords for ever. */
async function standbysAwaited(ports: Ports): Promise<readonly string[]> {
  const { model } = ports;
  const generation = await generationOf(ports);
  const awaited: string[] = [];
  for (const relation of await model.relations(ASYNC_PRIMARY)) {
    const own = readBag(primaryBagSchema, (await model.readApp(relation, "local")) ?? {});
    if (relation.broken || own.kind !== "value" || own.value["secret-id"] === undefined) continue;
    const remote = readBag(replicaBagSchema, (await model.readApp(relation, "remote")) ?? {});
    const known = remote.kind === "value" ? remote.value[PASSWORDS_GENERATION] : undefined;
    if (known !== generation) awaited.push(siteName(relation));
  }
  return awaited;
}

async function discardOldPasswords(ports: Ports): Promise<void> {
  const passwords = await ports.keyring.own();
  const host = await writableMember(ports);
  if (passwords === undefined || host === undefined) {
    throw new MysqlProblem("primary-unavailable", "Discarding old passwords", "no member takes writes");
  }
  const quote = await ports.sql.quoting();
  await using session = await ports.keyring.connect({ host });
  for (const user of systemUsers) {
    for (const statement of discardOldPassword(user, passwords[user], quote)) await session.run(statement);
  }
}
