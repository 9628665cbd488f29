// The verb show-unit: a unit with its relations and their data.
import { type ParsedLine, UsageError } from "../../lib/juju/hook-commands/flags.ts";
import { yamlText } from "../../lib/juju/hook-commands/output.ts";
import {
  applicationOf,
  endpointOf,
  farEndpointOf,
  isPeer,
  type Model,
  type Relation,
  type Unit,
} from "../../lib/juju/model.ts";
import { addressOf, relationsOfApplication } from "../../lib/juju/relations.ts";
import { unitNamed } from "../juju/operations/models.ts";
import { type Session, textOf } from "../session.ts";
import { workloadOf } from "../status/json.ts";

/** Shows units as `juju show-unit` does. */
export function showUnit({ model, screen }: Session, line: ParsedLine): void {
  if (line.args.length === 0) throw new UsageError("no unit specified");
  const target = model();
  const endpoint = textOf(line, "endpoint");
  const shown = Object.fromEntries(
    line.args.map((name) => {
      const unit = unitNamed(target, name);
      return [unit.name, unitJson(target, unit, endpoint)];
    }),
  );
  screen.out(textOf(line, "format") === "json" ? `${JSON.stringify(shown)}\n` : yamlText(shown));
}

function unitJson(model: Model, unit: Unit, endpoint: string | undefined): Record<string, unknown> {
  const relations = relationsOfApplication(model, unit.application).filter(
    (relation) => endpoint === undefined || endpointOf(relation, unit.application)?.name === endpoint,
  );
  const address = addressOf(model, unit.name);
  return {
    machine: unit.machine,
    "opened-ports": unit.ports.map((port) => `${port.from}/${port.protocol}`),
    "public-address": address,
    charm: unit.charm,
    leader: model.applications[unit.application]?.leader === unit.name,
    life: unit.life,
    "workload-status": workloadOf(model, unit),
    "relation-info": relations.map((relation) => relationJson(relation, unit)),
    provider: "sandbox",
  };
}

function relationJson(relation: Relation, unit: Unit): Record<string, unknown> {
  const far = farEndpointOf(relation, unit.application);
  const remote = far?.application ?? "";
  const units = Object.entries(relation.units).filter(
    ([name]) => name !== unit.name && applicationOf(name) === remote,
  );
  const own = relation.units[unit.name];
  return {
    "relation-id": relation.id,
    endpoint: endpointOf(relation, unit.application)?.name ?? "",
    "related-endpoint": far?.name ?? "",
    "cross-model": relation.counterpart !== null,
    "application-data": relation.applications[remote]?.settings ?? {},
    ...(isPeer(relation)
      ? {}
      : { "own-application-data": relation.applications[unit.application]?.settings ?? {} }),
    "local-unit": { "in-scope": own?.scope === "in", data: own?.settings ?? {} },
    "related-units": Object.fromEntries(
      units.map(([name, bag]) => [name, { "in-scope": bag.scope === "in", data: bag.settings }]),
    ),
  };
}
