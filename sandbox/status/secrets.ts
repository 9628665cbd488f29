// Secrets as `juju secrets` and `juju show-secret` show them. Pure.
import type { Model, Secret } from "../../lib/juju/model.ts";
import { columns, table } from "./table.ts";

export interface SecretLooks {
  readonly revisions: boolean;
  readonly access: boolean;
  /** The revision whose content is shown; undefined for none. */
  readonly reveal: number | undefined;
}

/** One secret for --format json and yaml. */
export function secretJson(model: Model, secret: Secret, looks: SecretLooks): Record<string, unknown> {
  const expires = secret.revisions[secret.latest]?.expire ?? "";
  const optional = {
    expires,
    rotation: secret.rotate,
    rotates: secret.nextRotate,
    owner: ownerText(secret),
    description: secret.description,
    ...(secret.owner.kind === "model" ? { name: secret.label } : { label: secret.label }),
  };
  return {
    revision: secret.latest,
    ...Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== "")),
    created: secret.created,
    updated: secret.updated,
    ...(looks.reveal === undefined ? {} : { content: contentOf(secret, looks.reveal) }),
    ...(looks.revisions ? { revisions: revisionsOf(secret) } : {}),
    ...(looks.access && secret.grants.length > 0 ? { access: accessTo(model, secret) } : {}),
  };
}

function contentOf(secret: Secret, revision: number): Record<string, string> {
  const data = Object.entries(secret.revisions[revision]?.data ?? {});
  return Object.fromEntries(data.map(([key, value]) => [key, Buffer.from(value, "base64").toString("utf8")]));
}

function revisionsOf(secret: Secret): Record<string, unknown>[] {
  return Object.entries(secret.revisions).map(([revision, { created, expire }]) => ({
    revision: Number(revision),
    backend: "internal",
    created,
    updated: created,
    ...(expire === "" ? {} : { expires: expire }),
  }));
}

function accessTo(model: Model, { grants }: Secret): Record<string, string>[] {
  return grants.map(({ kind, target, relation }) => ({
    target: `${kind}-${target.replace("/", "-")}`,
    scope:
      relation === null
        ? `model-${model.uuid}`
        : `relation-${(model.relations[relation]?.key ?? "").replaceAll(":", ".").replaceAll(" ", "#")}`,
    role: "view",
  }));
}

/** The table of `juju secrets`. `now` in milliseconds since the epoch. */
export function secretTable(secrets: readonly Secret[], now: number, width?: number): string {
  const rows = [...secrets]
    .sort((a, b) => ownerText(a).localeCompare(ownerText(b)) || b.latest - a.latest)
    .map((secret) => [
      secret.id,
      secret.owner.kind === "model" ? secret.label : "-",
      ownerText(secret),
      secret.rotate === "" ? "never" : secret.rotate,
      String(secret.latest),
      ago(Date.parse(secret.updated), now),
    ]);
  return table(columns("ID", "Name", "Owner", "Rotation", ">Revision", "Last updated"), rows, width);
}

function ownerText({ owner }: Secret): string {
  return owner.kind === "model" ? "<model>" : owner.name;
}

/** `3 minutes ago`; a date for what is older than a day. */
function ago(then: number, now: number): string {
  const seconds = Math.floor((now - then) / 1000);
  const count = (number: number, unit: string): string => `${number} ${unit}${number === 1 ? "" : "s"} ago`;
  if (seconds < 1) return "just now";
  if (seconds < 60) return count(seconds, "second");
  if (seconds < 3600) return count(Math.floor(seconds / 60), "minute");
  if (seconds < 86_400) return count(Math.floor(seconds / 3600), "hour");
  return new Date(then).toISOString().slice(0, 10);
}
