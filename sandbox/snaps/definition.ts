// What a snap of the sandbox is: its apps, its install hook, and where an installed one has its files.
import { join } from "node:path";

export interface Definition {
  readonly name: string;
  readonly publisher: string;
  /** What `snap install` without an option takes. */
  readonly channel: string;
  readonly revision: string;
  readonly apps: Readonly<Record<string, App>>;
  /** What bytes sent to an address are about to change; null for nothing, undefined when they are not for this snap. */
  readonly describeSend?: (address: string, bytes: Buffer) => string | null | undefined;
  /** Makes the snap's files below its data folders; runs at install and, with the old files copied, at refresh. */
  install(snap: Installation): Promise<void>;
}

export interface App {
  /** Shell text that a person's command runs; absent for what can only be a service. */
  readonly command?: (snap: Installation) => string;
  /** Present for a service. */
  readonly service?: (snap: Installation) => Service;
}

export interface Service {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Environment variable that tells the program the pid of its supervisor. */
  readonly parentVariable: string;
  /** Exit code by which the program asks to be started again. */
  readonly restartCode: number;
  /** What a killed program leaves behind and the next one must not find. */
  readonly leftovers: readonly string[];
}

/** One installed revision. */
export interface Installation {
  readonly name: string;
  readonly revision: string;
  readonly facts: StoreFacts;
  /** $SNAP without its revision: /snap/<name>/current */
  readonly mount: string;
  /** $SNAP_DATA: /var/snap/<name>/current */
  readonly data: string;
  /** $SNAP_COMMON */
  readonly common: string;
}

/** What the sandbox knows about a snap that is the same on all machines; written into each. */
export interface StoreFacts {
  readonly version: string;
  /** The machine has one user id only. */
  readonly plainUser: boolean;
  /** Programs of the host that apps may run, by name. */
  readonly programs: Readonly<Record<string, string>>;
}

/** Where a machine finds what the store has of a snap, installed or not: files to mount and `facts.json`. */
export function storeFolder(name: string): string {
  return `/usr/local/lib/juju-snaps/${name}`;
}

export function installation(name: string, revision: string, facts: StoreFacts): Installation {
  const data = join("/var/snap", name);
  return {
    name,
    revision,
    facts,
    mount: join("/snap", name, "current"),
    data: join(data, "current"),
    common: join(data, "common"),
  };
}

/** The arguments before a program's own that make it run as the snap's user. */
export function asSnapUser({ facts }: Installation): readonly string[] {
  if (facts.plainUser) return [];
  return ["setpriv", "--clear-groups", "--reuid=snap_daemon", "--regid=root", "--"];
}
