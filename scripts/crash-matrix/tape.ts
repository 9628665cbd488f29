// What servers were told while a journey was counted, from their general query logs: over TLS nobody else can see which statements only read.
import { changesNothing } from "../../sandbox/snaps/charmed-mysql/statement.ts";
import { passwordOf, queryAs } from "../demo/sql.ts";
import type { Effect, Role } from "./points.ts";
import type { Stage } from "./stage.ts";

const LOG_FILE = "/var/snap/charmed-mysql/common/var/log/mysql/crash-matrix.log";
/** Kept over restarts, as after a clone. */
const START = `SET PERSIST general_log_file = '${LOG_FILE}'; SET PERSIST general_log = ON; SELECT @@GLOBAL.general_log`;
const STOP = "SET GLOBAL general_log = OFF; RESET PERSIST general_log; RESET PERSIST general_log_file";
/** Clocks are read to the millisecond, and two of them. */
const CLOCK_MS = 2;
/** The client that writes, the tape itself, and what replication says to itself. */
const OTHERS = /\bdemo\.|\bgeneral_log|\bXid_log_event\b|@master_binlog_checksum/;
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

/** Root is not allowed to. Of one that stands alone nothing is written down: it is too young to be asked for a password. */
const USER = "serverconfig";
const APPLICATION: Readonly<Record<Exclude<Role, "solo">, "first" | "second">> = {
  first: "first",
  newcomer: "first",
  second: "second",
};
type Taped = keyof typeof APPLICATION;

export class Tape {
  readonly #stage: Stage;
  readonly #since = new Map<Taped, number>();
  readonly #passwords = new Map<"first" | "second", string>();

  constructor(stage: Stage) {
    this.#stage = stage;
  }

  /** Before anything is counted: who is to be asked has to have a password. */
  async begin(roles: readonly Role[]): Promise<void> {
    for (const role of ["first", "second"] as const) {
      // A machine without power gives none, and the clusters of a set have the same.
      if ((await this.#stage.shown(role)).includes("lost")) continue;
      const { model, unit } = this.#stage.unit(role);
      this.#passwords.set(role, await passwordOf(this.#stage.sandbox, model, unit, USER));
    }
    await this.run(roles);
  }

  /** Has each server that answers, and that does not yet or no more, write down what it is told. */
  async run(roles: readonly Role[]): Promise<void> {
    for (const role of roles) {
      if (role === "solo" || !this.#stage.has(role)) continue;
      const [state] = await this.#ask(role, "SELECT @@GLOBAL.general_log");
      if (state !== "0") continue;
      if ((await this.#ask(role, START))[0] === "1") this.#since.set(role, Date.now());
    }
  }

  /** What has been written down, by the address of the server; the servers stop writing. */
  async end(): Promise<ReadonlyMap<string, Recording>> {
    const recordings = new Map<string, Recording>();
    for (const [role, since] of this.#since) {
      const isOn = (await this.#ask(role, `SELECT @@GLOBAL.general_log; ${STOP}`))[0] === "1";
      // One that is gone takes its words along; one that was started again and not yet asked to write has missed some.
      if (!isOn) continue;
      const { model, unit } = this.#stage.unit(role);
      const fetch = `cat ${LOG_FILE}; rm ${LOG_FILE}`;
      const text = await this.#stage.sandbox.mustJuju(["ssh", "-m", model, unit, fetch]);
      recordings.set(await this.#stage.addressOf(role), { since, heard: heardIn(text) });
    }
    return recordings;
  }

  /** A standby takes over the passwords of its primary cluster: both are tried. */
  async #ask(role: Taped, sql: string): Promise<readonly string[]> {
    const { sandbox } = this.#stage;
    const place = { sandbox, ...this.#stage.unit(role), user: USER };
    for (const one of [APPLICATION[role], "first", "second"] as const) {
      const password = this.#passwords.get(one);
      const answer = password && (await queryAs(place, password, sql).catch(() => undefined));
      if (answer) return answer;
    }
    return [];
  }
}

/** The statements of a general query log that may change something, but for those of others. */
export function heardIn(log: string): readonly Heard[] {
  const entries = log.split(/^(?=\d{4}-\d\d-\d\dT\S+Z\t)/m);
  return entries.flatMap((entry) => {
    const [, time, command, text] = /^(\S+Z)\t\s*\d+ (\w+)\t?(.*)/s.exec(entry) ?? [];
    if (time === undefined || text === undefined || !/^(?:Query|Execute)$/.test(command ?? "")) return [];
    if (changesNothing(text) || OTHERS.test(text)) return [];
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
