// User secrets: those that people make for charms to read, and the grants of them. Changes the state in place.
import { newSecretId } from "../../../lib/juju/identity.ts";
import type { Model, Secret } from "../../../lib/juju/model.ts";
import { parseSecretUri, pruneSecret } from "../../../lib/juju/secrets.ts";
import { applicationNamed } from "./models.ts";
import { choices, Refusal } from "./refusal.ts";

type Data = Readonly<Record<string, string>>;

/** Makes a user secret; `data` is base64. Refuses a name that is taken and content that is empty. */
export function addSecret(
  model: Model,
  wanted: { readonly name: string; readonly description: string; readonly data: Data; readonly now: string },
): Secret {
  const { name, description, data, now } = wanted;
  refuseTaken(model, name);
  if (Object.keys(data).length === 0) throw new Refusal("missing secret value or filename");
  const secret: Secret = {
    id: newSecretId(),
    owner: { kind: "model", name: model.uuid },
    label: name,
    description,
    rotate: "",
    nextRotate: "",
    created: now,
    updated: now,
    revisions: { 1: { data: { ...data }, created: now, expire: "", remind: "" } },
    latest: 1,
    autoPrune: false,
    grants: [],
    consumers: {},
  };
  model.secrets[secret.id] = secret;
  return secret;
}

function refuseTaken(model: Model, name: string): void {
  if (userSecrets(model).some((secret) => secret.label === name))
    throw new Refusal(`secret with name ${JSON.stringify(name)} already exists`);
}

function userSecrets(model: Model): Secret[] {
  return Object.values(model.secrets).filter((secret) => secret.owner.kind === "model");
}

/** A user secret by its id in any spelling, or by its name. */
export function userSecretNamed(model: Model, text: string): Secret {
  const id = parseSecretUri(text)?.id;
  const known = userSecrets(model);
  const found = known.find((secret) => secret.id === id || secret.label === text);
  if (found !== undefined) return found;
  if (id !== undefined && model.secrets[id] !== undefined)
    throw new Refusal(`secret ${JSON.stringify(id)} belongs to a charm: only its owner can change it`);
  throw new Refusal(
    `secret ${JSON.stringify(text)} not found${choices(known.map((secret) => secret.label))}`,
  );
}

/** What is to change of a user secret; what is absent stays. */
export interface SecretChange {
  readonly name?: string | undefined;
  readonly description?: string | undefined;
  readonly autoPrune?: boolean | undefined;
  /** The whole new content; the same content makes no revision. */
  readonly data?: Data | undefined;
}

/** Changes a user secret. */
export function updateSecret(model: Model, secret: Secret, change: SecretChange, now: string): void {
  if (change.name !== undefined && change.name !== secret.label) {
    refuseTaken(model, change.name);
    secret.label = change.name;
  }
  secret.description = change.description ?? secret.description;
  secret.autoPrune = change.autoPrune ?? secret.autoPrune;
  const newest = secret.revisions[secret.latest]?.data ?? {};
  if (change.data !== undefined && sorted(change.data) !== sorted(newest)) {
    secret.latest += 1;
    secret.revisions[secret.latest] = { data: { ...change.data }, created: now, expire: "", remind: "" };
  }
  secret.updated = now;
  pruneSecret(secret);
}

function sorted(data: Data): string {
  return JSON.stringify(Object.entries(data).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Lets applications read a user secret, or no longer. */
export function grantUserSecret(
  model: Model,
  secret: Secret,
  applications: readonly string[],
  granted: boolean,
): void {
  for (const name of applications) applicationNamed(model, name);
  secret.grants = secret.grants.filter((grant) => !applications.includes(grant.target));
  if (!granted) return;
  for (const target of applications) secret.grants.push({ relation: null, target, kind: "application" });
}

/** Removes a user secret, or one revision of it. */
export function removeUserSecret(model: Model, secret: Secret, revision: number | undefined): void {
  if (revision !== undefined && secret.revisions[revision] === undefined) {
    throw new Refusal(
      `revision ${revision} of secret ${JSON.stringify(secret.label)} not found${choices(Object.keys(secret.revisions))}`,
    );
  }
  if (revision !== undefined) delete secret.revisions[revision];
  if (revision === undefined || Object.keys(secret.revisions).length === 0) delete model.secrets[secret.id];
}
