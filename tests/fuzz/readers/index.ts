// Every place where the charm reads what somebody else wrote into Juju.
import type { Reader } from "../support/reader.ts";
import { operatorReaders } from "./operator.ts";
import { ownReaders } from "./own.ts";
import { primaryReaders } from "./primary.ts";
import { standbyReaders } from "./standby.ts";

export const readers: readonly Reader[] = [
  ...standbyReaders,
  ...primaryReaders,
  ...ownReaders,
  ...operatorReaders,
];
