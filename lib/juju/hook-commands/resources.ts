// What the machine and the model offer a unit: storage, network, ports, goal state, resources, payloads and credentials.
import { applicationOf, farEndpointOf, isGhost, isPeer, type StorageInstance } from "../model.ts";
import { type BoundNetwork, networkOf } from "../network.ts";
import { addressOf } from "../relations.ts";
import { attachedStorage } from "../storage.ts";
import {
  type Call,
  type CommandTable,
  optionalRelation,
  ownEndpoint,
  RawText,
  relationFlag,
  relationOf,
} from "./command.ts";
import { CommandError, quote, refuseRest, UsageError } from "./flags.ts";
import { portCommands } from "./ports.ts";

export const resourceCommands: CommandTable = {
  ...portCommands,
  "storage-list": { format: "smart", run: storageList },
  "storage-get": { format: "smart", flags: { s: { kind: "value", short: "s" } }, run: storageGet },
  "storage-add": { run: storageAdd },
  "network-get": {
    format: "smart",
    order: "as given",
    flags: {
      ...relationFlag,
      "bind-address": { kind: "bool" },
      "ingress-address": { kind: "bool" },
      "egress-subnets": { kind: "bool" },
      "primary-address": { kind: "bool" },
    },
    run: networkGet,
  },
  "unit-get": { format: "smart", run: unitGet },
  "goal-state": { format: "yaml", order: "as given", run: goalState },
  "resource-get": { run: resourceGet },
  "credential-get": { format: "yaml", run: credentialGet },
  "payload-register": { run: (call) => payload(call, 3) },
  "payload-unregister": { run: (call) => payload(call, 2) },
  "payload-status-set": { run: (call) => payload(call, 3) },
  "add-metric": { flags: { labels: { kind: "value" } }, run: refuseMetric },
};

function attached(call: Call): StorageInstance[] {
  const { hook } = call.context.run;
  const current = hook !== null && "storage" in hook ? hook.storage : undefined;
  return attachedStorage(call.context.model, call.context.unit, current);
}

function storageList(call: Call): string[] {
  const [name, ...rest] = call.args;
  refuseRest(rest);
  const found = attached(call).filter((storage) => name === undefined || storage.name === name);
  return found.map((storage) => storage.id).sort();
}

function storageGet(call: Call): unknown {
  const { hook } = call.context.run;
  const [key, ...rest] = call.args;
  const id = call.flag("s") ?? (hook !== null && "storage" in hook ? hook.storage : undefined);
  if (id === undefined) throw new UsageError("no storage instance specified");
  if (!/^[a-z][a-z0-9-]*\/\d+$/.test(id)) {
    throw new UsageError(`invalid value ${quote(id)} for option -s: invalid storage ID ${quote(id)}`);
  }
  refuseRest(rest);
  const storage = attached(call).find((candidate) => candidate.id === id);
  if (storage === undefined) throw new CommandError(`storage ${quote(id)} not found`);
  const shown: Record<string, string> = { kind: storage.kind, location: storage.location };
  if (key === undefined) return shown;
  const value = shown[key];
  if (value === undefined) throw new CommandError(`invalid storage attribute ${quote(key)}`);
  return value;
}

function storageAdd(call: Call): void {
  if (call.args.length === 0) throw new UsageError("storage add requires a storage directive");
  const declared = call.context.world.state.charms[call.context.unit.local.charm]?.storage ?? {};
  for (const word of call.args) {
    const [name = "", count = "1"] = word.split("=", 2);
    if (!/^[1-9]\d*$/.test(count)) throw new UsageError(`only count can be specified for ${quote(name)}`);
    if (declared[name] === undefined)
      throw new CommandError(`storage name ${quote(name)} not found in charm metadata`);
    call.context.writes.storageAdds.push({ name, count: Number(count) });
  }
}

function networkGet(call: Call): unknown {
  const { context } = call;
  const [binding, ...rest] = call.args;
  const relation = call.line.flags.has("relation") ? optionalRelation(call) : undefined;
  if (binding === undefined && relation === undefined) throw new UsageError("no arguments specified");
  refuseRest(rest);
  if (relation !== undefined && isGhost(relation))
    throw new CommandError(`relation ${relation.id} not found`);
  const wanted = ["bind-address", "ingress-address", "egress-subnets"].filter((flag) => call.on(flag));
  if (call.on("primary-address") && wanted.length > 0) {
    throw new UsageError("--primary-address must be the only flag specified");
  }
  const charm = context.world.state.charms[context.unit.local.charm];
  const known = [...Object.keys(charm?.endpoints ?? {}), ...(charm?.bindings ?? []), "juju-info"];
  if (binding !== undefined && !known.includes(binding)) {
    throw new CommandError(`no network config found for binding ${quote(binding)}`);
  }
  const network = networkOf(context, binding ?? ownEndpoint(context, relationOf(call)));
  const address = network.interfaces[0]?.addresses[0]?.value ?? "";
  const single: Record<string, unknown> = {
    "bind-address": address,
    "ingress-address": network.ingress[0] ?? "",
    "egress-subnets": network.egress,
  };
  if (call.on("primary-address")) return address;
  if (wanted.length === 1) return single[wanted[0] ?? ""];
  if (wanted.length > 1) return Object.fromEntries(wanted.map((flag) => [flag, single[flag]]));
  return wholeNetwork(call, network);
}

function wholeNetwork(call: Call, { interfaces, ingress, egress }: BoundNetwork): unknown {
  const legacy = (call.flag("format") ?? "smart") !== "json";
  return {
    "bind-addresses": interfaces.map(({ name, mac, addresses }) => ({
      "mac-address": mac,
      "interface-name": name,
      addresses: addresses.map(({ value, cidr, hostname }) => ({
        hostname,
        value,
        cidr,
        ...(legacy ? { address: value } : {}),
      })),
      ...(legacy ? { macaddress: mac, interfacename: name } : {}),
    })),
    "egress-subnets": egress,
    "ingress-addresses": ingress,
  };
}

function unitGet(call: Call): string {
  const [setting, ...rest] = call.args;
  if (setting === undefined) throw new UsageError("no setting specified");
  if (setting !== "private-address" && setting !== "public-address") {
    throw new UsageError(`unknown setting ${quote(setting)}`);
  }
  refuseRest(rest);
  return addressOf(call.context.model, call.context.unit.name);
}

function goalState(call: Call): unknown {
  const { model, unit } = call.context;
  refuseRest(call.args);
  const stateOf = (name: string): { status: string; since: string } => {
    const other = model.units[name];
    if (other === undefined) return { status: "joined", since: "" };
    return { status: other.life === "alive" ? other.workload.status : "dying", since: other.workload.since };
  };
  const unitsOf = (application: string): [string, unknown][] =>
    Object.keys(model.units)
      .filter((name) => applicationOf(name) === application)
      .sort()
      .map((name) => [name, stateOf(name)]);
  const relations: Record<string, Record<string, unknown>> = {};
  for (const relation of Object.values(model.relations)) {
    const near = relation.endpoints.find((end) => end.application === unit.application);
    const far = farEndpointOf(relation, unit.application);
    if (near === undefined || far === undefined || isPeer(relation)) continue;
    if (model.remotes[far.application]?.side === "consumer") continue;
    const status = relation.life === "alive" ? "joined" : "dying";
    relations[near.name] = {
      ...relations[near.name],
      [far.application]: { status, since: unit.workload.since },
      ...Object.fromEntries(unitsOf(far.application)),
    };
  }
  return { units: Object.fromEntries(unitsOf(unit.application)), relations };
}

function resourceGet(call: Call): RawText {
  const [name, ...rest] = call.args;
  if (name === undefined) throw new UsageError("missing required resource name");
  refuseRest(rest);
  const path = call.context.world.resources?.get(name);
  if (path !== undefined) return new RawText(path);
  throw new CommandError(`could not download resource: resource ${quote(name)} not found`);
}

function credentialGet(call: Call): object {
  refuseRest(call.args);
  const { credential } = call.context.world;
  if (credential !== undefined) return credential;
  throw new CommandError("cannot access cloud credentials: permission denied");
}

function refuseMetric(): never {
  throw new CommandError("cannot record metrics: metrics not allowed in this context");
}

/** No charm declares payloads here, so after its arguments each payload command is refused as Juju refuses an undeclared one. */
function payload(call: Call, arity: number): never {
  if (call.args.length < arity) throw new UsageError("missing required arguments");
  const name = call.args[arity === 3 && call.args.length > 2 ? 1 : 0] ?? "";
  throw new CommandError(`payload ${quote(name)} not found in metadata.yaml`);
}
