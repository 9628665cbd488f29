// What servers were told while a journey was counted, from their general query logs: over TLS nobody else can see which statements only read.
import { changesNothing } from "../../sandbox/snaps/charmed-mysql/statement.ts";
import { queryAs } from "../demo/sql.ts";
import type { Effect, Role } from "./points.ts";
import type { Stage } from "./stage.ts";

const LOG_FILE = "/var/snap/charmed-mysql/common/var/log/mysql/crash-matrix.log";
/** Kept over restarts, as after a clone. */
const START = `SET PERSIST general_log_file = '${LOG_FILE}'; SET PERSIST general_log = ON; SELECT @@GLOBAL.general_log`;
/** One that is started again writes from its first word on. */
const STOP = "SET GLOBAL general_log = OFF";
const CONFIG = "/var/snap/charmed-mysql/current/etc/mysql/mysql.conf.d";
/** Has a server that is yet to be started write from its first word on; it fails on a machine whose server runs. */
const START_EARLY = `for i in $(seq 3000); do
  [ ! -d ${CONFIG} ] || break
  sleep 0.02
done
[ ! -S /var/snap/charmed-mysql/common/var/run/mysqld/mysqld.sock ] || exit 1
printf '[mysqld]\\ngeneral_log=ON\\ngeneral_log_file=${LOG_FILE}\\n' > ${CONFIG}/zz-crash-matrix.cnf`;
/** Clocks are read to the millisecond, and two of them. */
const CLOCK_MS = 2;
/** The client that writes, the tape itself, and what replication says to itself. */
const OTHERS = /\bdemo\.|\bgeneral_log|\bXid_log_event\b|@master_binlog_checksum/;
const BEGINS = /^(?:start transaction|begin)\b/i;
const ENDS = /^(?:commit|rollback)\b/i;
const ROWS = /^(?:insert|update|delete|replace)\b/i;
const LOCKS =
  /^(?:select|do) (?:get_lock|release_lock|release_all_locks|service_(?:get_\w+|release)_locks)\s*\(/i;
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

/** Root is not allowed to. */
const USER = "serverconfig";
/** Whose servers are made in the journey: nobody could ask them in time. */
const FRESH: readonly Role[] = ["newcomer", "solo"];

export class Tape {
  readonly #stage: Stage;
  readonly #begun = Date.now();
  readonly #since = new Map<Role, number>();
  readonly #early = new Map<Role, Promise<void>>();
  #passwords: readonly string[] = [];

  constructor(stage: Stage) {
    this.#stage = stage;
  }

  /** Has each server that answers, and that does not yet or no more, write down what it is told. */
  async run(roles: readonly Role[]): Promise<void> {
    for (const role of roles.filter((one) => this.#stage.has(one))) {
      if (FRESH.includes(role)) this.#startEarly(role);
      const [state] = await this.#ask(role, "SELECT @@GLOBAL.general_log");
      // It was started in this journey.
      if (state === "1" && !this.#since.has(role)) this.#since.set(role, this.#begun);
      if (state === "0" && (await this.#ask(role, START))[0] === "1") this.#since.set(role, Date.now());
    }
  }

  /** What has been written down, by the address of the server; the servers stop writing. */
  async end(): Promise<ReadonlyMap<string, Recording>> {
    await Promise.all(this.#early.values());
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

  /** A machine that does not run yet is tried again later. */
  #startEarly(role: Role): void {
    if (this.#early.has(role)) return;
    const { model, unit } = this.#stage.unit(role);
    const started = this.#stage.sandbox.juju(["ssh", "-m", model, unit, START_EARLY]).then(({ code }) => {
      if (code !== 0) this.#early.delete(role);
    });
    this.#early.set(role, started);
  }

  /** Passwords change in some journeys, and servers take over those of another cluster: all are tried. */
  async #ask(role: Role, sql: string): Promise<readonly string[]> {
    const place = { sandbox: this.#stage.sandbox, ...this.#stage.unit(role), user: USER };
    const ask = async (passwords: readonly string[]): Promise<readonly string[] | undefined> => {
      for (const password of passwords) {
        const answer = await queryAs(place, password, sql).catch(() => undefined);
        if (answer !== undefined) return answer;
      }
      return undefined;
    };
    const answer = await ask(this.#passwords);
    if (answer !== undefined) return answer;
    const known = this.#passwords;
    this.#passwords = await this.#stage.passwordsOf(USER);
    return (await ask(this.#passwords.filter((one) => !known.includes(one)))) ?? [];
  }
}

/**
 * The statements of a general query log that may change something, but for those of others. Rows that are written in a
 * transaction are there when it is committed; locks of a session end with it, whoever kills it.
 */
export function heardIn(log: string): readonly Heard[] {
  const entries = log.split(/^(?=\d{4}-\d\d-\d\dT\S+Z\t)/m);
  /** Whether each connection's transaction, where it is in one, has written. */
  const open = new Map<string, boolean>();
  return entries.flatMap((entry) => {
    const [, time, id = "", command = "", text = ""] = /^(\S+Z)\t\s*(\d+) (\w+)\t?(.*)/s.exec(entry) ?? [];
    if (time === undefined || !/^(?:Query|Execute)$/.test(command)) return [];
    if (BEGINS.test(text)) open.set(id, false);
    if (OTHERS.test(text)) return [];
    const hasWritten = open.get(id);
    const isWritten = ROWS.test(text) && hasWritten !== undefined;
    if (isWritten) open.set(id, true);
    const ends = ENDS.test(text);
    if (ends) open.delete(id);
    const isEmpty = ends && hasWritten === false;
    if (isWritten || isEmpty || LOCKS.test(text) || changesNothing(text)) return [];
    // Whatever is neither rows nor a question commits what was before it.
    open.delete(id);
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
