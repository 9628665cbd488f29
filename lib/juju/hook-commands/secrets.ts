// Reading secrets: secret-get, secret-info-get and secret-ids; and how all secret commands name and find one.
import { isLeader } from "../hook-context.ts";
import type { Secret, Settings } from "../model.ts";
import { isLabelFree } from "../secret-labels.ts";
import {
  consumerKey,
  type FoundSecret,
  findSecret,
  isOwnSecret,
  mayManage,
  mayRead,
  parseSecretUri,
  pruneSecret,
} from "../secrets.ts";
import type { Call, CommandTable } from "./command.ts";
import { CommandError, quote, refuseRest, UsageError } from "./flags.ts";
import { secretWriteCommands } from "./secret-writes.ts";

export const secretCommands: CommandTable = {
  ...secretWriteCommands,
  "secret-get": {
    format: "yaml",
    flags: { label: { kind: "value" }, peek: { kind: "bool" }, refresh: { kind: "bool" } },
    run: secretGet,
  },
  "secret-info-get": {
    format: "yaml",
    order: "as given",
    flags: { label: { kind: "value" } },
    run: secretInfoGet,
  },
  "secret-ids": { format: "yaml", run: secretIds },
};

type Mode = "tracked" | "peek" | "refresh";

function secretGet(call: Call): unknown {
  const [uri = "", key, ...rest] = call.args;
  refuseRest(rest);
  const label = call.flag("label") ?? "";
  if (uri === "" && label === "") throw new UsageError("require either a secret URI or label");
  if (uri !== "" && parseSecretUri(uri) === undefined)
    throw new UsageError(`secret URI ${quote(uri)} not valid`);
  if (call.on("peek") && call.on("refresh"))
    throw new UsageError("specify one of --peek or --refresh but not both");
  const mode: Mode = call.on("peek") ? "peek" : call.on("refresh") ? "refresh" : "tracked";
  return selectKey(contentOf(call, uri, label, mode), key);
}

function contentOf(call: Call, uri: string, label: string, mode: Mode): Settings {
  const { context } = call;
  const id = uri === "" ? undefined : parseSecretUri(uri)?.id;
  for (const draft of context.writes.secretCreates.values()) {
    if (draft.id === id || (id === undefined && draft.label === label)) return draft.data;
  }
  const found = id === undefined ? findByLabel(call, label) : findReadable(call, uri);
  const { secret } = found;
  if (uri !== "" && label !== "") relabel(call, found, label);
  const pending = context.writes.secretUpdates.get(secret.id)?.data;
  if (pending !== undefined && mode !== "tracked") {
    if (mode === "refresh") context.writes.secretTracks.add(secret.id);
    return pending;
  }
  return secret.revisions[revisionFor(call, secret, mode)]?.data ?? {};
}

function findReadable(call: Call, uri: string): FoundSecret {
  const { world, model, unit } = call.context;
  const found = findSecret(world.state, model, uri);
  if (found === undefined)
    throw new CommandError(`secret ${quote(parseSecretUri(uri)?.id ?? uri)} not found`);
  if (!mayRead(world.state, model, found, unit.name)) throw new CommandError("permission denied");
  return found;
}

/** Owner labels of the unit and its application first, then the labels the unit gave to secrets it reads. */
function findByLabel(call: Call, label: string): FoundSecret {
  const { world, model, unit, writes } = call.context;
  for (const secret of Object.values(model.secrets)) {
    const own = writes.secretUpdates.get(secret.id)?.label ?? secret.label;
    if (own === label && isOwnSecret(secret, unit.name)) return { model, secret };
  }
  const key = consumerKey(model, unit.name);
  for (const other of Object.values(world.state.models)) {
    for (const secret of Object.values(other.secrets)) {
      if (secret.consumers[key]?.label !== label) continue;
      const found = { model: other, secret };
      if (!mayRead(world.state, model, found, unit.name)) throw new CommandError("permission denied");
      return found;
    }
  }
  throw new CommandError(`consumer label ${quote(label)} not found`);
}

/**
 * A label given together with the address: the owner's label for who manages the secret, else the reader's own.
 * Juju keeps quiet about one that is taken (juju#20623).
 */
function relabel(call: Call, found: FoundSecret, label: string): void {
  const { context } = call;
  const { model, unit, world } = context;
  const { secret } = found;
  if (found.model === model && mayManage(secret, unit.name, isLeader(context))) {
    if (isLabelFree(world.state, model, secret.owner, label)) secret.label = label;
  } else if (isLabelFree(world.state, model, { kind: "unit", name: unit.name }, label)) {
    const key = consumerKey(model, unit.name);
    secret.consumers[key] = { tracked: secret.consumers[key]?.tracked ?? secret.latest, label };
  }
  world.changed();
}

function revisionFor(call: Call, secret: Secret, mode: Mode): number {
  const { model, unit, world } = call.context;
  const key = consumerKey(model, unit.name);
  const known = secret.consumers[key];
  if (mode === "peek") return secret.latest;
  if (known !== undefined && mode === "tracked") return known.tracked;
  if (known?.tracked !== secret.latest) {
    secret.consumers[key] = { tracked: secret.latest, label: known?.label ?? "" };
    pruneSecret(secret);
    world.changed();
  }
  return secret.latest;
}

function selectKey(data: Settings, key: string | undefined): unknown {
  const decode = (base64: string): string => Buffer.from(base64, "base64").toString("utf8");
  if (key === undefined)
    return Object.fromEntries(Object.entries(data).map(([name, value]) => [name, decode(value)]));
  const name = key.replace(/#base64$/, "");
  const value = data[name];
  if (value === undefined) throw new CommandError(`secret key value ${quote(name)} not found`);
  return key === name ? decode(value) : value;
}

function secretInfoGet(call: Call): unknown {
  const [uri = "", ...rest] = call.args;
  refuseRest(rest);
  const label = call.flag("label") ?? "";
  if (uri === "" && label === "") throw new UsageError("require either a secret URI or label");
  if (uri !== "" && label !== "") throw new UsageError("specify either a secret URI or label but not both");
  const id = uri === "" ? undefined : parseSecretUri(uri)?.id;
  if (uri !== "" && id === undefined) throw new UsageError(`secret URI ${quote(uri)} not valid`);
  const { context } = call;
  for (const draft of context.writes.secretCreates.values()) {
    if (draft.id !== id && (id !== undefined || draft.label !== label)) continue;
    return { [draft.id]: infoOf(call, { ...draft, latest: 1, nextRotate: "", grants: [] }, draft.expire) };
  }
  const secret = managedSecrets(call).find((own) => (id === undefined ? own.label === label : own.id === id));
  if (secret === undefined) throw new CommandError(`secret ${quote(id ?? label)} not found`);
  return { [secret.id]: infoOf(call, secret, secret.revisions[secret.latest]?.expire ?? "") };
}

type Described = Pick<
  Secret,
  "owner" | "label" | "description" | "rotate" | "nextRotate" | "latest" | "grants"
>;

function infoOf(call: Call, secret: Described, expire: string): Record<string, unknown> {
  const access = secret.grants.map((grant) => ({
    target: `${grant.kind}-${grant.target.replaceAll("/", "-")}`,
    scope: `relation-${(call.context.model.relations[grant.relation ?? -1]?.key ?? "").replaceAll(":", ".").replaceAll(" ", "#")}`,
    role: "view",
  }));
  const optional = {
    description: secret.description,
    rotation: secret.rotate,
    expiry: expire,
    rotates: secret.nextRotate,
  };
  return {
    revision: secret.latest,
    label: secret.label,
    owner: secret.owner.kind,
    ...Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== "")),
    ...(access.length === 0 ? {} : { access }),
  };
}

function managedSecrets(call: Call): Secret[] {
  const { context } = call;
  const leader = isLeader(context);
  return Object.values(context.model.secrets).filter((secret) =>
    mayManage(secret, context.unit.name, leader),
  );
}

function secretIds(call: Call): string[] | null {
  refuseRest(call.args);
  const created = [...call.context.writes.secretCreates.keys()];
  const ids = [...managedSecrets(call).map((secret) => secret.id), ...created];
  return ids.length === 0 ? null : ids.sort();
}
