// Changing secrets: secret-add, secret-set, secret-remove, secret-grant and secret-revoke. All are buffered until the hook ends.
import { isLeader } from "../hook-context.ts";
import { newSecretId } from "../identity.ts";
import { applicationOf, isUnitName, type SecretGrant } from "../model.ts";
import type { SecretDraft } from "../pending-writes.ts";
import { remoteApplicationOf } from "../relations.ts";
import { findSecret, mayManage, parseSecretUri, secretUri } from "../secrets.ts";
import {
  type Call,
  type CommandTable,
  optionalRelation,
  RawText,
  readStringMap,
  relationFlag,
} from "./command.ts";
import { CommandError, type FlagSpecs, quote, refuseRest, UsageError } from "./flags.ts";
import { parseExpiry, parseRotation, readSecretData, type SecretSource } from "./secret-values.ts";

const metadataFlags: FlagSpecs = {
  owner: { kind: "value" },
  label: { kind: "value" },
  description: { kind: "value" },
  expire: { kind: "value" },
  rotate: { kind: "value" },
  file: { kind: "value" },
};

export const secretWriteCommands: CommandTable = {
  "secret-add": { flags: metadataFlags, run: secretAdd },
  "secret-set": { flags: metadataFlags, run: secretSet },
  "secret-remove": { flags: { revision: { kind: "value" } }, run: secretRemove },
  "secret-grant": { flags: { ...relationFlag, unit: { kind: "value" } }, run: secretGrant },
  "secret-revoke": {
    flags: {
      ...relationFlag,
      unit: { kind: "value" },
      app: { kind: "value" },
      application: { kind: "value" },
    },
    run: secretRevoke,
  },
};

function secretAdd(call: Call): RawText {
  const { context } = call;
  const owner = ownerOf(call);
  const metadata = {
    label: call.flag("label") ?? "",
    description: call.flag("description") ?? "",
    expire: parseExpiry(call.flag("expire"), context.world.now()) ?? "",
    rotate: parseRotation(call.flag("rotate")) ?? "",
  };
  if (call.args.length === 0 && call.flag("file") === undefined) {
    throw new UsageError("missing secret value or filename");
  }
  const data = readSecretData(sourceOf(call), call.args);
  if (Object.keys(data).length === 0) throw new UsageError("empty secret value not valid");
  if (owner.kind === "application" && !isLeader(context))
    throw new CommandError("this unit is not the leader");
  const { label } = metadata;
  const taken = [...context.writes.secretCreates.values()].some((draft) => draft.label === label);
  if (label !== "" && taken) throw new CommandError(`secret with label ${quote(label)} already exists`);
  const id = newSecretId(context.world.state.chance);
  context.writes.secretCreates.set(id, { id, owner, data, ...metadata });
  return new RawText(`${secretUri(context.model, id)}\n`);
}

function sourceOf(call: Call): SecretSource {
  const path = call.flag("file");
  return { map: path === undefined ? {} : readStringMap(call, path), file: call.file };
}

function ownerOf(call: Call): SecretDraft["owner"] {
  const { unit } = call.context;
  const owner = call.flag("owner") ?? "application";
  if (owner === "unit") return { kind: "unit", name: unit.name };
  if (owner === "application") return { kind: "application", name: unit.application };
  throw new UsageError(`secret owner ${quote(owner)} not valid`);
}

/** The id of the secret that a call names, after checking that the unit may change it. */
function managedId(call: Call, uri: string | undefined): string {
  const { context } = call;
  if (uri === undefined) throw new UsageError("missing secret URI");
  const parsed = parseSecretUri(uri);
  if (parsed === undefined) throw new UsageError(`secret URI ${quote(uri)} not valid`);
  if (context.writes.secretCreates.has(parsed.id)) return parsed.id;
  const found = findSecret(context.world.state, context.model, uri);
  if (found === undefined) throw new CommandError(`secret ${quote(parsed.id)} not found`);
  if (found.model !== context.model || !mayManage(found.secret, context.unit.name, isLeader(context))) {
    throw new CommandError("permission denied");
  }
  return parsed.id;
}

function secretSet(call: Call): void {
  const { context } = call;
  const [uri, ...values] = call.args;
  const label = call.flag("label");
  const description = call.flag("description");
  const expire = parseExpiry(call.flag("expire"), context.world.now());
  const rotate = parseRotation(call.flag("rotate"));
  const data = readSecretData(sourceOf(call), values);
  const id = managedId(call, uri);
  const update = {
    ...(label === undefined ? {} : { label }),
    ...(description === undefined ? {} : { description }),
    ...(expire === undefined ? {} : { expire }),
    ...(rotate === undefined ? {} : { rotate }),
    ...(Object.keys(data).length === 0 ? {} : { data }),
  };
  const draft = context.writes.secretCreates.get(id);
  if (draft !== undefined) Object.assign(draft, update);
  else context.writes.secretUpdates.set(id, { ...context.writes.secretUpdates.get(id), ...update });
}

function secretRemove(call: Call): void {
  const [uri, ...rest] = call.args;
  refuseRest(rest);
  const given = call.flag("revision");
  if (given !== undefined && !/^\d+$/.test(given)) {
    throw new UsageError(
      `invalid value ${quote(given)} for option --revision: strconv.Atoi: parsing ${quote(given)}: invalid syntax`,
    );
  }
  const { context } = call;
  const parsed = uri === undefined ? undefined : parseSecretUri(uri);
  // Removing what is gone already is no error.
  if (uri !== undefined && parsed !== undefined && !context.writes.secretCreates.has(parsed.id)) {
    if (findSecret(context.world.state, context.model, uri) === undefined) return;
  }
  const id = managedId(call, uri);
  if (context.writes.secretCreates.delete(id)) return;
  context.writes.secretRemoves.push({ id, revision: given === undefined ? undefined : Number(given) });
}

function secretGrant(call: Call): void {
  const { context } = call;
  const [uri, ...rest] = call.args;
  const relation = optionalRelation(call);
  if (relation === undefined) throw new UsageError("no relation id specified");
  refuseRest(rest);
  const remote = remoteApplicationOf(relation, context.unit.application);
  const unit = call.flag("unit");
  if (unit !== undefined && (!isUnitName(unit) || applicationOf(unit) !== remote)) {
    throw new UsageError(`cannot specify unit ${quote(unit)} in relation to application ${quote(remote)}`);
  }
  const id = managedId(call, uri);
  const grant: SecretGrant =
    unit === undefined
      ? { relation: relation.id, target: remote, kind: "application" }
      : { relation: relation.id, target: unit, kind: "unit" };
  const granted = [
    ...(context.model.secrets[id]?.grants ?? []),
    ...context.writes.secretGrants.filter((pending) => pending.id === id).map((pending) => pending.grant),
  ];
  const unitGranted = granted.some(
    (known) => known.kind === "unit" && applicationOf(known.target) === grant.target,
  );
  if (grant.kind === "application" && unitGranted) {
    throw new CommandError(
      "any unit level grants need to be revoked before granting access to the corresponding application",
    );
  }
  context.writes.secretGrants.push({ id, grant });
}

function secretRevoke(call: Call): void {
  const { context } = call;
  const [uri, ...rest] = call.args;
  const application = call.flag("app") ?? call.flag("application");
  const unit = call.flag("unit");
  const relation = call.line.flags.has("relation") ? optionalRelation(call) : undefined;
  if (application !== undefined && unit !== undefined)
    throw new UsageError("specify only one of application or unit");
  if (relation !== undefined && application !== undefined)
    throw new UsageError("do not specify both relation and app");
  if (relation === undefined && application === undefined && unit === undefined) {
    throw new UsageError("missing relation or application or unit");
  }
  refuseRest(rest);
  const id = managedId(call, uri);
  const target = unit ?? application;
  const matches: Partial<SecretGrant> = {
    ...(relation === undefined ? {} : { relation: relation.id }),
    ...(target === undefined ? {} : { target, kind: unit === undefined ? "application" : "unit" }),
  };
  context.writes.secretRevokes.push({ id, matches });
}
