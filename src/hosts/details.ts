// What a unit says of its own host, in its bag of any relation.
import * as z from "zod";
import { type Relation, readBag } from "../../lib/index.ts";
import type { Ports } from "../ports.ts";
import { HOSTNAME_DETAILS, type HostnameDetails, hostnameDetailsSchema } from "../wire/peers.ts";

const bagSchema = z.object({ [HOSTNAME_DETAILS]: z.string().max(2000) });

/** Another unit's names; what does not fit the schema is as good as not there, and says so in the log. */
export async function readDetails(
  ports: Ports,
  relation: Relation,
  unit: string,
): Promise<HostnameDetails | undefined> {
  const bag = readBag(bagSchema, await ports.model.readUnit(relation, unit));
  if (bag.kind === "absent") return undefined;
  const parsed =
    bag.kind === "value"
      ? hostnameDetailsSchema.safeParse(parseJson(bag.value[HOSTNAME_DETAILS]))
      : undefined;
  if (parsed?.success === true) return parsed.data;
  ports.log.warn(
    `${unit} wrote a ${HOSTNAME_DETAILS} that is not {"names":[…],"address":…} with an IPv4 address; it is left out of /etc/hosts`,
  );
  return undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
