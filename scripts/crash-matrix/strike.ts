// A kill that waits for its point, and what goes with it: the power of the leader's machine, and the person who sees the failed hook.
import { setTimeout as pause } from "node:timers/promises";
import type { Point, Role } from "./points.ts";
import type { Stage } from "./stage.ts";

/** How long a machine is without power. */
const DARK_MS = 500;

/** The number of a fault in force. */
export type Armed = string;

export class Strike {
  readonly point: Point;
  readonly #stage: Stage;
  armed: Armed | undefined;
  /** The effect that was struck, as the log has it. */
  label = "";
  /** When it came; undefined before. */
  at: number | undefined;

  constructor(stage: Stage, point: Point) {
    this.#stage = stage;
    this.point = point;
  }

  async arm(): Promise<void> {
    const { role, run, n, kill } = this.point;
    const after = kill === "after" ? ["--after"] : [];
    this.armed = await arm(this.#stage, role, ["kill-at", "--run", run, "--effect", String(n), ...after]);
  }

  /** Sees whether it has come, and then does what goes with it. */
  async look(): Promise<void> {
    if (this.at !== undefined || this.armed === undefined) return;
    const { sandbox } = this.#stage;
    const faults = JSON.parse(await sandbox.mustJuju(["faults", "--format", "json"])) as readonly {
      readonly id: string;
    }[];
    if (faults.some(({ id }) => id === this.armed)) return;
    this.at = performance.now();
    const { model, unit } = this.#stage.unit(this.point.role);
    if (this.point.kill === "power") await this.#darken(model, unit);
    this.label = await this.#labelOf(model, unit);
    // A person who sees the failed hook does not wait for Juju to run it again; in error or not, it is run.
    await sandbox.juju(["resolved", "-m", model, unit]);
  }

  async #labelOf(model: string, unit: string): Promise<string> {
    const only = ["--include", unit, "--include-module", "sandbox.fault", "-n", "40"];
    const log = await this.#stage.sandbox.mustJuju(["debug-log", "-m", model, ...only]);
    const lines = log.split("\n");
    const at = lines.findLastIndex((line) => line.includes(`fault ${this.armed} strikes`));
    return lines[at - 1]?.replace(/^.*?sandbox\.fault \d+: /, "") ?? "";
  }

  async #darken(model: string, unit: string): Promise<void> {
    const { sandbox } = this.#stage;
    const units = (await sandbox.status(model)).applications[unit.split("/")[0] ?? ""]?.units ?? {};
    const leader = Object.entries(units).find(([, { leader: leads }]) => leads)?.[0] ?? unit;
    await sandbox.mustJuju(["power-off", "-m", model, leader]);
    await pause(DARK_MS);
    await sandbox.mustJuju(["power-on", "-m", model, leader]);
  }
}

/** Puts a fault that waits for something in force. */
export async function arm(
  stage: Stage,
  role: Role,
  [verb = "", ...flags]: readonly string[],
): Promise<Armed> {
  const { model, unit } = stage.unit(role);
  const said = await stage.sandbox.mustJuju([verb, "-m", model, unit, ...flags, "--format", "json"]);
  return (JSON.parse(said) as { readonly id: string }).id;
}

/** Ends those that have not struck. */
export async function disarm({ sandbox }: Stage, armed: readonly Armed[]): Promise<void> {
  for (const id of armed) await sandbox.juju(["heal", id]);
}
