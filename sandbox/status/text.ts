// A model's status as a person reads it: the tables of `juju status`. Pure.

import { styleText } from "node:util";
import { portsText } from "./ports.ts";
import type { RelationRow } from "./relations.ts";
import type { ApplicationJson, StatusJson } from "./shape.ts";
import { type StorageRow, storageTable } from "./storage.ts";
import { columns, table } from "./table.ts";

export interface Looks {
  readonly color: boolean;
  /** Characters in a line of the terminal; tables that are wider are folded. */
  readonly width?: number;
  /** What is listed of relations and storage; a list that is empty is left out. */
  readonly relations: readonly RelationRow[];
  readonly storage: readonly StorageRow[];
}

/** All tables of a model's status. */
export function statusText(status: StatusJson, looks: Looks): string {
  const paint = (word: string): string => (looks.color ? coloured(word) : word);
  return [
    modelTable(status, looks.width),
    saasTable(status, paint, looks.width),
    applicationTable(status, paint, looks.width),
    unitTable(status, paint, looks.width),
    machineTable(status, paint, looks.width),
    offerTable(status, looks.width),
    looks.relations.length === 0 ? "" : relationTable(looks.relations, paint, looks.width),
    looks.storage.length === 0 ? "" : storageTable(looks.storage, looks.width),
  ]
    .filter((part) => part !== "")
    .join("\n");
}

function modelTable({ model, controller }: StatusJson, width?: number): string {
  const titles = columns("Model", "Controller", "Cloud/Region", "Version", "SLA", "Timestamp");
  const rows = [
    [
      model.name,
      model.controller,
      `${model.cloud}/${model.region}`,
      model.version,
      model.sla,
      `${controller.timestamp.slice(11, 19)}Z`,
    ],
  ];
  return table(titles, rows, width);
}

function saasTable(status: StatusJson, paint: (word: string) => string, width?: number): string {
  const rows = Object.entries(status["application-endpoints"] ?? {}).map(([name, saas]) => [
    name,
    paint(saas["application-status"].current),
    "sandbox",
    saas.url,
  ]);
  return rows.length === 0 ? "" : table(columns("SAAS", "Status", "Store", "URL"), rows, width);
}

function applicationTable(status: StatusJson, paint: (word: string) => string, width?: number): string {
  const rows = Object.entries(status.applications).map(([name, application]) => [
    name,
    application.version ?? "",
    paint(application["application-status"].current),
    scaleOf(application),
    application["charm-name"],
    "",
    String(application["charm-rev"]),
    application.exposed ? "yes" : "no",
    shortened(application["application-status"].message ?? ""),
  ]);
  if (rows.length === 0) return `Model ${JSON.stringify(`admin/${status.model.name}`)} is empty.\n`;
  const titles = columns(
    "App",
    "Version",
    "Status",
    ">Scale",
    "Charm",
    "Channel",
    ">Rev",
    "Exposed",
    "Message",
  );
  return table(titles, rows, width);
}

function scaleOf(application: ApplicationJson): string {
  return String(Object.keys(application.units ?? {}).length);
}

function unitTable(status: StatusJson, paint: (word: string) => string, width?: number): string {
  const rows = Object.values(status.applications).flatMap((application) =>
    Object.entries(application.units ?? {}).map(([name, unit]) => {
      const agent = unit["juju-status"];
      const workload = unit["workload-status"];
      const doing =
        agent.current === "executing" && agent.message !== undefined
          ? `(${agent.message.replace(/^running /, "").replace(/ hook$/, "")}) `
          : "";
      return [
        `${name}${unit.leader === true ? "*" : ""}`,
        paint(workload.current),
        paint(agent.current),
        unit.machine,
        unit["public-address"],
        portsText(unit["open-ports"] ?? []),
        shortened(`${doing}${workload.message ?? ""}`),
      ];
    }),
  );
  const titles = columns("Unit", "Workload", "Agent", "Machine", "Public address", "Ports", "Message");
  return rows.length === 0 ? "" : table(titles, rows, width);
}

/** The table of `juju machines`. */
export function machineTable(status: StatusJson, paint: (word: string) => string, width?: number): string {
  const rows = Object.entries(status.machines).map(([id, machine]) => [
    id,
    paint(machine["juju-status"].current),
    machine["dns-name"],
    machine["instance-id"],
    `${machine.base.name}@${machine.base.channel.replace("/stable", "")}`,
    "",
    machine["machine-status"].message ?? "",
  ]);
  const titles = columns("Machine", "State", "Address", "Inst id", "Base", "AZ", "Message");
  return rows.length === 0 ? "" : table(titles, rows, width);
}

function offerTable(status: StatusJson, width?: number): string {
  const rows = Object.entries(status.offers ?? {}).flatMap(([name, offer]) =>
    Object.entries(offer.endpoints).map(([endpoint, { interface: spoken, role }], n) => {
      const connected = `${offer["active-connected-count"]}/${offer["total-connected-count"]}`;
      const charm = offer.charm.replace(/^local:(.*)-\d+$/, "$1");
      const first = [name, offer.application, charm, offer.charm.replace(/^.*-/, ""), connected];
      return [...(n === 0 ? first : ["", "", "", "", ""]), endpoint, spoken, role];
    }),
  );
  const titles = columns(
    "Offer",
    "Application",
    "Charm",
    ">Rev",
    "Connected",
    "Endpoint",
    "Interface",
    "Role",
  );
  return rows.length === 0 ? "" : table(titles, rows, width);
}

function relationTable(
  relations: readonly RelationRow[],
  paint: (word: string) => string,
  width?: number,
): string {
  const rows = relations.map(({ ends, interface: spoken, type, status, reason }) => [
    ...ends,
    spoken,
    type,
    status === "" ? "" : `${paint(status)}${reason === "" ? "" : ` - ${reason}`}`,
  ]);
  return table(columns("Integration provider", "Requirer", "Interface", "Type", "Message"), rows, width);
}

/** `juju status` shows 120 characters of a message; `show-unit` and `--format yaml` have all of it. */
const LONGEST_MESSAGE = 120;

function shortened(message: string): string {
  return message.length <= LONGEST_MESSAGE ? message : `${message.slice(0, LONGEST_MESSAGE - 3)}...`;
}

const green = ["active", "idle", "started", "running"];
const yellow = ["maintenance", "suspended", "joining", "waiting", "executing", "allocating", "pending"];
const red = ["error", "broken", "blocked", "down", "lost", "failed"];

/** Whose terminal it is decided before: the controller has none. */
function coloured(word: string): string {
  const style = green.includes(word)
    ? "green"
    : yellow.includes(word)
      ? "yellow"
      : red.includes(word)
        ? "red"
        : undefined;
  return style === undefined ? word : styleText(style, word, { validateStream: false });
}
