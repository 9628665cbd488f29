// Names that a user chooses: of clusters, ClusterSets and members.
import { argument } from "./errors.ts";

/** Throws ArgumentError unless the name may be used. */
export function requireName(kind: "Cluster" | "ClusterSet", name: string): void {
  if (name === "") throw argument(`${kind} name cannot be empty.`);
  if (name.length > 63) throw argument(`${name}: The ${kind} name can not be greater than 63 characters.`);
  if (!/^[A-Za-z_.-][A-Za-z0-9_.-]*$/.test(name))
    throw argument(
      `${kind} name may only contain alphanumeric characters, '_', '-', or '.' and may not start with a number (${name})`,
    );
}

/** Throws ArgumentError unless the label may be used. */
export function requireLabel(label: string): void {
  if (label === "") throw argument("The label can not be empty.");
  if (label.length > 256) throw argument("The label can not be greater than 256 characters.");
  if (!/^[A-Za-z0-9_]/.test(label))
    throw argument("The label can only start with an alphanumeric or the '_' character.");
  if (!/^[A-Za-z0-9_.:-]+$/.test(label))
    throw argument("The label can only contain alphanumerics or the '_', '.', '-', ':' characters.");
}
