// All journeys by name; each has a file of recordings with the same name.
import type { Journey } from "../journey.ts";
import { ACCOUNTS } from "./accounts.ts";
import { CLUSTER } from "./cluster.ts";
import { CLUSTERSET } from "./clusterset.ts";
import { FAILOVER } from "./failover.ts";
import { FAULTS } from "./faults.ts";
import { PARTIAL } from "./partial.ts";
import { REMOVAL } from "./removal.ts";

export const JOURNEYS: Readonly<Record<string, Journey>> = {
  accounts: ACCOUNTS,
  cluster: CLUSTER,
  clusterset: CLUSTERSET,
  failover: FAILOVER,
  faults: FAULTS,
  partial: PARTIAL,
  removal: REMOVAL,
};
