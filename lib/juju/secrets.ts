// Whose a secret is, who may read it, which revision each reader tracks, and which secret hooks are due. Pure.
import {
  applicationOf,
  type Model,
  type Relation,
  type SandboxState,
  type Secret,
  type SecretRevision,
} from "./model.ts";

export interface SecretNews {
  readonly id: string;
  readonly uri: string;
  readonly label: string;
  readonly revision: number;
}

export interface DueSecrets {
  readonly expired: readonly SecretNews[];
  readonly rotate: readonly SecretNews[];
  readonly obsolete: readonly SecretNews[];
}

export interface FoundSecret {
  readonly model: Model;
  readonly secret: Secret;
}

/** Canonical spelling of a secret's address. */
export function secretUri(model: Model, id: string): string {
  return `secret://${model.uuid}/${id}`;
}

/** The id in any accepted spelling, and the model if it is named; undefined for anything else. */
export function parseSecretUri(text: string): { id: string; modelUuid: string | undefined } | undefined {
  const match =
    /^(?:secret:(?:\/\/)?)?(?:([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\/)?([0-9a-z]{20})$/.exec(text);
  const id = match?.[2];
  return id === undefined ? undefined : { id, modelUuid: match?.[1] };
}

/** Finds a secret by address, from the model of the one who asks. */
export function findSecret(state: SandboxState, home: Model, uri: string): FoundSecret | undefined {
  const parsed = parseSecretUri(uri);
  if (parsed === undefined) return undefined;
  const { id, modelUuid } = parsed;
  const model =
    modelUuid === undefined ? home : Object.values(state.models).find((other) => other.uuid === modelUuid);
  const secret = model?.secrets[id];
  return model === undefined || secret === undefined ? undefined : { model, secret };
}

/** The key under which a reader's tracking is kept. */
export function consumerKey(home: Model, unit: string): string {
  return `${home.uuid}:${unit}`;
}

/** A unit that is gone reads no secrets: revisions that only it tracked are no longer needed. */
export function forgetConsumer(state: SandboxState, home: Model, unit: string): void {
  for (const model of Object.values(state.models)) {
    for (const secret of Object.values(model.secrets)) delete secret.consumers[consumerKey(home, unit)];
  }
}

/** Whether the unit may change the secret: its own, or its application's while it leads. */
export function mayManage(secret: Secret, unit: string, leader: boolean): boolean {
  if (secret.owner.kind === "unit") return secret.owner.name === unit;
  return leader && isOwnSecret(secret, unit);
}

/** Whether the unit belongs to the secret's owner, for which no grant is needed. */
export function isOwnSecret(secret: Secret, unit: string): boolean {
  const { kind, name } = secret.owner;
  if (kind === "model") return false;
  return name === (kind === "unit" ? unit : applicationOf(unit));
}

/** Whether a unit of `home` may read the secret of the (perhaps other) model. */
export function mayRead(state: SandboxState, home: Model, found: FoundSecret, unit: string): boolean {
  const { model, secret } = found;
  if (model === home && isOwnSecret(secret, unit)) return true;
  return secret.grants.some((grant) => {
    if (grant.relation === null) return model === home && grant.target === applicationOf(unit);
    const relation = model.relations[grant.relation];
    if (relation === undefined || relation.life === "dead") return false;
    const reader = model === home ? unit : nameAcross(state, home, relation, unit);
    if (reader === undefined) return false;
    return grant.target === (grant.kind === "unit" ? reader : applicationOf(reader));
  });
}

/** The name by which a relation's model knows a unit of another model. */
function nameAcross(state: SandboxState, home: Model, relation: Relation, unit: string): string | undefined {
  if (relation.counterpart === null || state.models[relation.counterpart.model] !== home) return undefined;
  const there = home.relations[relation.counterpart.relation];
  const application = applicationOf(unit);
  const mine = there?.endpoints.findIndex((end) => end.application === application) ?? -1;
  const local = mine < 0 ? undefined : relation.endpoints[mine];
  return local === undefined ? undefined : `${local.application}${unit.slice(application.length)}`;
}

/** Secrets that the unit reads and whose newest revision it does not track yet. */
export function consumedSecrets(
  state: SandboxState,
  home: Model,
  unit: string,
  leader: boolean,
): SecretNews[] {
  const key = consumerKey(home, unit);
  const news: SecretNews[] = [];
  for (const model of Object.values(state.models)) {
    for (const secret of Object.values(model.secrets)) {
      const consumer = secret.consumers[key];
      if (consumer === undefined || consumer.tracked >= secret.latest) continue;
      if (model === home && mayManage(secret, unit, leader)) continue;
      if (!mayRead(state, home, { model, secret }, unit)) continue;
      news.push({
        id: secret.id,
        uri: secretUri(model, secret.id),
        label: consumer.label,
        revision: secret.latest,
      });
    }
  }
  return news;
}

/** Secret hooks for the owner: expired revisions, rotations, and revisions that nobody tracks any more. */
export function dueSecrets(model: Model, unit: string, leader: boolean, now: number): DueSecrets {
  const expired: SecretNews[] = [];
  const rotate: SecretNews[] = [];
  const obsolete: SecretNews[] = [];
  for (const secret of Object.values(model.secrets)) {
    if (!mayManage(secret, unit, leader)) continue;
    const about = { id: secret.id, uri: secretUri(model, secret.id), label: secret.label };
    for (const [number, revision] of Object.entries(secret.revisions)) {
      if (expiryOf(revision) <= now) expired.push({ ...about, revision: Number(number) });
    }
    if (secret.nextRotate !== "" && Date.parse(secret.nextRotate) <= now) {
      rotate.push({ ...about, revision: secret.latest });
    }
    for (const revision of obsoleteRevisions(secret)) obsolete.push({ ...about, revision });
  }
  return { expired, rotate, obsolete };
}

/** When the owner is to be told that a revision expires, or told again: milliseconds since the epoch, infinite for never. */
function expiryOf({ expire, remind }: SecretRevision): number {
  return expire === "" ? Number.POSITIVE_INFINITY : Date.parse(remind === "" ? expire : remind);
}

/** The next moment at which a hook of a secret that the unit may manage becomes due; undefined for never. */
export function nextSecretTime(model: Model, unit: string): number | undefined {
  const leads = model.applications[applicationOf(unit)]?.leader === unit;
  const times = Object.values(model.secrets)
    .filter((secret) => mayManage(secret, unit, leads))
    .flatMap((secret) => [
      ...Object.values(secret.revisions).map(expiryOf),
      ...(secret.nextRotate === "" ? [] : [Date.parse(secret.nextRotate)]),
    ]);
  const next = Math.min(...times);
  return Number.isFinite(next) ? next : undefined;
}

/** Removes what nobody tracks of a user secret that is pruned by itself. Changes the secret in place. */
export function pruneSecret(secret: Secret): void {
  if (!secret.autoPrune) return;
  for (const revision of obsoleteRevisions(secret)) delete secret.revisions[revision];
}

function obsoleteRevisions(secret: Secret): number[] {
  const tracked = new Set(Object.values(secret.consumers).map((consumer) => consumer.tracked));
  return Object.keys(secret.revisions)
    .map(Number)
    .filter((revision) => revision !== secret.latest && !tracked.has(revision));
}

/** When the next rotation of a policy is due, counted from `now` (milliseconds); "" when never. */
export function nextRotation(policy: string, now: number): string {
  const hours: Readonly<Record<string, number>> = {
    hourly: 1,
    daily: 24,
    weekly: 7 * 24,
    monthly: 30 * 24,
    quarterly: 91 * 24,
    yearly: 365 * 24,
  };
  const period = hours[policy];
  return period === undefined ? "" : new Date(now + period * 3_600_000).toISOString();
}
