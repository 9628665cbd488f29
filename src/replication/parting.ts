// Wires the table of ended relations to its ports. Runs on the leader, after the relations that are there.
import { type Domain, type Leader, type Relation, readBag } from "../../lib/index.ts";
import { askServer, readPeers } from "../cluster/peers.ts";
import { allMet } from "../cluster/survey.ts";
import { readNames } from "../identity/domain.ts";
import { commands } from "../mysql/commands.ts";
import { hostOf } from "../mysql/group.ts";
import { jobOutcome } from "../mysql/job-outcome.ts";
import type { ServerView } from "../mysql/topology.ts";
import type { Ports } from "../ports.ts";
import { MysqlProblem } from "../problems.ts";
import { isSameName } from "../wire/names.ts";
import { PEERS, readSetRelations, type SetRelations } from "../wire/peers.ts";
import { ASYNC_PRIMARY, ASYNC_REPLICA, primaryBagSchema, replicaBagSchema } from "../wire/replication.ts";
import { decideParting, endedWith, type PartingFacts, type PartingStep } from "./decide-parting.ts";
import { primaryHost, viewThroughAnyone } from "./local-cluster.ts";
import { canTakePart, inSet, partingCluster } from "./parting-cluster.ts";
import { type Others, withNewest } from "./set-copies.ts";

const JOB = "remove-cluster";

export interface PartingParts {
  readonly ports: Ports;
  readonly leader: Leader;
  readonly others: Others;
  readonly wokenByJob: boolean;
}

/** What is known of the relations, as it is and as it was recorded. */
interface Relations {
  readonly recorded: SetRelations;
  /** Those that are there, as they are to be recorded. */
  readonly present: SetRelations;
}

interface Described {
  readonly relation: Relation;
  readonly side: SetRelations[string]["side"];
  /** Of this relation and of all others. */
  readonly records: SetRelations;
}

export class Parting implements Domain<PartingFacts, PartingStep> {
  readonly name = "parting";
  readonly #ports: Ports;
  readonly #leader: Leader;
  readonly #others: Others;
  readonly #wokenByJob: boolean;
  #present: SetRelations = {};

  constructor({ ports, leader, others, wokenByJob }: PartingParts) {
    this.#ports = ports;
    this.#leader = leader;
    this.#others = others;
    this.#wokenByJob = wokenByJob;
  }

  async observe(): Promise<PartingFacts> {
    const view = await viewThroughAnyone(this.#ports);
    const { recorded, present } = await this.#relations(view);
    this.#present = present;
    const ended = Object.entries(recorded).filter(([id]) => !Object.hasOwn(present, id));
    const own = partingCluster(view, this.#others);
    return {
      own: own === "absent" && !(await this.#speaksForAll(view)) ? "unknown" : own,
      recorded: Object.entries(present).every(([id, each]) => isSame(each, recorded[id])),
      ended: ended.map(([id, { side, cluster }]) => ({ id, side, cluster })),
      stranded: await this.#isStranded(),
      job: jobOutcome(await this.#ports.jobs.state(JOB)),
      wokenByJob: this.#wokenByJob,
    };
  }

  decide(facts: PartingFacts): ReturnType<typeof decideParting> {
    return decideParting(facts);
  }

  async perform(step: PartingStep, facts: PartingFacts): Promise<void> {
    switch (step) {
      case "record":
        return this.#record();
      case "note-removal":
        await this.#forget(facts.ended.map(({ id }) => id));
        // In one write with the seed: whoever formed this cluster once must not form it again by itself.
        return this.#writePeers({ "removed-from-cluster-set": "true", "seed-unit": "" });
      case "forget": {
        const one = endedWith(facts, "none")?.id;
        return this.#forget(one === undefined ? facts.ended.map(({ id }) => id) : [one]);
      }
      case "start-removing":
        return this.#startRemoving(endedWith(facts, "other")?.cluster);
      case "clear-job":
        return this.#ports.jobs.clear(JOB);
    }
  }

  /** A server without a single transaction was never in a cluster, and says nothing of the one that others may be in. */
  async #speaksForAll(view: ServerView | "unknown"): Promise<boolean> {
    if (view !== "unknown" && view.server.gtidExecuted !== "") return true;
    return (await allMet(this.#ports)) && (await this.#isNobodyIn());
  }

  async #isNobodyIn(): Promise<boolean> {
    return (await readPeers(this.#ports)).every(({ facts }) => facts["unit-initialized"] === undefined);
  }

  /** A unit whose server does not answer may be a member: it tells its peers until it has asked. */
  async #isStranded(): Promise<boolean> {
    const names = await readNames(this.#ports);
    const mayForm = names === undefined || names["seed-unit"] !== undefined;
    if (mayForm || names["removed-from-cluster-set"] === "true") return false;
    const relations = await this.#ports.model.relations(ASYNC_REPLICA);
    if (relations.some(({ broken }) => !broken)) return false;
    return await this.#isNobodyIn();
  }

  async #writePeers(values: Readonly<Record<string, string>>): Promise<void> {
    const peers = await this.#ports.model.peer(PEERS);
    if (peers !== undefined) this.#ports.model.writeApp(this.#leader, peers, values);
  }

  async #relations(view: ServerView | "unknown"): Promise<Relations> {
    const { model } = this.#ports;
    const recorded = readSetRelations((await readNames(this.#ports))?.["set-relations"]);
    const present: Record<string, SetRelations[string]> = {};
    for (const side of [ASYNC_PRIMARY, ASYNC_REPLICA] as const) {
      for (const relation of await model.relations(side)) {
        if (relation.broken) continue;
        const others = { ...recorded, ...present };
        const record = await this.#describe({ relation, side, records: others }, view);
        if (record !== undefined) present[relation.id] = record;
      }
    }
    return { recorded, present };
  }

  /**
   * Undefined while there is nothing that would have to be undone. A cluster of the set is one relation's: whatever is
   * written into its bag later, or into another's, no other one's end removes it.
   */
  async #describe(
    { relation, side, records }: Described,
    view: ServerView | "unknown",
  ): Promise<SetRelations[string] | undefined> {
    const { model } = this.#ports;
    const { [String(relation.id)]: known, ...rest } = records;
    const schema = side === ASYNC_PRIMARY ? replicaBagSchema : primaryBagSchema;
    const remote = readBag(schema, (await model.readApp(relation, "remote")) ?? {});
    const name = remote.kind === "value" ? remote.value["cluster-name"] : undefined;
    const own = readBag(primaryBagSchema, (await model.readApp(relation, "local")) ?? {});
    const secret = own.kind === "value" && side === ASYNC_PRIMARY ? (own.value["secret-id"] ?? "") : "";
    const taken = Object.values(rest).some((each) => isSameName(each.cluster, name ?? ""));
    const claimed = taken ? undefined : inSet(view, this.#others, name);
    const cluster = inSet(view, this.#others, known?.cluster) ?? claimed ?? known?.cluster ?? "";
    return cluster === "" && secret === "" && known === undefined ? undefined : { side, cluster, secret };
  }

  /** What was seen: looked at again, a server may be silent. */
  async #record(): Promise<void> {
    const recorded = readSetRelations((await readNames(this.#ports))?.["set-relations"]);
    await this.#writePeers({ "set-relations": JSON.stringify({ ...recorded, ...this.#present }) });
  }

  /** The secrets of relations that are gone are nobody's any more. */
  async #forget(ids: readonly string[]): Promise<void> {
    const { model } = this.#ports;
    const recorded = readSetRelations((await readNames(this.#ports))?.["set-relations"]);
    for (const id of ids) {
      const secret = await model.ownSecret(this.#leader, { id: recorded[id]?.secret ?? "" });
      secret?.remove();
    }
    const rest = Object.entries(recorded).filter(([id]) => !ids.includes(id));
    const text = rest.length === 0 ? "" : JSON.stringify(Object.fromEntries(rest));
    await this.#writePeers({ "set-relations": text });
  }

  /** Units that came to the other cluster since the relation ended have no name here. */
  async #reachesAll(view: ServerView, cluster: string): Promise<boolean> {
    const { metadata } = withNewest(view, this.#others).view;
    const listed = metadata === "absent" ? [] : metadata.instances.filter((each) => each.cluster === cluster);
    const asked = await Promise.all(
      listed.map(({ address }) =>
        askServer(
          this.#ports,
          () => this.#ports.keyring.connect({ host: hostOf(address) }),
          async () => true,
        ),
      ),
    );
    return asked.every((answer) => answer !== "silent");
  }

  /**
   * By force where the other cluster cannot take part: that changes the record of the set alone. The cluster keeps its
   * data, and leaves by itself once it can read the record.
   */
  async #startRemoving(name: string | undefined): Promise<void> {
    const { jobs, shell } = this.#ports;
    const view = await viewThroughAnyone(this.#ports);
    const host = view === "unknown" ? undefined : primaryHost(view);
    if (view === "unknown" || host === undefined || name === undefined) {
      throw new MysqlProblem("no-quorum", "Removing a cluster", "this cluster has no primary that answers");
    }
    const isWhole = canTakePart(view, this.#others, name) && (await this.#reachesAll(view, name));
    const command = commands.removeCluster(name, !isWhole);
    await jobs.start(await shell.job(JOB, host, command, `Removing cluster ${name}`));
  }
}

function isSame(one: SetRelations[string], other: SetRelations[string] | undefined): boolean {
  return one.side === other?.side && one.cluster === other.cluster && one.secret === other.secret;
}
