// cluster set-instance-option: the label and the tags of a member.
import { argument } from "../errors.ts";
import type { Handle } from "../handle.ts";
import { setInstanceLabel, setInstanceTag } from "../metadata/records.ts";
import { membersOf } from "../metadata/snapshot.ts";
import { requireLabel } from "../names.ts";
import { lock } from "../primitives/locks.ts";
import { notDone } from "../refusals.ts";
import { type Call, splitAddress } from "../shell.ts";
import { requireRule } from "../situation.ts";
import { writable } from "./members.ts";

/** Sets `label` or `tag:NAME` of a member; the tag's value is JSON where it reads as JSON, and null removes it. */
export async function setInstanceOption({ shell, args }: Call, found: Handle): Promise<undefined> {
  const { output } = shell;
  await requireRule(found, "cluster.setInstanceOption");
  const handle = writable(found);
  const { host, port } = splitAddress(args.at(0));
  const address = `${host}:${port}`;
  const option = args.at(1);
  const value = args.at(2);
  const members = membersOf(handle.snapshot, handle.cluster);
  const record = members.find((one) => one.address === address || one.label === args.at(0));
  if (record === undefined)
    throw argument(`The instance '${address}' does not belong to the Cluster: '${handle.cluster.name}'.`);
  if (option !== "label" && !option.startsWith("tag:")) throw notDone(`setInstanceOption of '${option}'`);
  await lock(shell, "cluster", handle.primary);
  output.lines(`Setting the value of '${option}' to '${value}' in the instance: '${record.address}' ...`, "");
  if (option === "label") {
    requireLabel(value);
    const owner = members.find((one) => one.label === value && one.uuid !== record.uuid);
    if (owner) throw argument(`Instance '${owner.address}' is already using label '${value}'.`);
    await setInstanceLabel(handle.globalPrimary, record.uuid, value);
  } else await setInstanceTag(handle.globalPrimary, record.uuid, tagName(option), jsonOrText(value));
  output.info(
    `Successfully set the value of '${option}' to '${value}' in the cluster member: '${record.address}'.`,
  );
  return undefined;
}

function tagName(option: string): string {
  const name = option.slice("tag:".length);
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) throw argument(`'${name}' is not a valid tag identifier.`);
  return name;
}

function jsonOrText(value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}
