// What servers were told while a journey was counted, from their general query logs: over TLS nobody else can see which statements only read.
import { changesNothing } from "../../sandbox/snaps/charmed-mysql/statement.ts";
import type { Effect, Role } from "./points.ts";
import type { Stage } from "./stage.ts";

const LOG_FILE = "/tmp/crash-matrix-general.log";
const START = `SET GLOBAL general_log_file = '${LOG_FILE}'; SET GLOBAL general_log = ON`;
const STOP = "SET GLOBAL general_log = OFF";
/** Clocks are read to the millisecond, and two of them. */
const CLOCK_MS = 2;
const ENCRYPTED = /^send (\S+):3306: encrypted$/;

/** A statement that may have changed its server, and when it came (ms since 1970). */
export interface Heard {
  readonly at: number;
  readonly text: string;
}

/** What one server was told, and since when nothing that it was told is missing. */
export interface Recording {
  readonly since: number;
  readonly heard: readonly Heard[];
}

export class Tape {
  readonly #stage: Stage;
  readonly #since = new Map<Role, number>();

  constructor(stage: Stage) {
    this.#stage = stage;
  }

  /** Has each server that answers, and that does not yet or no more, write down what it is told. */
  async run(roles: readonly Role[]): Promise<void> {
    for (const role of roles.filter((one) => this.#stage.has(one))) {
      const [state] = await this.#ask(role, "SELECT @@GLOBAL.general_log");
      if (state !== "0") continue;
      await this.#ask(role, START);
      this.#since.set(role, Date.now());
    }
  }

  /** What has been written down, by the address of the server; the servers stop writing. */
  async end(): Promise<ReadonlyMap<string, Recording>> {
    const recordings = new Map<string, Recording>();
    for (const [role, since] of this.#since) {
      const isOn = (await this.#ask(role, `SELECT @@GLOBAL.general_log; ${STOP}`))[0] === "1";
      const { model, unit } = this.#stage.unit(role);
      const text = await this.#stage.sandbox.mustJuju([
        ...["ssh", "-m", model, unit],
        `cat ${LOG_FILE}; rm ${LOG_FILE}`,
      ]);
      const address = await this.#stage.addressOf(role);
      // One that was started again and not yet asked to write has missed something.
      if (isOn) recordings.set(address, { since, heard: heardIn(text) });
    }
    return recordings;
  }

  async #ask(role: Role, sql: string): Promise<readonly string[]> {
    return await this.#stage.servers.ask(this.#stage.unit(role), sql).catch(() => []);
  }
}

/** The statements of a general query log that may change something, but for those of the client that writes, and of the tape itself. */
export function heardIn(log: string): readonly Heard[] {
  const entries = log.split(/^(?=\d{4}-\d\d-\d\dT\S+Z\t)/m);
  return entries.flatMap((entry) => {
    const [, time, command, text] = /^(\S+Z)\t\s*\d+ (\w+)\t?(.*)/s.exec(entry) ?? [];
    if (time === undefined || text === undefined || !/^(?:Query|Execute)$/.test(command ?? "")) return [];
    if (changesNothing(text) || /\bdemo\.|\bgeneral_log/.test(text)) return [];
    return [{ at: Date.parse(time), text: text.trim() }];
  });
}

/**
 * The same effects, told apart: of what was sent over TLS, `encrypted, reads` is what reached its server without a statement
 * that changes anything, up to what was sent to it next. Where a server's words are missing nothing is told.
 */
export function told(
  effects: readonly Effect[],
  recordings: ReadonlyMap<string, Recording>,
): readonly Effect[] {
  return effects.map((effect, index) => {
    const address = ENCRYPTED.exec(effect.label)?.[1];
    const recording = address === undefined ? undefined : recordings.get(address);
    if (recording === undefined || effect.at < recording.since) return effect;
    const next = effects
      .slice(index + 1)
      .find(({ run, role, label }) => run === effect.run && role === effect.role && label === effect.label);
    const until = next?.at ?? Number.POSITIVE_INFINITY;
    const isHeard = recording.heard.some(({ at }) => at >= effect.at - CLOCK_MS && at <= until + CLOCK_MS);
    return isHeard ? effect : { ...effect, label: `${effect.label}, reads` };
  });
}
