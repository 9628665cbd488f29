// One fault after the other against clusters that a client writes to: what the members saw, what it cost, and whether the sandbox told the truth.
import { setTimeout as pause } from "node:timers/promises";
import type { Sandbox, StatusJson } from "../../sandbox/client.ts";
import type { RowClient } from "../demo/client.ts";
import { type Site, unitsOf } from "../demo/deployment.ts";
import { queryAs } from "../demo/sql.ts";

const ASK_AGAIN_MS = 500;
const VIEW_LIMIT_MS = 90_000;
const WRITE_LIMIT_MS = 150_000;
const HEAL_LIMIT_MS = 420_000;
const MORE_ROWS = 25;
/** How long a whole site is struck: there is nobody to say when the others have seen it. */
const SITE_FAULT_MS = 20_000;
const MEMBERS =
  "SELECT member_host, member_state, member_role FROM performance_schema.replication_group_members";

export type Fault = "power-off" | "freeze" | "reboot" | "cut";

export interface Member {
  readonly site: Site;
  readonly unit: string;
  readonly machine: string;
  readonly host: string;
}

export interface Round {
  readonly fault: Fault;
  /** One member, or all of a site. */
  readonly hit: readonly Member[];
}

/** Seconds, but for the rows. undefined for what does not apply. */
export interface Outcome {
  readonly fault: Fault;
  readonly target: string;
  readonly role: string;
  /** What juju status said of the agents right after the fault. */
  readonly status: string;
  /** Until the others no longer had the member among those that are ONLINE. */
  readonly excluded: number | undefined;
  readonly writePause: number;
  /** From the end of the fault until all members were ONLINE again, at most 420 s. */
  readonly recovered: number | undefined;
  readonly acknowledged: number;
  readonly lost: number;
}

type View = ReadonlyMap<string, { readonly state: string; readonly role: string }>;

const UNDO: Readonly<Record<Fault, string | undefined>> = {
  "power-off": "power-on",
  freeze: "thaw",
  reboot: undefined,
  cut: "heal",
};

export class Rounds {
  readonly #sandbox: Sandbox;
  readonly #client: RowClient;
  readonly #members: readonly Member[];
  readonly #password: (site: Site) => string;

  constructor(
    sandbox: Sandbox,
    client: RowClient,
    members: readonly Member[],
    password: (site: Site) => string,
  ) {
    this.#sandbox = sandbox;
    this.#client = client;
    this.#members = members;
    this.#password = password;
  }

  async play({ fault, hit }: Round): Promise<Outcome> {
    const [first] = hit;
    if (first === undefined) throw new Error("a round needs somebody to hit");
    const isSite = hit.length > 1;
    const target = isSite ? first.site.model : `${first.site.model}:${first.machine}`;
    const role = isSite ? "site" : ((await this.view(first)).get(first.host)?.role.toLowerCase() ?? "?");
    await this.#client.mark();
    const struck = performance.now();
    await this.#sandbox.mustJuju(fault === "reboot" ? ["reboot", target, "--hard"] : [fault, target]);
    const status = await this.#agentsOf(hit);
    const witness = this.#members.find((one) => one.site === first.site && !hit.includes(one));
    const excluded =
      fault === "reboot" || witness === undefined ? undefined : await this.#exclusion(witness, hit, struck);
    if (witness !== undefined) await this.#moreRows();
    else if (fault !== "reboot") await pause(SITE_FAULT_MS);
    const undone = performance.now();
    const undo = UNDO[fault];
    if (undo !== undefined)
      await this.#sandbox.mustJuju(undo === "heal" ? ["heal", "--all"] : [undo, target]);
    const isWhole = await this.#until(() => this.#allOnline(), HEAL_LIMIT_MS);
    const recovered = isWhole ? secondsSince(undone) : undefined;
    if (isWhole) await this.#moreRows();
    const { longestPauseMs, acknowledged } = await this.#client.mark();
    const lost = isWhole ? await this.#lost(acknowledged) : Number.NaN;
    const writePause = Math.round(longestPauseMs / 100) / 10;
    return { fault, target, role, status, excluded, writePause, recovered, acknowledged, lost };
  }

  /** The members as one of them sees its group; nobody when its server does not answer. */
  async view({ site, unit }: Member): Promise<View> {
    const where = { sandbox: this.#sandbox, model: site.model, unit };
    const rows = await queryAs(where, this.#password(site), MEMBERS).catch(() => []);
    return new Map(
      rows.map((row) => {
        const [host = "", state = "", role = ""] = row.split("\t");
        return [host, { state, role }] as const;
      }),
    );
  }

  async #exclusion(witness: Member, hit: readonly Member[], since: number): Promise<number | undefined> {
    const gone = await this.#until(async () => {
      const view = await this.view(witness);
      return view.size > 0 && hit.every(({ host }) => view.get(host)?.state !== "ONLINE");
    }, VIEW_LIMIT_MS);
    return gone ? secondsSince(since) : undefined;
  }

  /** Each calls itself ONLINE, and its site's primary calls all of them so: others may be behind with what they see. */
  async #allOnline(): Promise<boolean> {
    for (const member of this.#members) {
      const view = await this.view(member);
      const own = view.get(member.host);
      if (own?.state !== "ONLINE") return false;
      const online = [...view.values()].filter(({ state }) => state === "ONLINE").length;
      if (own.role === "PRIMARY" && online !== member.site.units) return false;
    }
    return true;
  }

  async #agentsOf(hit: readonly Member[]): Promise<string> {
    const said = new Set<string>();
    for (const { site, unit, machine } of hit) {
      const status: StatusJson = await this.#sandbox.status(site.model);
      const agent = unitsOf(status, site.app).find(([name]) => name === unit)?.[1]["juju-status"].current;
      said.add(`${agent}, machine ${status.machines[machine]?.["juju-status"].current}`);
    }
    return [...said].join("; ");
  }

  async #moreRows(): Promise<void> {
    const { acknowledged } = await this.#client.look();
    const enough = acknowledged + MORE_ROWS;
    const grows = await this.#until(
      async () => (await this.#client.look()).acknowledged >= enough,
      WRITE_LIMIT_MS,
    );
    if (!grows) throw new Error(`no rows were acknowledged for ${WRITE_LIMIT_MS / 1000} s`);
  }

  /** Acknowledged rows that some server lacks although it has had the time to catch up. */
  async #lost(acknowledged: number): Promise<number> {
    let fewest = 0;
    await this.#until(async () => {
      const counts = await this.#client.counts();
      fewest = Math.min(...counts.map(({ rows }) => rows));
      return fewest >= acknowledged;
    }, VIEW_LIMIT_MS);
    return Math.max(0, acknowledged - fewest);
  }

  async #until(holds: () => Promise<boolean>, limitMs: number): Promise<boolean> {
    const deadline = performance.now() + limitMs;
    while (performance.now() < deadline) {
      if (await holds()) return true;
      await pause(ASK_AGAIN_MS);
    }
    return false;
  }
}

function secondsSince(start: number): number {
  return Math.round((performance.now() - start) / 100) / 10;
}
