// dba drop-metadata-schema
import { readState } from "../instance-state.ts";
import { dropSchema } from "../metadata/records.ts";
import { RULES, requireType } from "../preconditions.ts";
import { isOn, setVariable } from "../primitives/variables.ts";
import type { Call } from "../shell.ts";

/** Drops the metadata from the session's server; nothing happens without `--force`. */
export async function dropMetadataSchema({ shell, args }: Call): Promise<undefined> {
  const { output, session } = shell;
  const { type } = await readState(session);
  requireType(output, type, RULES["dba.dropMetadataSchema"].types);
  if (args.flag("force") !== true) {
    output.info("No changes made to the Metadata Schema.");
    return undefined;
  }
  const readOnly = await isOn(session, "super_read_only");
  if (readOnly) await setVariable(session, "GLOBAL", "super_read_only", "OFF");
  await dropSchema(session);
  if (readOnly) await setVariable(session, "GLOBAL", "super_read_only", "ON");
  output.info("Metadata Schema successfully removed.");
  return undefined;
}
