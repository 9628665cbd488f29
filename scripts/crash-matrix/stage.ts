// The stage of the matrix: two models with a cluster of one each, a client that writes, and what a person there can do and see.
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { Sandbox } from "../../sandbox/client.ts";
import { passwordFields } from "../../src/wire/credentials.ts";
import { RowClient } from "../demo/client.ts";
import { deploy, mustRun, type Site, unitsOf } from "../demo/deployment.ts";
import { type Asked, errantOf, readFacts, Servers } from "./facts.ts";
import type { Role } from "./points.ts";

const BYSTANDER = join(import.meta.dirname, "../../tests/sandbox/juju/fixtures/tiny");
export const FIRST = { model: "rome", app: "db1", cluster: "roma", units: 1 } as const;
export const SECOND = { model: "lisbon", app: "db2", cluster: "lisboa", units: 1 } as const;
export const SOLO = { model: "lisbon", app: "solo", cluster: "solo", units: 1 } as const;
export const SET_NAME = "europe";
const SITES: Readonly<Record<Role, Site>> = { first: FIRST, newcomer: FIRST, second: SECOND, solo: SOLO };
const SET_UP_LIMIT_MS = 240_000;
const ASK_AGAIN_MS = 250;
const TRIGGER_MS = 500;
const UPDATE_LIMIT_MS = 60_000;

interface Secrets {
  readonly [id: string]: {
    readonly label?: string;
    readonly content?: Readonly<Record<string, string>>;
  };
}

export class Stage {
  readonly sandbox: Sandbox;
  readonly charm: string;
  readonly client: RowClient;
  readonly servers: Servers;
  readonly #units: Map<Role, string>;

  /** Two clusters that know nothing of each other, and a client that writes to the first. */
  static async set(sandbox: Sandbox, charm: string): Promise<Stage> {
    for (const site of [FIRST, SECOND]) {
      await sandbox.mustJuju(["add-model", site.model]);
      // Asked for when nothing else happens: it would take its turns among the runs that are counted.
      await sandbox.mustJuju(["model-config", "-m", site.model, "update-status-hook-interval=60m"]);
      await deploy(sandbox, charm, site, site === FIRST ? SET_NAME : undefined);
    }
    await sandbox.mustJuju(["add-model", "away"]);
    await sandbox.mustJuju(["deploy", "-m", "away", BYSTANDER, "client"]);
    await sandbox.mustJuju(["wait-for", "-m", "away", "unit", "client/0"]);
    for (const { model, app } of [FIRST, SECOND])
      await sandbox.waitFor(
        (status) => unitsOf(status, app).some(([, unit]) => unit["workload-status"].message === "Primary"),
        { model, timeoutMs: SET_UP_LIMIT_MS },
      );
    await sandbox.mustJuju(["offer", `${FIRST.model}.${FIRST.app}:async-primary`]);
    await sandbox.mustJuju(["consume", "-m", SECOND.model, `${FIRST.model}.${FIRST.app}`]);
    const leader = `${FIRST.app}/leader`;
    const login = await mustRun(sandbox, FIRST.model, leader, ["get-password", "username=serverconfig"]);
    const { address } = await askedOf(sandbox, "first", `${FIRST.app}/0`);
    const client = await RowClient.start(sandbox, {
      ...{ model: "away", unit: "client/0", servers: [address] },
      ...{ user: String(login["username"]), password: String(login["password"]) },
    });
    return new Stage(sandbox, charm, client);
  }

  private constructor(sandbox: Sandbox, charm: string, client: RowClient) {
    this.sandbox = sandbox;
    this.charm = charm;
    this.client = client;
    this.servers = new Servers(sandbox);
    this.#units = new Map([
      ["first", `${FIRST.app}/0`],
      ["second", `${SECOND.app}/0`],
    ]);
  }

  has(role: Role): boolean {
    return this.#units.has(role);
  }

  unit(role: Role): { readonly model: string; readonly unit: string } {
    const unit = this.#units.get(role);
    if (unit === undefined) throw new Error(`nobody is the ${role} now`);
    return { model: SITES[role].model, unit };
  }

  /** The unit that Juju is about to make is the one of this role. */
  async appoint(role: Role, make: () => Promise<unknown>): Promise<void> {
    const { model, app } = SITES[role];
    const before = new Set(unitsOf(await this.sandbox.status(model), app).map(([name]) => name));
    await make();
    const made = unitsOf(await this.sandbox.status(model), app).find(([name]) => !before.has(name));
    if (made === undefined) throw new Error(`there is no new unit of ${app}`);
    this.#units.set(role, made[0]);
  }

  dismiss(role: Role): void {
    this.#units.delete(role);
  }

  /** What the units of an application say; `gone` for none, `busy` for one whose agent has something to do. */
  async shown(role: Role): Promise<readonly string[]> {
    const { model, app } = SITES[role];
    const application = (await this.sandbox.status(model)).applications[app];
    if (application === undefined) return ["gone"];
    return Object.values(application.units ?? {}).map((unit) => {
      const { current, message = "" } = unit["workload-status"];
      const agent = unit["juju-status"].current;
      return agent === "idle" ? `${current}: ${message}` : agent === "lost" ? "lost" : "busy";
    });
  }

  /** Has every unit look after itself, as Juju does every five minutes, and waits until they have. */
  async wakeAll(): Promise<void> {
    for (const { model, app } of [FIRST, SECOND, SOLO]) {
      for (const [unit, { "juju-status": agent }] of unitsOf(await this.sandbox.status(model), app)) {
        if (agent.current !== "idle") continue;
        const { code, stderr } = await this.sandbox.juju(["trigger", "-m", model, "update-status", unit]);
        if (code !== 0 && !stderr.includes("no running agent")) throw new Error(stderr);
      }
    }
    // A run begins a moment after it is due.
    await pause(TRIGGER_MS);
    const all = ["first", "second", "solo"] as const;
    await this.until(async () => {
      const shown = await Promise.all(all.map((role) => this.shown(role)));
      return !shown.flat().includes("busy");
    }, UPDATE_LIMIT_MS);
  }

  async facts(asked: readonly Role[], holding: readonly Role[]): Promise<readonly string[]> {
    const all = new Map<Role, Asked>();
    for (const [role, unit] of this.#units) {
      const found = await findUnit(this.sandbox, role, unit);
      if (found !== undefined) all.set(role, found);
    }
    const named = (these: readonly Role[]): readonly Asked[] => these.flatMap((role) => all.get(role) ?? []);
    const { acknowledged } = await this.client.look();
    const facts = await readFacts(this.sandbox, this.servers, {
      asked: named(asked),
      known: [...all.values()],
      holding: named(holding),
      acknowledged,
    });
    const [source, ...copies] = named(holding);
    const errant = await Promise.all(
      copies.map(async (one) => source && `${one.word}: errant ${await errantOf(this.servers, one, source)}`),
    );
    return [...facts, ...errant.flatMap((line) => line ?? [])];
  }

  async addressOf(role: Role): Promise<string> {
    return (await askedOf(this.sandbox, role, this.unit(role).unit)).address;
  }

  /** The passwords that an account of the charm's has in any of the clusters. */
  async passwordsOf(user: keyof typeof passwordFields): Promise<readonly string[]> {
    const passwords: string[] = [];
    for (const model of [FIRST.model, SECOND.model]) {
      const all = await this.#shown(model, ["secrets"]);
      for (const id of Object.keys(all).filter((each) => all[each]?.label?.endsWith(".app"))) {
        const { [id]: secret } = await this.#shown(model, ["show-secret", id, "--reveal"]);
        passwords.push(secret?.content?.[passwordFields[user]] ?? "");
      }
    }
    return passwords;
  }

  async #shown(model: string, [verb = "", ...argv]: readonly string[]): Promise<Secrets> {
    return JSON.parse(
      await this.sandbox.mustJuju([verb, "-m", model, ...argv, "--format", "json"]),
    ) as Secrets;
  }

  /** From now on the client writes to whichever of these takes writes. */
  async clientUses(which: readonly Role[]): Promise<void> {
    const all = await Promise.all(which.map((role) => askedOf(this.sandbox, role, this.unit(role).unit)));
    await this.client.useServers(all.map(({ address }) => address));
  }

  /** Stops the client where it is until all that it has written is on the second, too. */
  async clientRests(): Promise<void> {
    await this.sandbox.mustJuju(["freeze", "away:0"]);
    const sql = "SELECT COUNT(*) FROM demo.numbered";
    await this.until(async () => {
      const [a, b] = await Promise.all([
        this.servers.ask(this.unit("first"), sql),
        this.servers.ask(this.unit("second"), sql),
      ]);
      return a[0] === b[0];
    }, 60_000);
  }

  async clientGoesOn(): Promise<void> {
    await this.sandbox.mustJuju(["thaw", "away:0"]);
  }

  async until(holds: () => Promise<boolean>, limitMs: number): Promise<boolean> {
    const deadline = performance.now() + limitMs;
    while (!(await holds())) {
      if (performance.now() > deadline) return false;
      await pause(ASK_AGAIN_MS);
    }
    return true;
  }

  async end(): Promise<void> {
    this.client.end();
    await this.sandbox.destroy();
  }
}

async function askedOf(sandbox: Sandbox, role: Role, unit: string): Promise<Asked> {
  const found = await findUnit(sandbox, role, unit);
  if (found === undefined) throw new Error(`there is no ${unit}`);
  return found;
}

async function findUnit(sandbox: Sandbox, role: Role, unit: string): Promise<Asked | undefined> {
  const { model, app } = SITES[role];
  const status = await sandbox.status(model);
  const found = status.applications[app]?.units?.[unit];
  if (found === undefined) return undefined;
  const hostname = status.machines[found.machine]?.hostname ?? "";
  return { word: role, model, unit, hostname, address: found["public-address"] };
}
