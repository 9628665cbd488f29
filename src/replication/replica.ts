// AsyncReplicationReplica: wires the table of `async-replica` to its ports. Runs on the leader.
import { type Bag, type Domain, type Leader, type Relation, readBag } from "../../lib/index.ts";
import { storePasswords } from "../credentials/store.ts";
import { readNames } from "../identity/domain.ts";
import { alterPasswords } from "../mysql/accounts.ts";
import { commands } from "../mysql/commands.ts";
import { leaveGroup } from "../mysql/group.ts";
import { catchUpWith } from "../mysql/topology.ts";
import type { Ports } from "../ports.ts";
import { MysqlProblem } from "../problems.ts";
import { type Passwords, samePasswords } from "../wire/credentials.ts";
import { hostSchema, unitLabel } from "../wire/names.ts";
import { PEERS } from "../wire/peers.ts";
import { ASYNC_PRIMARY, primaryBagSchema, replicaBagSchema } from "../wire/replication.ts";
import { memberHost } from "../workload/domain.ts";
import { decideReplica } from "./decide-replica.ts";
import {
  isSecond,
  primaryHost,
  replicaCluster,
  requireView,
  type SiteParts,
  siteName,
  viewPrimary,
} from "./local-cluster.ts";
import { addressFor, distinctName, hasMoved, isOffererGone } from "./offer.ts";
import type { ReplicaFacts, ReplicaStep } from "./replica-facts.ts";
import { type Others, withNewest } from "./set-copies.ts";
import { readUserData } from "./user-data.ts";

export class AsyncReplicationReplica implements Domain<ReplicaFacts, ReplicaStep> {
  readonly name: string;
  readonly #ports: Ports;
  readonly #leader: Leader;
  readonly #relation: Relation;
  readonly #others: Others;

  constructor({ ports, leader, relation, others }: SiteParts) {
    this.name = `async-replica:${relation.id}`;
    this.#ports = ports;
    this.#leader = leader;
    this.#relation = relation;
    this.#others = others;
  }

  async observe(): Promise<ReplicaFacts> {
    const { model, keyring } = this.#ports;
    const own = readBag(replicaBagSchema, (await model.readApp(this.#relation, "local")) ?? {});
    const view = await viewPrimary(this.#ports);
    const cluster = replicaCluster(view === "unknown" ? view : withNewest(view, this.#others));
    const incoming = await keyring.incoming();
    const stored = await keyring.own();
    const offered = own.kind === "value" ? own.value : {};
    return {
      remoteApp: siteName(this.#relation),
      cluster,
      plannedMembers: await model.plannedUnits(),
      offered,
      hasMoved: await hasMoved(this.#ports, this.#relation, offered),
      offererGone: await isOffererGone(this.#ports, offered),
      remote: readBag(primaryBagSchema, (await model.readApp(this.#relation, "remote")) ?? {}),
      ...(isSettled(cluster) || offered["node-label"] === unitLabel(model.context.unit)
        ? settledData
        : await this.#userData(incoming.kind === "value")),
      isFollowed: (await model.relations(ASYNC_PRIMARY)).some((each) => !each.broken),
      incoming: incoming.kind === "incomplete" ? { missing: incoming.field } : incoming.kind,
      accounts: incoming.kind === "value" ? await this.#accounts(incoming.passwords) : "unknown",
      stored: incoming.kind === "value" && stored !== undefined && samePasswords(incoming.passwords, stored),
      site: await this.#site(),
      isSecond: await isSecond(this.#ports, this.#relation),
      seed: await this.#seed(),
      recordedSetName: (await readNames(this.#ports))?.["cluster-set-domain-name"] ?? "",
    };
  }

  decide(facts: ReplicaFacts): ReturnType<typeof decideReplica> {
    return decideReplica(facts);
  }

  async perform(step: ReplicaStep, facts: ReplicaFacts): Promise<void> {
    switch (step) {
      case "record-set-name":
        return this.#writePeers({ "cluster-set-domain-name": setName(facts) });
      case "report-user-data":
        return this.#write({ "user-data-found": "true" });
      case "withdraw-user-data":
        return this.#write({ "user-data-found": "" });
      case "release-seed":
        return this.#writePeers({ "seed-unit": "" });
      case "adopt-accounts":
        return this.#adoptAccounts();
      case "store-passwords":
      case "follow-passwords":
        return this.#storePasswords();
      case "dissolve":
        return this.#ports.shell.run(await memberHost(this.#ports), commands.dissolve());
      case "end-group":
        return this.#endGroup(facts);
      case "publish-instance":
        return this.#publishInstance(facts);
      case "publish-address":
        return this.#write({ endpoint: await addressFor(this.#ports, this.#relation) });
    }
  }

  #write(values: Bag): void {
    this.#ports.model.writeApp(this.#leader, this.#relation, values);
  }

  async #writePeers(values: Bag): Promise<void> {
    const peers = await this.#ports.model.peer(PEERS);
    if (peers !== undefined) this.#ports.model.writeApp(this.#leader, peers, values);
  }

  async #userData(mayAsk: boolean): ReturnType<typeof readUserData> {
    return await readUserData(this.#ports, mayAsk ? await this.#addresses() : undefined);
  }

  /** Whose passwords the local server takes: asked, not remembered, so that a hook killed half-way finds out. */
  async #accounts(incoming: Passwords): Promise<ReplicaFacts["accounts"]> {
    try {
      await using _session = await this.#ports.keyring.connectLocal();
    } catch (error) {
      if (error instanceof MysqlProblem) return "unknown";
      throw error;
    }
    const working = this.#ports.keyring.working();
    return working?.serverconfig.equals(incoming.serverconfig) === true ? "theirs" : "own";
  }

  /** Of the primary cluster's units. */
  async #addresses(): Promise<readonly string[]> {
    const { model } = this.#ports;
    const units = await model.remoteUnits(this.#relation);
    const bags = await Promise.all(units.map((unit) => model.readUnit(this.#relation, unit)));
    const given = bags.map((bag) => hostSchema.safeParse(bag["ingress-address"]));
    return given.flatMap((address) => (address.success ? [address.data] : []));
  }

  async #site(): Promise<ReplicaFacts["site"]> {
    const { reachable } = this.#ports;
    const addresses = await this.#addresses();
    const answers = await Promise.all(addresses.map((address) => reachable(address)));
    return { addresses, reachable: answers.includes(true) };
  }

  async #seed(): Promise<ReplicaFacts["seed"]> {
    if ((await readNames(this.#ports))?.["seed-unit"] !== undefined) return "held";
    const peers = await this.#ports.model.peer(PEERS);
    const committed = peers === undefined ? undefined : await this.#ports.model.committedApp(peers);
    return (committed?.["seed-unit"] ?? "") === "" ? "committed" : "releasing";
  }

  /**
   * On the writable member, so that the group takes the change over.
   */
  async #adoptAccounts(): Promise<void> {
    const { keyring, sql } = this.#ports;
    const incoming = await keyring.incoming();
    const view = await requireView(this.#ports, "Taking over the accounts");
    if (incoming.kind !== "value") return;
    const host = primaryHost(view);
    const quote = await sql.quoting();
    await using session = host === undefined ? await keyring.connectLocal() : await keyring.connect({ host });
    if (host === undefined) {
      await session.run("SET SESSION sql_log_bin = 0");
      await session.run("SET GLOBAL super_read_only = OFF");
    }
    await session.run(alterPasswords(incoming.passwords, quote));
    if (host === undefined) {
      await session.run("SET GLOBAL super_read_only = ON");
    } else {
      await using local = await keyring.connectLocal();
      await catchUpWith(local, session);
    }
  }

  /** The own server last: as long as it is in the group, the step is seen as not done. */
  async #endGroup({ cluster }: ReplicaFacts): Promise<void> {
    const own = await memberHost(this.#ports);
    const hosts = typeof cluster === "string" || cluster.kind !== "remnant" ? [] : cluster.hosts;
    for (const host of [...hosts.filter((each) => each !== own), own]) {
      await using session = await this.#ports.keyring.connect({ host });
      await leaveGroup(session);
    }
  }

  async #storePasswords(): Promise<void> {
    const incoming = await this.#ports.keyring.incoming();
    if (incoming.kind === "value") await storePasswords(this.#ports, this.#leader, incoming.passwords);
  }

  async #publishInstance(facts: ReplicaFacts): Promise<void> {
    const { model } = this.#ports;
    const recorded = (await readNames(this.#ports))?.["cluster-name"];
    if (recorded === undefined) return;
    const endpoint = await addressFor(this.#ports, this.#relation);
    const theirs = facts.remote.kind === "value" ? facts.remote.value["cluster-name"] : undefined;
    const name = distinctName(model.context, recorded, theirs);
    await this.#writePeers({ "cluster-name": name, "removed-from-cluster-set": "" });
    this.#write({ "cluster-name": name, endpoint, "node-label": unitLabel(model.context.unit) });
  }
}

/** In a set with others, or made ready for it, there is nothing to lose any more, and nobody has to be asked at every event. */
const settledData = { userDatabases: [], userData: "theirs" } as const;
const isSettled = (cluster: ReplicaFacts["cluster"]): boolean =>
  typeof cluster !== "string" && cluster.kind === "present" && cluster.clusters.length > 1;

function setName(facts: ReplicaFacts): string {
  const { cluster } = facts;
  return typeof cluster !== "string" && cluster.kind === "present" ? (cluster.setName ?? "") : "";
}
