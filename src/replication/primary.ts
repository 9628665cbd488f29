// AsyncReplicationPrimary: wires the table of `async-primary` to its ports, for one relation. Runs on the leader.
import { type Domain, type Leader, type Relation, readBag } from "../../lib/index.ts";
import { readNames } from "../identity/domain.ts";
import { commands, type RecoveryMethod } from "../mysql/commands.ts";
import { jobOutcome } from "../mysql/job-outcome.ts";
import { howToCatchUp, readServer, type ServerView } from "../mysql/topology.ts";
import type { Ports } from "../ports.ts";
import { MysqlProblem } from "../problems.ts";
import { passwordContent, readPasswords, samePasswords } from "../wire/credentials.ts";
import { PASSWORDS_GENERATION } from "../wire/peers.ts";
import {
  ADDED_ENDPOINT,
  ASYNC_PRIMARY,
  type PrimaryBag,
  primaryBagSchema,
  type ReplicaBag,
  replicaBagSchema,
} from "../wire/replication.ts";
import { decidePrimary, type PrimaryFacts, type PrimaryStep, wasAdded } from "./decide-primary.ts";
import { ownCluster, primaryHost, type SiteParts, siteName, viewPrimary } from "./local-cluster.ts";
import { type Others, withNewest } from "./set-copies.ts";
import { readTheirHosts } from "./their-hosts.ts";
import { type Addition, findRemains, undoAddition } from "./undo-addition.ts";

export class AsyncReplicationPrimary implements Domain<PrimaryFacts, PrimaryStep> {
  readonly name: string;
  readonly #ports: Ports;
  readonly #leader: Leader;
  readonly #relation: Relation;
  readonly #wokenByJob: boolean;

  readonly #others: Others;

  constructor({ ports, leader, relation, others }: SiteParts, wokenByJob: boolean) {
    this.name = `async-primary:${relation.id}`;
    this.#ports = ports;
    this.#leader = leader;
    this.#relation = relation;
    this.#others = others;
    this.#wokenByJob = wokenByJob;
  }

  async observe(): Promise<PrimaryFacts> {
    const { model, jobs } = this.#ports;
    const shared = await this.#shared();
    const remote = readBag(replicaBagSchema, (await model.readApp(this.#relation, "remote")) ?? {});
    const own = await viewPrimary(this.#ports);
    const view = own === "unknown" ? own : withNewest(own, this.#others).view;
    const remoteCluster = remote.kind === "value" ? remote.value["cluster-name"] : undefined;
    const cluster = ownCluster(view, remoteCluster);
    const facts: PrimaryFacts = {
      remoteApp: siteName(this.#relation),
      own: cluster,
      shared,
      remote,
      secret: await this.#secretState(shared["secret-id"]),
      ...(await readTheirHosts(this.#ports, this.#relation, {
        ...{ view, members: typeof cluster === "string" ? [] : cluster.remoteHosts },
        endpoint: remote.kind === "value" ? remote.value.endpoint : undefined,
      })),
      job: jobOutcome(await jobs.state(this.#job())),
      isAddingAnother: await this.#isAddingAnother(),
      remains: { kind: "none" },
      wokenByJob: this.#wokenByJob,
    };
    const next = decidePrimary(facts);
    if (next.kind !== "act" || next.step !== "start-adding") return facts;
    return { ...facts, remains: await findRemains(this.#ports, await this.#addition(offered(facts))) };
  }

  decide(facts: PrimaryFacts): ReturnType<typeof decidePrimary> {
    return decidePrimary(facts);
  }

  async perform(step: PrimaryStep, facts: PrimaryFacts): Promise<void> {
    switch (step) {
      case "refuse-as-replica":
        return this.#write({ "is-replica": "true" });
      case "withdraw-refusal":
        return this.#write({ "is-replica": "" });
      case "share":
        return this.#share(facts);
      case "refresh-secret":
        return this.#refreshSecret(facts);
      case "undo-addition":
        return undoAddition(this.#ports, await this.#addition(offered(facts)));
      case "start-adding":
        return this.#startAdding(offered(facts));
      case "clear-job":
        if (wasAdded(facts)) this.#write({ [ADDED_ENDPOINT]: offered(facts).endpoint });
        return this.#ports.jobs.clear(this.#job());
      case "label-instance":
        return this.#label(facts);
      case "publish-initialized":
        return this.#write({
          "replica-state": "initialized",
          [ADDED_ENDPOINT]: offered(facts).endpoint,
        });
    }
  }

  async #label(facts: PrimaryFacts): Promise<void> {
    const host = typeof facts.own === "string" ? undefined : facts.own.remoteHosts[0];
    if (host !== undefined) await this.#ports.shell.run(host, commands.setLabel(host, offered(facts).label));
  }

  #job(): string {
    return jobName(this.#relation);
  }

  async #isAddingAnother(): Promise<boolean> {
    const { model, jobs } = this.#ports;
    const others = (await model.relations(ASYNC_PRIMARY)).filter(({ id }) => id !== this.#relation.id);
    const states = await Promise.all(others.map((other) => jobs.state(jobName(other))));
    return states.some(({ kind }) => kind === "running");
  }

  #write(values: Readonly<Record<string, string>>): void {
    this.#ports.model.writeApp(this.#leader, this.#relation, values);
  }

  async #shared(): Promise<PrimaryBag> {
    const own = readBag(primaryBagSchema, (await this.#ports.model.readApp(this.#relation, "local")) ?? {});
    return own.kind === "value" ? own.value : {};
  }

  async #secretState(id: string | undefined): Promise<PrimaryFacts["secret"]> {
    if (id === undefined) return "none";
    const own = await this.#ports.keyring.own();
    const read = await this.#ports.model.secret({ id }, { refresh: true });
    if (own === undefined || read.kind !== "value") return "unknown";
    const shared = readPasswords(read.content);
    return shared.kind === "value" && samePasswords(shared.passwords, own) ? "current" : "stale";
  }

  /** The four keys go out together, after the grant: a Python application takes the secret's id for the start signal. */
  async #share(facts: PrimaryFacts): Promise<void> {
    const { model, keyring } = this.#ports;
    const passwords = await keyring.own();
    if (passwords === undefined || typeof facts.own === "string" || facts.own.setName === undefined) return;
    const secret = await model.addSecret(this.#leader, passwordContent(passwords), {
      description: `Passwords of the system users, for ${siteName(this.#relation)}`,
    });
    secret.grant(this.#relation);
    this.#write({
      "secret-id": secret.id,
      "cluster-name": facts.own.name,
      "mysql-version": facts.own.version,
      "cluster-set-name": facts.own.setName,
      [PASSWORDS_GENERATION]: (await readNames(this.#ports))?.[PASSWORDS_GENERATION] ?? "",
    });
  }

  async #refreshSecret(facts: PrimaryFacts): Promise<void> {
    const passwords = await this.#ports.keyring.own();
    const id = facts.shared["secret-id"];
    const secret = id === undefined ? undefined : await this.#ports.model.ownSecret(this.#leader, { id });
    if (passwords !== undefined) secret?.set(passwordContent(passwords));
    this.#write({ [PASSWORDS_GENERATION]: (await readNames(this.#ports))?.[PASSWORDS_GENERATION] ?? "" });
  }

  async #addition({ endpoint, name }: Offer): Promise<Addition & { readonly view: ServerView }> {
    const view = await viewPrimary(this.#ports);
    const through = view === "unknown" ? undefined : primaryHost(view);
    if (view !== "unknown" && through !== undefined) return { through, endpoint, name, view };
    const why = "this cluster has no primary that answers";
    throw new MysqlProblem("no-quorum", "Adding the replica cluster", why);
  }

  async #startAdding(offer: Offer): Promise<void> {
    const { jobs, shell, keyring } = this.#ports;
    const { through, endpoint, name, view } = await this.#addition(offer);
    await using target = await keyring.connect({ host: endpoint });
    const { server } = await readServer(target);
    await using source = await keyring.connect({ host: through });
    const catching = await howToCatchUp(source, server.gtidExecuted);
    // Transactions on the metadata cannot be applied where it was dropped although they count as executed.
    const hasGaps = !server.metadata && server.gtidExecuted !== "";
    const method: RecoveryMethod = catching === "from-logs" && !hasGaps ? "incremental" : "clone";
    // A secondary gives the copy, so that the primary's clients do not feel it.
    const secondary = view.group.find((member) => member.state === "ONLINE" && member.role === "SECONDARY");
    const donor = `${secondary?.host ?? through}:3306`;
    const command = commands.createReplicaCluster(endpoint, name, method, donor);
    await jobs.start(await shell.job(this.#job(), through, command, `Adding cluster ${name}`));
  }
}

const jobName = ({ id }: Relation): string => `add-replica-cluster-${id}`;

interface Offer {
  readonly endpoint: string;
  readonly name: string;
  readonly label: string;
}

/** What the other application offered; the table lets no step that needs it run before all three are there. */
function offered(facts: PrimaryFacts): Offer {
  const bag: ReplicaBag = facts.remote.kind === "value" ? facts.remote.value : {};
  const { endpoint, "cluster-name": name, "node-label": label } = bag;
  if (endpoint === undefined || name === undefined || label === undefined) {
    throw new Error("a step runs on an instance that was not offered");
  }
  return { endpoint, name, label };
}
