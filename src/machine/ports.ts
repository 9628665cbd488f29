// What the charm asks of the machine it runs on.

export interface FileOptions {
  /** Permission bits; 0o644 when not given. */
  readonly mode?: number;
  /** User that is to own the file, by name. */
  readonly owner?: string;
}

export interface Files {
  /** The text, or undefined when there is no such file. */
  read(path: string): Promise<string | undefined>;
  /** Replaces the file in one step: readers see the old text or the new one. */
  write(path: string, text: string, options?: FileOptions): Promise<void>;
  remove(path: string): Promise<void>;
  /** In bytes; 0 for a file that is not there. */
  size(path: string): Promise<number>;
  /** The end of a file, at most so many bytes; "" for one that is not there. */
  tail(path: string, bytes: number): Promise<string>;
  /** What the file system of a path has left for those who are not root; without end for a path that is not there. */
  freeBytes(path: string): Promise<number>;
  /** Where a symbolic link points; undefined when there is no such link. */
  readLink(path: string): Promise<string | undefined>;
  isMountPoint(path: string): Promise<boolean>;
  /** Makes a folder; when it is there already, only its owner and permission bits are set. */
  makeFolder(path: string, options: FileOptions): Promise<void>;
}

/** What is installed: `foreign` is a charmed-mysql that this charm did not install. */
export type SnapState =
  | { readonly kind: "absent" }
  | { readonly kind: "foreign" }
  | { readonly kind: "installed"; readonly version: string };

export interface Snap {
  /** Version as `snap list` shows it. Throws SnapFailed. */
  state(): Promise<SnapState>;
  /** Revision that is installed, without asking snapd; undefined when none is. */
  revision(): Promise<string | undefined>;
  /** Revision that this charm is made for. Throws SnapFailed where there is none for the machine's architecture. */
  pinned(): Promise<string>;
  /** Installs the pinned revision and holds it. Safe to run again. Throws SnapFailed. */
  install(): Promise<void>;
  /** Changes to a revision; the service is to be stopped before. Safe to run again. Throws SnapFailed. */
  refresh(revision: string): Promise<void>;
  serviceActive(): Promise<boolean>;
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** A snap command that failed; the message holds snapd's own words. */
export class SnapFailed extends Error {
  constructor(command: string, detail: string) {
    super(`snap ${command}: ${detail}`);
    this.name = "SnapFailed";
  }
}
