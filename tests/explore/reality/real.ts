// The same story on real servers in a sandbox: each move as a person would make it, and time for all to come to rest.
import { setTimeout as pause } from "node:timers/promises";
import {
  openSandbox,
  removeSandbox,
  type Sandbox,
  type StatusJson,
  type UnitJson,
} from "../../../sandbox/client.ts";
import { deploy, runAction } from "../../../scripts/demo/deployment.ts";
import { queryAs } from "../../../scripts/demo/sql.ts";
import type { Move } from "../moves.ts";
import { type Answer, plain, type Told, type UnitAnswer } from "./answer.ts";
import { ASK, isMoving, type Seen, type Signs, seenIn, silent } from "./server.ts";

/** MySQL looks for its group for a minute or two before it gives up; a clone takes half of that. */
const MOST_ROUNDS = 40;
const ROUND_MS = 4_000;
const IDLE_MS = 300_000;
/** Looks after which a unit that says that it works on something is taken to say so for good. */
const PATIENCE = 8;

const UPDATE_STATUS = 'JUJU_DISPATCH_PATH=hooks/update-status "$JUJU_CHARM_DIR/dispatch"';

interface Look {
  readonly answer: Answer;
  readonly signs: readonly Signs[];
  /** A unit says so of itself. */
  readonly works: boolean;
}

export class RealWorld {
  readonly #sandbox: Sandbox;
  readonly #charm: string;
  readonly #passwords = new Map<string, string>();
  readonly #cuts = new Set<string>();
  #rows = 0;

  private constructor(sandbox: Sandbox, charm: string) {
    this.#sandbox = sandbox;
    this.#charm = charm;
  }

  static async open(name: string, charm: string): Promise<RealWorld> {
    await removeSandbox(name);
    return new RealWorld(await openSandbox(name), charm);
  }

  async close(): Promise<void> {
    await this.#sandbox.destroy();
  }

  /** As a person would; resolves with what an action or a client's write answered. */
  async make(move: Move): Promise<Told> {
    const juju = (...argv: readonly string[]): Promise<string> => this.#sandbox.mustJuju([...argv]);
    switch (move.do) {
      case "deploy":
        await juju("add-model", move.site);
        await deploy(this.#sandbox, this.#charm, siteOf(move.site, move.units), `set-of-${move.site}`);
        return "";
      case "relate":
        await this.#relate(move.standby, move.primary);
        return "";
      case "part":
        await juju("remove-relation", "-m", move.standby, move.primary, `${move.standby}:async-replica`);
        return "";
      case "add-unit":
        await juju("add-unit", "-m", move.site, move.site);
        return "";
      case "remove-unit":
        await juju("remove-unit", "-m", modelOf(move.unit), "--no-prompt", move.unit);
        return "";
      case "power-off":
      case "power-on":
        await juju(move.do, `${modelOf(move.unit)}:${move.unit}`);
        return "";
      case "cut":
        await juju("cut", ...move.sites);
        this.#cuts.add([...move.sites].sort().join());
        return "";
      case "heal":
        await this.#heal(move.sites);
        return "";
      case "write":
        return await this.#write(move.host);
      case "run": {
        const params = Object.entries(move.params).map(([key, value]) => `${key}=${value}`);
        const site = modelOf(move.unit);
        const done = await runAction(this.#sandbox, site, `${site}/leader`, [move.action, ...params]);
        return plain(`${done.completed ? "completed" : "failed"}: ${done.message}`);
      }
      default:
        throw new Error(`not to be played on real servers: ${JSON.stringify(move)}`);
    }
  }

  async #relate(standby: string, primary: string): Promise<void> {
    // Offered and consumed once only: Juju refuses a second time.
    await this.#sandbox.juju(["offer", `${primary}.${primary}:async-primary`]);
    await this.#sandbox.juju(["consume", "-m", standby, `${primary}.${primary}`]);
    await this.#sandbox.mustJuju(["integrate", "-m", standby, primary, `${standby}:async-replica`]);
  }

  async #heal(sites: readonly string[]): Promise<void> {
    this.#cuts.delete([...sites].sort().join());
    const faults = JSON.parse(await this.#sandbox.mustJuju(["faults", "--format", "json"])) as readonly {
      readonly id: string;
      readonly kind: string;
      readonly a?: { readonly model: string };
      readonly b?: { readonly model: string } | null;
    }[];
    const found = faults.find(
      ({ kind, a, b }) =>
        kind === "cut" && [a?.model, b?.model].toSorted().join() === [...sites].sort().join(),
    );
    if (found !== undefined) await this.#sandbox.mustJuju(["heal", String(found.id)]);
  }

  /** The row's name is the model's: rows are numbered. */
  async #write(host: string): Promise<Told> {
    const unit = unitOf(host);
    this.#rows += 1;
    const sql = `CREATE DATABASE IF NOT EXISTS shop; CREATE TABLE IF NOT EXISTS shop.orders (id VARCHAR(20) PRIMARY KEY); INSERT INTO shop.orders VALUES ('row ${this.#rows}');`;
    try {
      await this.#ask(unit, sql);
      return "taken";
    } catch {
      this.#rows -= 1;
      return "refused";
    }
  }

  async #ask(unit: string, sql: string): Promise<readonly string[]> {
    const model = modelOf(unit);
    const known = this.#passwords.get(unit);
    const place = { sandbox: this.#sandbox, model, unit };
    if (known !== undefined) {
      const rows = await queryAs(place, known, sql).catch(() => undefined);
      if (rows !== undefined) return rows;
    }
    const done = await runAction(this.#sandbox, model, unit, ["get-password", "username=root"]);
    const password = String(done.results["password"]);
    this.#passwords.set(unit, password);
    return await queryAs(place, password, sql);
  }

  /** Until two looks in a row, each after an update-status of all units, are alike and nothing is under way. */
  async settle(): Promise<Answer> {
    let last = "";
    let alike = 0;
    for (let round = 0; round < MOST_ROUNDS; round += 1) {
      const { answer, signs, works } = await this.#look();
      const moves = isMoving(signs, this.#cuts);
      const text = JSON.stringify([answer, signs]);
      alike = text === last ? alike + 1 : 0;
      last = text;
      if (!moves && alike >= (works ? PATIENCE : 1)) return answer;
      if (moves || works) await pause(ROUND_MS);
    }
    throw new Error(`real servers do not come to rest: ${last}`);
  }

  async #look(): Promise<Look> {
    const applications: Record<string, string> = {};
    const units: Record<string, UnitAnswer | "off"> = {};
    const signs: Signs[] = [];
    const models = await this.#models();
    for (const model of models) await this.#tick(model);
    for (const model of models) {
      const status = await this.#sandbox.status(model);
      for (const [name, application] of Object.entries(status.applications)) {
        applications[name] = shown(application["application-status"]);
        for (const [unit, json] of Object.entries(application.units ?? {})) {
          const seen = isOff(json) ? undefined : await this.#unit(unit, shown(json["workload-status"]));
          units[unit] = seen?.answer ?? "off";
          if (seen?.signs !== undefined) signs.push(seen.signs);
        }
      }
    }
    const told = Object.values(units).map((each) => (each === "off" ? "" : each.status));
    const works = told.some((status) => /^(maintenance|waiting|unknown)/.test(status));
    return { answer: { applications, units }, works, signs };
  }

  async #models(): Promise<readonly string[]> {
    const { models } = JSON.parse(await this.#sandbox.mustJuju(["models", "--format", "json"])) as {
      readonly models: readonly { readonly "short-name"?: string; readonly name: string }[];
    };
    return models.map((each) => (each["short-name"] ?? each.name).split("/").at(-1) ?? "").sort();
  }

  /** An update-status of every unit that has power, run to its end: nothing else would tell that it ran. */
  async #tick(model: string): Promise<void> {
    const isIdle = (status: StatusJson): boolean =>
      agentsOf(status).every(([, { current }]) => current === "idle");
    const limit = { model, timeoutMs: IDLE_MS };
    const units = agentsOf(await this.#sandbox.waitFor(isIdle, limit)).map(([name]) => name);
    if (units.length === 0) return;
    await this.#sandbox.juju([
      "exec",
      "-m",
      model,
      "-u",
      units.join(","),
      "--wait",
      "2m",
      "--",
      UPDATE_STATUS,
    ]);
    await this.#sandbox.waitFor(isIdle, limit);
  }

  async #unit(unit: string, told: string): Promise<Seen> {
    const site = modelOf(unit);
    const status = told.replaceAll(/juju-[0-9a-f]{6}-(\d+)/g, `${site}-$1`);
    try {
      return seenIn(await this.#ask(unit, ASK), site, status);
    } catch (error) {
      const why = error instanceof Error ? error.message : "";
      const member = /ERROR 2002/.test(why) ? "no server" : `cannot be asked: ${why.slice(0, 200)}`;
      return silent(status, member);
    }
  }
}

const modelOf = (unit: string): string => unit.split("/")[0] ?? "";
/** Units get machines in their order. */
const unitOf = (host: string): string => host.replace(/-(\d+)$/, "/$1");
const siteOf = (name: string, units: number): Parameters<typeof deploy>[2] => ({
  ...{ model: name, app: name, cluster: name, units },
});
/** The agents of units that have power. */
const agentsOf = (status: StatusJson): readonly (readonly [string, UnitJson["juju-status"]])[] =>
  Object.values(status.applications)
    .flatMap(({ units }) => Object.entries(units ?? {}))
    .filter(([, unit]) => !isOff(unit))
    .map(([name, unit]) => [name, unit["juju-status"]]);
const isOff = (unit: UnitJson): boolean => unit["juju-status"].current === "lost";
const shown = ({ current, message = "" }: UnitJson["workload-status"]): string =>
  plain(`${current}: ${message}`);
