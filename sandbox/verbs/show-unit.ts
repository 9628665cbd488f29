// The verb show-unit: units with their relations and their data.
import { type ParsedLine, UsageError } from "../../lib/juju/hook-commands/flags.ts";
import { portText } from "../../lib/juju/hook-commands/ports.ts";
import {
  applicationOf,
  endpointOf,
  farEndpointOf,
  isPeer,
  isUnitName,
  type Model,
  type Relation,
  type SandboxState,
  type Unit,
} from "../../lib/juju/model.ts";
import { addressOf, relationsOfApplication } from "../../lib/juju/relations.ts";
import { unitNamed } from "../juju/operations/models.ts";
import { isOn, type Session, textOf } from "../session.ts";
import { charmUrl, workloadOf } from "../status/json.ts";
import { print } from "./output.ts";

/** What of the relations is shown. */
interface Wanted {
  readonly endpoint: string | undefined;
  readonly relatedUnit: string | undefined;
  readonly applicationOnly: boolean;
}

/** Shows units as `juju show-unit` does. */
export function showUnit(session: Session, line: ParsedLine): void {
  if (line.args.length === 0) throw new UsageError("an unit name must be supplied");
  const model = session.model();
  const wanted = {
    endpoint: textOf(line, "endpoint"),
    relatedUnit: textOf(line, "related-unit"),
    applicationOnly: isOn(line, "app"),
  };
  if (wanted.relatedUnit !== undefined && !isUnitName(wanted.relatedUnit))
    throw new UsageError(`related unit name ${wanted.relatedUnit} not valid`);
  const units = line.args.map((name) => unitNamed(model, name));
  print(session, line, {
    value: Object.fromEntries(
      units.map((unit) => [unit.name, unitJson(session.store.state, model, unit, wanted)]),
    ),
  });
}

function unitJson(state: SandboxState, model: Model, unit: Unit, wanted: Wanted): Record<string, unknown> {
  const application = model.applications[unit.application];
  const relations = relationsOfApplication(model, unit.application).filter(
    (relation) =>
      wanted.endpoint === undefined || endpointOf(relation, unit.application)?.name === wanted.endpoint,
  );
  const version = application?.workloadVersion ?? "";
  return {
    ...(version === "" ? {} : { "workload-version": version }),
    machine: unit.machine,
    "opened-ports": [...new Set(unit.ports.map(portText))],
    "public-address": addressOf(model, unit.name),
    charm: application === undefined ? "" : charmUrl(state, application),
    leader: application?.leader === unit.name,
    life: unit.life,
    "workload-status": workloadOf(model, unit),
    ...(relations.length === 0
      ? {}
      : { "relation-info": relations.map((relation) => relationJson(relation, unit, wanted)) }),
  };
}

function relationJson(relation: Relation, unit: Unit, wanted: Wanted): Record<string, unknown> {
  const far = farEndpointOf(relation, unit.application);
  const remote = far?.application ?? "";
  const shown = {
    "relation-id": relation.id,
    endpoint: endpointOf(relation, unit.application)?.name ?? "",
    ...(relation.counterpart === null ? {} : { "cross-model": true }),
    "related-endpoint": far?.name ?? "",
    "application-data": relation.applications[remote]?.settings ?? {},
    ...(isPeer(relation)
      ? {}
      : { "own-application-data": relation.applications[unit.application]?.settings ?? {} }),
  };
  if (wanted.applicationOnly) return shown;
  const units = Object.entries(relation.units).filter(
    ([name]) =>
      name !== unit.name &&
      applicationOf(name) === remote &&
      (wanted.relatedUnit === undefined || name === wanted.relatedUnit),
  );
  const own = relation.units[unit.name];
  return {
    ...shown,
    "local-unit": { "in-scope": own?.scope === "in", data: own?.settings ?? {} },
    "related-units": Object.fromEntries(
      units.map(([name, bag]) => [name, { "in-scope": bag.scope === "in", data: bag.settings }]),
    ),
  };
}
