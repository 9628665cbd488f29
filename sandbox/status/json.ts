// A model as `juju status --format json` shows it. Pure.
import { JUJU_VERSION } from "../../lib/juju/environment.ts";
import { portText } from "../../lib/juju/hook-commands/ports.ts";
import {
  type Application,
  applicationOf,
  farEndpointOf,
  type Model,
  type SandboxState,
  type StatusInfo,
  type Unit,
} from "../../lib/juju/model.ts";
import { relationsOfApplication } from "../../lib/juju/relations.ts";
import type {
  ApplicationJson,
  MachineJson,
  OfferJson,
  RelatedJson,
  SaasJson,
  ShownStatus,
  StatusJson,
  UnitJson,
} from "./shape.ts";

const BASE = { name: "ubuntu", channel: "22.04/stable" } as const;

/** Worst first, as Juju ranks the units of an application that says nothing of itself. */
const severity = ["error", "blocked", "waiting", "maintenance", "active", "terminated", "unknown"];

/** The whole of a model. `now` is RFC 3339. */
export function statusOf(state: SandboxState, model: Model, now: string): StatusJson {
  const consumed = Object.values(model.remotes).filter((remote) => remote.side === "consumed");
  const offers = Object.values(model.offers);
  return {
    model: {
      name: model.name,
      type: "iaas",
      controller: "sandbox",
      cloud: "localhost",
      region: "localhost",
      version: JUJU_VERSION,
      "model-status": { current: "available" },
      sla: "unsupported",
    },
    machines: Object.fromEntries(
      Object.values(model.machines).map((record) => [record.id, machineJson(record)]),
    ),
    applications: Object.fromEntries(
      Object.values(model.applications).map((application) => [
        application.name,
        applicationJson(state, model, application),
      ]),
    ),
    ...(consumed.length === 0
      ? {}
      : {
          "application-endpoints": Object.fromEntries(
            consumed.map((remote) => [remote.name, saasJson(state, model, remote)]),
          ),
        }),
    ...(offers.length === 0
      ? {}
      : { offers: Object.fromEntries(offers.map((offer) => [offer.name, offerJson(state, model, offer)])) }),
    controller: { timestamp: now },
  };
}

function machineJson(record: Model["machines"][string]): MachineJson {
  const { status, message, since } = record;
  return {
    "juju-status": { current: status, message, since, version: JUJU_VERSION },
    hostname: record.hostname,
    "dns-name": record.address,
    "ip-addresses": [record.address],
    "instance-id": record.hostname,
    "machine-status": {
      current: status === "started" ? "running" : status,
      message: status === "started" ? "Running" : message,
      since,
    },
    base: BASE,
  };
}

function applicationJson(state: SandboxState, model: Model, application: Application): ApplicationJson {
  const units = unitsOf(model, application.name);
  const relations = relatedTo(model, application.name);
  const charm = state.charms[application.charm]?.name ?? "unknown";
  return {
    charm: charmUrl(state, application),
    "charm-origin": "local",
    "charm-name": charm,
    "charm-rev": application.charmRevision,
    base: BASE,
    exposed: application.exposed,
    ...(application.life === "alive" ? {} : { life: application.life }),
    "application-status": applicationStatus(model, application),
    ...(Object.keys(relations).length === 0 ? {} : { relations }),
    ...(units.length === 0
      ? {}
      : { units: Object.fromEntries(units.map((unit) => [unit.name, unitJson(model, application, unit)])) }),
    ...(application.workloadVersion === "" ? {} : { version: application.workloadVersion }),
  };
}

/** The name that a charm has which was deployed from a file. */
export function charmUrl(state: SandboxState, application: Application): string {
  return `local:${state.charms[application.charm]?.name ?? "unknown"}-${application.charmRevision}`;
}

/** An application's units, by number. */
function unitsOf(model: Model, application: string): Unit[] {
  const number = (unit: Unit): number => Number(unit.name.slice(unit.name.lastIndexOf("/") + 1));
  return Object.values(model.units)
    .filter((unit) => unit.application === application)
    .sort((a, b) => number(a) - number(b));
}

function applicationStatus(model: Model, application: Application): ShownStatus {
  if (application.status !== null) return shown(application.status);
  const [worst] = unitsOf(model, application.name)
    .map((unit) => workloadOf(model, unit))
    .sort((a, b) => severity.indexOf(a.current) - severity.indexOf(b.current));
  return worst ?? { current: "unknown" };
}

function relatedTo(model: Model, name: string): Record<string, RelatedJson[]> {
  const related: Record<string, RelatedJson[]> = {};
  for (const relation of relationsOfApplication(model, name)) {
    const near = relation.endpoints.find((end) => end.application === name);
    const far = farEndpointOf(relation, name);
    if (near === undefined || far === undefined || model.remotes[far.application]?.side === "consumer")
      continue;
    const list = related[near.name] ?? [];
    list.push({ "related-application": far.application, interface: near.interface, scope: near.scope });
    related[near.name] = list;
  }
  return related;
}

function unitJson(model: Model, application: Application, unit: Unit): UnitJson {
  const ports = [...new Set(unit.ports.map(portText))];
  return {
    "workload-status": workloadOf(model, unit),
    "juju-status": agentOf(model, unit),
    ...(application.leader === unit.name ? { leader: true } : {}),
    machine: unit.machine,
    ...(ports.length === 0 ? {} : { "open-ports": ports }),
    "public-address": model.machines[unit.machine]?.address ?? "",
  };
}

/** A failed hook shows as the workload's error, a silent machine as an unknown workload. */
export function workloadOf(model: Model, unit: Unit): ShownStatus {
  if (isLost(model, unit)) {
    return {
      current: "unknown",
      message: `agent lost`,
      since: unit.agent.since,
    };
  }
  if (unit.agent.status === "error" || unit.agent.status === "failed") {
    return { current: "error", message: unit.agent.message, since: unit.agent.since };
  }
  return shown(unit.workload);
}

function agentOf(model: Model, unit: Unit): ShownStatus {
  if (isLost(model, unit)) {
    return {
      current: "lost",
      message: "agent is not communicating with the server",
      since: unit.agent.since,
    };
  }
  if (unit.agent.status === "error")
    return { current: "idle", since: unit.agent.since, version: JUJU_VERSION };
  return { ...shown(unit.agent), version: JUJU_VERSION };
}

function isLost(model: Model, unit: Unit): boolean {
  return model.machines[unit.machine]?.status === "down";
}

function shown(info: StatusInfo): ShownStatus {
  const { status, message, since } = info;
  return { current: status, ...(message === "" ? {} : { message }), since };
}

function offerJson(state: SandboxState, model: Model, offer: Model["offers"][string]): OfferJson {
  const application = model.applications[offer.application];
  const charm = application === undefined ? undefined : state.charms[application.charm];
  const connected = Object.values(model.remotes).filter(
    (r) => r.side === "consumer" && r.offer === offer.name,
  );
  return {
    application: offer.application,
    charm: `local:${charm?.name ?? "unknown"}-${application?.charmRevision ?? 0}`,
    "total-connected-count": connected.length,
    "active-connected-count": connected.length,
    endpoints: Object.fromEntries(
      offer.endpoints.map((name) => [
        name,
        { interface: charm?.endpoints[name]?.interface ?? "", role: charm?.endpoints[name]?.role ?? "" },
      ]),
    ),
  };
}

function saasJson(state: SandboxState, model: Model, remote: Model["remotes"][string]): SaasJson {
  const source = state.models[remote.model];
  const application = source?.applications[remote.application];
  const relations: Record<string, string[]> = {};
  for (const relation of relationsOfApplication(model, remote.name)) {
    const near = relation.endpoints.find((end) => end.application === remote.name)?.name ?? "";
    const far = farEndpointOf(relation, remote.name)?.application ?? "";
    relations[near] = [...(relations[near] ?? []), applicationOf(`${far}/0`)];
  }
  return {
    url: `admin/${remote.model}.${remote.offer}`,
    endpoints: Object.fromEntries(
      remote.endpoints.map((end) => [end.name, { interface: end.interface, role: end.role }]),
    ),
    "application-status":
      source === undefined || application === undefined
        ? { current: "terminated" }
        : applicationStatus(source, application),
    ...(Object.keys(relations).length === 0 ? {} : { relations }),
  };
}
