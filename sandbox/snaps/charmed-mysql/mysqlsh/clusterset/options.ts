// clusterset options: what was set for the ClusterSet as a whole.
import type { Handle } from "../handle.ts";
import type { Call } from "../shell.ts";
import { requireRule } from "../situation.ts";

const OPTIONS = ["replicationAllowedHost", "clusterSetReplicationSslMode"];

/** The document of `clusterset options`. */
export async function clusterSetOptions(_call: Call, handle: Handle): Promise<object> {
  await requireRule(handle, "clusterset.options");
  const { set } = handle;
  return {
    clusterSet: {
      domainName: set?.domain,
      globalOptions: OPTIONS.map((option) => ({ option, value: set?.attributes[`opt_${option}`] ?? null })),
    },
  };
}
