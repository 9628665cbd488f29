// The world after a hook: what the records hold then, and what Juju itself does once a hook has succeeded.

import type { Event } from "../events.ts";
import type { Relation, Secret, StatusInfo } from "../juju/model.ts";
import { consumerKey } from "../juju/secrets.ts";
import type { CharmMeta } from "../meta.ts";
import type { Status } from "../status.ts";
import { showPort } from "./ports.ts";
import { appOf, isUnit, type World, type WorldRelation, type WorldSecret } from "./shape.ts";
import type { Records } from "./world-in.ts";

/** Reads the world back; `succeeded` tells whether the hook's end is one for Juju too. */
export function worldAfter<M extends CharmMeta>(
  before: World<M>,
  { model, unit }: Records,
  event: Event<M>,
  succeeded: boolean,
): World<M> {
  const application = model.applications[unit.application];
  const relations = before.relations.flatMap((relation) => {
    const record = model.relations[relation.id];
    if (record === undefined || (succeeded && isEnded(relation, event))) return [];
    const changed = relationAfter(before.unit, relation, record, succeeded ? event : undefined);
    return [Object.assign({ ...relation }, changed)];
  });
  const detached = succeeded && event.kind === "storage-detaching" ? event.storageId : undefined;
  return {
    ...before,
    leader: application?.leader === unit.name,
    relations,
    secrets: secretsAfter(before, { model, unit }, relations),
    storages: before.storages.filter(({ id }) => id !== detached),
    state: { ...unit.charmState },
    openedPorts: unit.ports.map(showPort),
    unitStatus: statusOf(unit.workload),
    appStatus: statusOf(application?.status ?? null),
    workloadVersion: application?.workloadVersion ?? "",
  };
}

function isEnded<M extends CharmMeta>(relation: WorldRelation, event: Event<M>): boolean {
  return event.kind === "relation-broken" && event.relationId === relation.id;
}

function relationAfter<M extends CharmMeta>(
  self: string,
  before: WorldRelation,
  record: Relation,
  event: Event<M> | undefined,
): Pick<WorldRelation, "bags" | "departed"> {
  const own = appOf(self);
  const bags = { ...before.bags };
  for (const [owner, bag] of [
    [own, record.applications[own]],
    [self, record.units[self]],
  ] as const) {
    const settings = bag?.settings ?? {};
    if (Object.hasOwn(bags, owner) || Object.keys(settings).length > 0) bags[owner] = { ...settings };
  }
  if (event?.kind !== "relation-departed" || event.relationId !== before.id) return { bags };
  return { bags, departed: [...new Set([...(before.departed ?? []), event.remoteUnit])] };
}

function secretsAfter<M extends CharmMeta>(
  before: World<M>,
  { model, unit }: Omit<Records, "state">,
  relations: readonly WorldRelation[],
): readonly WorldSecret[] {
  const ids = new Set(relations.map(({ id }) => id));
  const known = new Map(before.secrets.map((secret) => [secret.id, secret]));
  return Object.values(model.secrets).map((secret) => {
    const consumer = secret.consumers[consumerKey(model, unit.name)];
    const own = appOf(secret.owner.name) === unit.application && mineOrShared(secret, unit.name);
    const label = own ? secret.label : (consumer?.label ?? "");
    const expire = secret.revisions[secret.latest]?.expire ?? "";
    return {
      ...optionalTexts({ label, description: secret.description, rotate: secret.rotate, expire }),
      id: secret.id,
      owner: known.get(secret.id)?.owner ?? secret.owner.name,
      revisions: contentsOf(secret),
      ...(consumer === undefined ? {} : { tracked: consumer.tracked }),
      grants: [...ids].filter((id) => secret.grants.some(({ relation }) => relation === id)),
    };
  });
}

function mineOrShared(secret: Secret, unit: string): boolean {
  return !isUnit(secret.owner.name) || secret.owner.name === unit;
}

/** Contents in the order of their revisions; a removed one is empty. */
function contentsOf(secret: Secret): WorldSecret["revisions"] {
  return Array.from({ length: secret.latest }, (_, place) => {
    const data = secret.revisions[place + 1]?.data ?? {};
    return Object.fromEntries(
      Object.entries(data).map(([key, value]) => [key, Buffer.from(value, "base64").toString("utf8")]),
    );
  });
}

function optionalTexts<K extends string>(texts: Readonly<Record<K, string>>): Partial<Record<K, string>> {
  const entries = Object.entries<string>(texts).filter(([, text]) => text !== "");
  return Object.fromEntries(entries) as Partial<Record<K, string>>;
}

function statusOf(info: StatusInfo | null): Status | undefined {
  const kind = settable.find((candidate) => candidate === info?.status);
  return kind === undefined ? undefined : { kind, message: info?.message ?? "" };
}

const settable = ["active", "waiting", "maintenance", "blocked"] as const;
