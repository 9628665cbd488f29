// One journey on a stage, from its beginning to its end: undisturbed and counted, or struck at some points.
import { setTimeout as pause } from "node:timers/promises";
import { differences } from "./facts.ts";
import { type Journey, states } from "./journeys.ts";
import { type Effect, effectsIn, type Point, type Role } from "./points.ts";
import { FIRST, SECOND, type Stage } from "./stage.ts";
import { type Armed, arm, disarm, Strike } from "./strike.ts";
import { Tape, told } from "./tape.ts";

const LOOK_AGAIN_MS = 300;
/** Without an end in sight, and no hook under way for so long, every unit gets its update-status. */
const WAKE_AFTER_MS = 4_000;
/** Undisturbed only in need: such runs would be among those that are counted. */
const WAKE_UNDISTURBED_MS = 60_000;
const UNDISTURBED_LIMIT_MS = 240_000;

/** What an undisturbed journey did, and what was true after it. */
export interface Reference {
  readonly effects: readonly Effect[];
  readonly facts: readonly string[];
}

/** What came of a journey that was struck. */
export interface Outcome {
  /** The points that were reached, each with the effect that was struck as the log has it. */
  readonly struck: ReadonlyMap<Point, string>;
  /** From the last strike until all facts were as after the undisturbed journey. */
  readonly seconds: number;
  /** What never became as it should be: `-` for what lacks, `+` for what should not be there. Empty when all did. */
  readonly differs: readonly string[];
}

/** @throws Error when the journey does not reach its end. */
export async function playUndisturbed(stage: Stage, journey: Journey): Promise<Reference> {
  const play = new Play(stage, journey, { limitMs: UNDISTURBED_LIMIT_MS, wakeMs: WAKE_UNDISTURBED_MS });
  await journey.prepare?.(stage);
  const tape = new Tape(stage);
  await tape.run(journey.struck);
  const before = await logOf(stage);
  const armed: Armed[] = [];
  await play.begin(async (role) => void armed.push(await arm(stage, role, ["count-effects"])));
  if (!(await play.arrives(() => tape.run(journey.struck))))
    throw new Error(`${journey.name} does not reach its end: ${await play.shown()}`);
  await disarm(stage, armed);
  const log = await logOf(stage);
  const recordings = await tape.end();
  const effects = journey.struck.flatMap((role) => {
    const { model, unit } = stage.unit(role);
    const lines = (log.get(model) ?? []).slice(before.get(model)?.length ?? 0);
    const own = lines.filter((line) => line.startsWith(`unit-${unit.replace("/", "-")}: `));
    return told(effectsIn(own, role), recordings);
  });
  // What another unit tells at its next update-status belongs to the end, too: until one of these changes nothing.
  let facts = await play.facts();
  const isSteady = await stage.until(async () => {
    await stage.wakeAll();
    await pause(1_000);
    const earlier = facts;
    facts = await play.facts();
    return differences(earlier, facts).length === 0;
  }, 90_000);
  if (!isSteady) throw new Error(`${journey.name} does not come to rest: ${await play.shown()}`);
  await journey.finish?.(stage);
  return { effects, facts };
}

/** After it the stage is at the journey's end when nothing differs; else nobody knows where. */
export async function playStruck(
  stage: Stage,
  journey: Journey,
  points: readonly Point[],
  wanted: { readonly facts: readonly string[]; readonly limitMs: number },
): Promise<Outcome> {
  const play = new Play(stage, journey, { limitMs: wanted.limitMs, wakeMs: WAKE_AFTER_MS });
  await journey.prepare?.(stage);
  const strikes = points.map((point) => new Strike(stage, point));
  const look = async (): Promise<void> => {
    for (const strike of strikes) await strike.look();
  };
  const started = performance.now();
  await play.begin(async (role) => {
    for (const strike of strikes) if (strike.point.role === role) await strike.arm();
  });
  const arrived = await play.arrives(look);
  const reached = strikes.filter((strike) => strike.at !== undefined);
  await disarm(
    stage,
    strikes.filter((strike) => strike.at === undefined).flatMap(({ armed }) => armed ?? []),
  );
  const differs = arrived
    ? await settle(stage, play, wanted)
    : [`after ${wanted.limitMs / 1000} s the statuses are ${await play.shown()}`];
  if (differs.length === 0) await journey.finish?.(stage);
  const since = Math.max(started, ...reached.map(({ at = 0 }) => at));
  return {
    struck: new Map(reached.map(({ point, label }) => [point, label])),
    seconds: Math.round((performance.now() - since) / 100) / 10,
    differs,
  };
}

/** Waits until the facts are as wanted; what differs when the time is up. */
async function settle(
  stage: Stage,
  play: Play,
  wanted: { readonly facts: readonly string[]; readonly limitMs: number },
): Promise<readonly string[]> {
  let differs: readonly string[] = [];
  let woken = Number.NEGATIVE_INFINITY;
  await stage.until(async () => {
    differs = differences(wanted.facts, await play.facts());
    if (differs.length > 0 && performance.now() - woken > WAKE_AFTER_MS) {
      await stage.wakeAll();
      woken = performance.now();
    }
    return differs.length === 0;
  }, wanted.limitMs);
  return differs;
}

interface Times {
  readonly limitMs: number;
  readonly wakeMs: number;
}

class Play {
  readonly #stage: Stage;
  readonly #journey: Journey;
  readonly #times: Times;
  #acting: Promise<void> | undefined;
  #failure = "";
  #runs = 0;

  constructor(stage: Stage, journey: Journey, times: Times) {
    this.#stage = stage;
    this.#journey = journey;
    this.#times = times;
  }

  /** `ready` is called for each that is to be struck, once there is such a unit. */
  async begin(ready: (role: Role) => Promise<void>): Promise<void> {
    const { struck, begin } = this.#journey;
    const early = struck.filter((role) => this.#stage.has(role));
    for (const role of early) await ready(role);
    await begin?.(this.#stage);
    for (const role of struck) if (!early.includes(role)) await ready(role);
    this.#act();
  }

  /** Until everybody says what is said at the end; `look` is called again and again. False when it takes too long. */
  async arrives(look: () => Promise<void> = () => Promise.resolve()): Promise<boolean> {
    let quiet = performance.now();
    const deadline = performance.now() + this.#times.limitMs;
    while (performance.now() < deadline) {
      await look();
      const shown = await this.shown();
      const isBusy = this.#acting !== undefined || shown.includes('"busy"');
      // Whoever sees an action fail runs it again, also where the end is in sight.
      if (!isBusy && this.#failure !== "" && this.#runs === 1) this.#act();
      else if (!isBusy && (await this.#isThere())) return true;
      if (isBusy) quiet = performance.now();
      else if (performance.now() - quiet > this.#times.wakeMs) {
        await this.#stage.wakeAll();
        // An action under way would keep its unit from its update-status.
        if (!(await this.#isThere())) await this.#heed();
        quiet = performance.now();
      }
      await pause(LOOK_AGAIN_MS);
    }
    return false;
  }

  /** What all units say, and why the action failed if it did. */
  async shown(): Promise<string> {
    const units = await Promise.all(
      (["first", "second", "solo"] as const).map((role) => this.#stage.shown(role)),
    );
    return JSON.stringify([...units, ...(this.#failure === "" ? [] : [this.#failure])]);
  }

  async facts(): Promise<readonly string[]> {
    const { asked, holding } = states[this.#journey.to];
    const { sign } = this.#journey;
    return await this.#stage.facts([...asked, ...(sign?.asked ?? [])], holding);
  }

  async #isThere(): Promise<boolean> {
    const { to, sign } = this.#journey;
    const { first, second } = states[to];
    if (!matches(await this.#stage.shown("first"), first)) return false;
    if (!matches(await this.#stage.shown("second"), second)) return false;
    return sign === undefined || matches(await this.#stage.shown(sign.of), sign.shown);
  }

  /** A person runs the action; when it fails, another time later. */
  #act(): void {
    const { action } = this.#journey;
    if (action === undefined) return;
    this.#runs += 1;
    this.#acting = action(this.#stage)
      .then(
        ({ completed, message }) => {
          this.#failure = completed ? "" : message;
        },
        (error: Error) => {
          this.#failure = error.message;
        },
      )
      .finally(() => {
        this.#acting = undefined;
      });
  }

  /** What a person does after a look at it: the action that failed again, or what a status says. */
  async #heed(): Promise<void> {
    if (this.#failure !== "") this.#act();
    await this.#journey.heeds?.(this.#stage);
  }
}

const EFFECTS_LOGGED = ["--replay", "--include-module", "sandbox.fault", "--date", "--ms", "--utc"] as const;

async function logOf(stage: Stage): Promise<ReadonlyMap<string, readonly string[]>> {
  const log = new Map<string, readonly string[]>();
  for (const { model } of [FIRST, SECOND]) {
    const said = await stage.sandbox.mustJuju(["debug-log", "-m", model, ...EFFECTS_LOGGED]);
    log.set(model, said.split("\n").slice(0, -1));
  }
  return log;
}

/** Whether there is one text for each pattern, in any order. */
function matches(texts: readonly string[], patterns: readonly RegExp[]): boolean {
  const left = [...texts];
  return (
    texts.length === patterns.length &&
    patterns.every((pattern) => {
      const at = left.findIndex((text) => pattern.test(text));
      if (at >= 0) left.splice(at, 1);
      return at >= 0;
    })
  );
}
