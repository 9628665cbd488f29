// What a verb of the command line has to work with: the controller's things, the chosen model, and the person's screen.

import type { FlagSpecs, ParsedLine } from "../lib/juju/hook-commands/flags.ts";
import { UsageError } from "../lib/juju/hook-commands/flags.ts";
import type { Model } from "../lib/juju/model.ts";
import type { Fleet } from "./fleet.ts";
import type { Clock } from "./juju/clock.ts";
import type { DebugLog } from "./juju/debug-log.ts";
import type { Store } from "./juju/store.ts";

/** What the controller has. */
export interface World {
  readonly store: Store;
  readonly fleet: Fleet;
  readonly log: DebugLog;
  readonly clock: Clock;
  /** The store of charms. */
  readonly charms: string;
}

/** The one who asked. */
export interface Screen {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** Aborted when nobody listens any more. */
  readonly signal: AbortSignal;
  readonly cwd: string;
  readonly color: boolean;
  /** Gives what is typed to the listener, then null; for programs that read. */
  readonly onInput: (listener: (data: Buffer | null) => void) => void;
  readonly isTerminal: boolean;
  /** How many characters a line of the terminal has; undefined where nobody reads on one. */
  readonly columns?: number;
}

export interface Session extends World {
  readonly screen: Screen;
  /** The model of -m, else the current one. Throws a Refusal when there is none. */
  readonly model: () => Model;
}

/** A verb: returns its exit code, 0 when nothing. */
export interface Verb {
  readonly usage: string;
  readonly about: string;
  /** A command line that does something useful, without `sandbox` and the verb. */
  readonly example?: string;
  readonly flags?: FlagSpecs;
  readonly run: (
    session: Session,
    line: ParsedLine,
  ) => Promise<number | undefined> | Promise<void> | number | undefined | void;
}

export type VerbTable = Readonly<Record<string, Verb>>;

/** A flag's value. */
export function textOf(line: ParsedLine, name: string): string | undefined {
  return line.flags.get(name)?.value;
}

/** All values of a flag, which may be given several times. */
export function valuesOf(line: ParsedLine, name: string): readonly string[] {
  return line.flags.get(name)?.values ?? [];
}

/** Whether a boolean flag is on. */
export function isOn(line: ParsedLine, name: string): boolean {
  return line.flags.get(name)?.value === "true";
}

/** A flag that must be a number. */
export function numberOf(line: ParsedLine, name: string): number | undefined {
  const text = textOf(line, name);
  if (text === undefined) return undefined;
  if (!/^\d+$/.test(text))
    throw new UsageError(`invalid value ${JSON.stringify(text)} for option --${name}: not a number`);
  return Number(text);
}

/** Waits until a condition on the state holds. False when the time is up or the one who asked went away. */
export function waitForState(
  session: Session,
  holds: () => boolean,
  milliseconds: number | undefined,
): Promise<boolean> {
  if (holds()) return Promise.resolve(true);
  return new Promise((resolve) => {
    const end = (answer: boolean): void => {
      unlisten();
      cancel();
      session.screen.signal.removeEventListener("abort", aborted);
      resolve(answer);
    };
    const aborted = (): void => end(false);
    const unlisten = session.store.onChange(() => {
      if (holds()) end(true);
    });
    const cancel =
      milliseconds === undefined ? () => {} : session.clock.after(milliseconds, () => end(holds()));
    session.screen.signal.addEventListener("abort", aborted);
  });
}
