// The storage of a model as `juju storage` and `juju status --storage` show it. Pure.
import type { Model, StorageInstance } from "../../lib/juju/model.ts";
import { columns, table } from "./table.ts";

export interface StorageRow {
  readonly id: string;
  /** "" when it is detached. */
  readonly unit: string;
  readonly location: string;
  readonly status: string;
  readonly json: Readonly<Record<string, unknown>>;
}

/** All storage, by unit, then by id; what is detached comes last. */
export function storageRows(model: Model): StorageRow[] {
  const order = (row: StorageRow): string => `${row.unit === "" ? "~" : row.unit} ${row.id}`;
  return Object.values(model.storage)
    .map((storage) => rowOf(model, storage))
    .sort((a, b) => order(a).localeCompare(order(b), "en", { numeric: true }));
}

function rowOf(model: Model, storage: StorageInstance): StorageRow {
  const { id, unit, kind, location, life } = storage;
  const owner = unit === null ? undefined : model.units[unit];
  const attached = owner?.local.storage.includes(id) ?? false;
  const status =
    unit === null ? "detached" : life !== "alive" ? "detaching" : attached ? "attached" : "pending";
  const place = { machine: owner?.machine ?? "", location, life };
  return {
    id,
    unit: unit ?? "",
    location: storage.provisioned ? location : "",
    status,
    json: {
      kind,
      life,
      status: { current: status },
      persistent: true,
      ...(unit === null ? {} : { attachments: { units: { [unit]: place } } }),
    },
  };
}

/** The table of `juju storage`. */
export function storageTable(rows: readonly StorageRow[], width?: number): string {
  return table(
    columns("Unit", "Storage id", "Type", "Mountpoint", "Size", "Status", "Message"),
    rows.map(({ unit, id, location, status }) => [unit, id, "filesystem", location, "", status, ""]),
    width,
  );
}
