// Port: one method per hook command of Juju, and the errors they have in common.

import type { Bag } from "./databag.ts";
import type { LogLevel } from "./log.ts";
import type { ConfigValue } from "./meta.ts";
import type { SecretContent } from "./secrets.ts";
import type { Status } from "./status.ts";

export type HookToolReason =
  | "not-found"
  | "denied"
  | "not-leader"
  | "relation-gone"
  | "bad-request"
  | "failed";

/** A hook command that failed. The message holds Juju's own words, never an argument. */
export class HookToolError extends Error {
  override readonly name = "HookToolError";
  readonly reason: HookToolReason;
  readonly command: string;
  readonly returnCode: number;

  constructor(command: string, returnCode: number, reason: HookToolReason, said: string) {
    super(
      `${command} failed (${reason}, exit code ${returnCode}): ${said === "" ? "it said nothing" : said}`,
    );
    this.command = command;
    this.returnCode = returnCode;
    this.reason = reason;
  }
}

/** Which secret: by the URI that its owner gave, or by a label of this application. */
export type SecretRef = { readonly id: string } | { readonly label: string };

export interface SecretGetOptions {
  /** Read the newest revision and keep to it from now on. */
  readonly refresh?: boolean;
  /** Read the newest revision without keeping to it. */
  readonly peek?: boolean;
}

export interface SecretAddOptions {
  readonly owner: "application" | "unit";
  readonly label?: string;
  readonly description?: string;
}

export interface NetworkAddress {
  readonly value: string;
  readonly cidr: string;
  readonly hostname: string;
}

/** What Juju knows of a network binding. The single addresses are the first of their sort, left out when there is none. */
export interface NetworkInfo {
  readonly bindAddress?: string;
  readonly ingressAddress?: string;
  readonly hostname?: string;
  readonly interfaces: readonly {
    readonly name: string;
    readonly mac: string;
    readonly addresses: readonly NetworkAddress[];
  }[];
  readonly ingressAddresses: readonly string[];
  readonly egressSubnets: readonly string[];
}

/**
 * The hook commands. Juju buffers relationSet, stateSet, secretAdd/-Set/-Grant/-Revoke/-Remove and openPort until
 * the hook exits 0; the statuses, the workload version, logs and action logs take effect at once.
 * Every method rejects with {@link HookToolError}.
 */
export interface HookTools {
  relationIds(endpoint: string): Promise<readonly number[]>;
  relationUnits(relationId: number): Promise<readonly string[]>;
  relationApp(relationId: number): Promise<string>;
  /** `owner` is a unit, or an application for its bag. */
  relationGet(relationId: number, owner: string): Promise<Bag>;
  /** An empty value deletes its key. */
  relationSet(relationId: number, target: "unit" | "app", changes: Bag): Promise<void>;
  isLeader(): Promise<boolean>;
  configGet(): Promise<Readonly<Record<string, ConfigValue>>>;
  statusGet(target: "unit" | "app"): Promise<{ readonly kind: string; readonly message: string }>;
  statusSet(target: "unit" | "app", status: Status): Promise<void>;
  applicationVersionSet(version: string): Promise<void>;
  jujuLog(level: LogLevel, text: string): Promise<void>;
  actionGet(): Promise<Readonly<Record<string, unknown>>>;
  actionSet(results: ReadonlyMap<string, string>): Promise<void>;
  actionFail(message: string): Promise<void>;
  actionLog(message: string): Promise<void>;
  /** Gives the new secret's URI. */
  secretAdd(content: SecretContent, options: SecretAddOptions): Promise<string>;
  secretGet(ref: SecretRef, options: SecretGetOptions): Promise<SecretContent>;
  /** Id of a secret that this unit owns, or its application where this unit leads. */
  secretIdOf(label: string): Promise<string>;
  secretSet(id: string, content: SecretContent): Promise<void>;
  secretGrant(id: string, relationId: number): Promise<void>;
  secretRevoke(id: string, relationId: number): Promise<void>;
  secretRemove(id: string): Promise<void>;
  stateGet(): Promise<Bag>;
  /** An empty value deletes its key. */
  stateSet(changes: Bag): Promise<void>;
  storageIds(name: string): Promise<readonly string[]>;
  storageLocation(storageId: string): Promise<string>;
  networkGet(binding: string, relationId?: number): Promise<NetworkInfo>;
  openedPorts(): Promise<readonly number[]>;
  openPort(port: number): Promise<void>;
  /** Units of this application and the status of each; one that goes is `dying`. */
  goalStateUnits(): Promise<Readonly<Record<string, string>>>;
}
