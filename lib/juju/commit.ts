// The flush of a hook that exited 0: secrets first and each for itself, then everything else at once; leadership is checked again. Changes the model in place.
import { mirror } from "./cross-model.ts";
import {
  applicationOf,
  type Model,
  type SandboxState,
  type Secret,
  type SecretGrant,
  type Unit,
} from "./model.ts";
import { changePorts } from "./open-ports.ts";
import type { PendingWrites, SecretDraft, SecretUpdate } from "./pending-writes.ts";
import { writeBag } from "./relations.ts";
import { isLabelFree } from "./secret-labels.ts";
import { consumerKey, mayManage, nextRotation } from "./secrets.ts";
import { addStorage, tooMuchStorage } from "./storage.ts";

/** The flush was refused: the hook counts as failed and everything not flushed yet is lost. */
export class CommitError extends Error {
  override readonly name = "CommitError";
}

export interface CommitTarget {
  readonly state: SandboxState;
  readonly model: Model;
  readonly unit: Unit;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/**
 * Flushes a hook's writes.
 * @throws CommitError when the unit lost the right to a write since it was buffered.
 */
export function commit(target: CommitTarget, writes: PendingWrites): void {
  commitSecrets(target, writes);
  if (writes.applicationBags.size > 0) requireLeader(target);
  refuseStorage(target, writes);
  commitBags(target, writes);
  const { unit, model } = target;
  for (const change of writes.ports) unit.ports = changePorts(unit.ports, change);
  if (writes.charmState !== null) unit.charmState = writes.charmState;
  for (const { name, count } of writes.storageAdds) {
    for (let n = 0; n < count; n++) addStorage(target.state, model, unit, name);
  }
}

/** Storage beyond what its charm allows is refused before anything else is written. */
function refuseStorage({ state, model, unit }: CommitTarget, { storageAdds }: PendingWrites): void {
  for (const [name, adds] of Map.groupBy(storageAdds, (add) => add.name)) {
    const count = adds.reduce((sum, add) => sum + add.count, 0);
    const refused = tooMuchStorage(state, model, unit, { name, count });
    if (refused !== undefined) throw new CommitError(`cannot add storage: ${refused}`);
  }
}

function isLeader({ model, unit }: CommitTarget): boolean {
  return model.applications[unit.application]?.leader === unit.name;
}

function requireLeader(target: CommitTarget): void {
  if (isLeader(target)) return;
  const { unit } = target;
  throw new CommitError(`prerequisites failed: "${unit.name}" is not leader of "${unit.application}"`);
}

function commitBags({ state, model, unit }: CommitTarget, writes: PendingWrites): void {
  for (const [id, changes] of writes.unitBags) {
    const relation = model.relations[id];
    const bag = relation?.units[unit.name];
    if (relation === undefined || bag === undefined) continue;
    if (writeBag(bag, changes)) mirror(state, model, relation);
  }
  for (const [id, changes] of writes.applicationBags) {
    const relation = model.relations[id];
    const bag = relation?.applications[unit.application];
    if (relation === undefined || bag === undefined) continue;
    if (!writeBag(bag, changes)) continue;
    mirror(state, model, relation);
    sawOwnWrite(unit, id, bag.version);
  }
}

/** In a peer relation the leader watches its own application's bag too, and is not told of what it wrote itself. */
function sawOwnWrite(unit: Unit, relation: number, version: number): void {
  const memory = unit.local.relations[relation];
  if (memory === undefined || !memory.peer) return;
  const applications = { ...memory.applications, [unit.application]: version };
  const relations = { ...unit.local.relations, [relation]: { ...memory, applications } };
  unit.local = { ...unit.local, relations };
}

function commitSecrets(target: CommitTarget, writes: PendingWrites): void {
  for (const draft of writes.secretCreates.values()) createSecret(target, draft);
  for (const [id, update] of writes.secretUpdates) updateSecret(target, managed(target, id), update);
  for (const id of writes.secretTracks) trackLatest(target, id);
  for (const { id, grant } of writes.secretGrants) grantSecret(managed(target, id), grant);
  for (const { id, matches } of writes.secretRevokes) {
    const secret = managed(target, id);
    secret.grants = secret.grants.filter((grant) => !isMatch(grant, matches));
  }
  for (const { id, revision } of writes.secretRemoves) removeSecret(target, id, revision);
}

function managed(target: CommitTarget, id: string): Secret {
  const secret = target.model.secrets[id];
  if (secret === undefined) throw new CommitError(`secret "${id}" not found`);
  if (!mayManage(secret, target.unit.name, isLeader(target))) throw new CommitError("permission denied");
  return secret;
}

function createSecret(target: CommitTarget, draft: SecretDraft): void {
  if (draft.owner.kind === "application") requireLeader(target);
  const { state, model, now } = target;
  if (!isLabelFree(state, model, draft.owner, draft.label))
    throw new CommitError(`secret with label "${draft.label}" already exists`);
  const time = new Date(now).toISOString();
  model.secrets[draft.id] = {
    id: draft.id,
    owner: draft.owner,
    label: draft.label,
    description: draft.description,
    rotate: draft.rotate,
    nextRotate: nextRotation(draft.rotate, now),
    created: time,
    updated: time,
    revisions: { 1: { data: draft.data, created: time, expire: draft.expire, remind: "" } },
    latest: 1,
    autoPrune: false,
    grants: [],
    consumers: {},
  };
}

function updateSecret(target: CommitTarget, secret: Secret, update: SecretUpdate): void {
  const time = new Date(target.now).toISOString();
  const newest = secret.revisions[secret.latest];
  if (
    update.data !== undefined &&
    JSON.stringify(sorted(update.data)) !== JSON.stringify(sorted(newest?.data ?? {}))
  ) {
    secret.latest += 1;
    secret.revisions[secret.latest] = {
      data: update.data,
      created: time,
      expire: update.expire ?? "",
      remind: "",
    };
    secret.nextRotate = nextRotation(update.rotate ?? secret.rotate, target.now);
  } else if (update.expire !== undefined && newest !== undefined) {
    secret.revisions[secret.latest] = { ...newest, expire: update.expire, remind: "" };
  }
  // Juju keeps quiet about a label that is taken (juju#20623).
  const { state, model } = target;
  if (update.label !== undefined && isLabelFree(state, model, secret.owner, update.label))
    secret.label = update.label;
  secret.description = update.description ?? secret.description;
  if (update.rotate !== undefined) {
    secret.rotate = update.rotate;
    secret.nextRotate = nextRotation(update.rotate, target.now);
  }
  secret.updated = time;
}

function trackLatest({ model, unit }: CommitTarget, id: string): void {
  const secret = model.secrets[id];
  if (secret === undefined) return;
  const key = consumerKey(model, unit.name);
  secret.consumers[key] = { label: secret.consumers[key]?.label ?? "", tracked: secret.latest };
}

function grantSecret(secret: Secret, grant: SecretGrant): void {
  if (secret.grants.some((known) => isMatch(known, grant))) return;
  const unitGranted = secret.grants.some(
    (known) => known.kind === "unit" && applicationOf(known.target) === grant.target,
  );
  if (grant.kind === "application" && unitGranted) {
    throw new CommitError(
      "any unit level grants need to be revoked before granting access to the corresponding application",
    );
  }
  secret.grants.push(grant);
}

function isMatch(grant: SecretGrant, matches: Partial<SecretGrant>): boolean {
  return (
    (matches.relation === undefined || matches.relation === grant.relation) &&
    (matches.target === undefined || matches.target === grant.target) &&
    (matches.kind === undefined || matches.kind === grant.kind)
  );
}

function removeSecret(target: CommitTarget, id: string, revision: number | undefined): void {
  if (target.model.secrets[id] === undefined) return;
  const secret = managed(target, id);
  if (revision !== undefined) delete secret.revisions[revision];
  if (revision === undefined || Object.keys(secret.revisions).length === 0) delete target.model.secrets[id];
}

function sorted(data: Readonly<Record<string, string>>): [string, string][] {
  return Object.entries(data).sort(([a], [b]) => (a < b ? -1 : 1));
}
