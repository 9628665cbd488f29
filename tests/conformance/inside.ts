// The program inside a hub: goes through one journey and prints each outcome as a JSON line.

import { travel } from "./journey.ts";
import { JOURNEYS } from "./journeys/index.ts";

const [name = "", folder = "", root = "", template = "", pattern = "", ...program] = process.argv.slice(2);
const journey = JOURNEYS[name];
if (journey === undefined) throw new Error(`there is no journey ${name}`);
const wanted = new RegExp(pattern);
await travel(journey, {
  name,
  place: { folder, root, template },
  program,
  wanted: (recording) => wanted.test(recording),
  report: (outcome) => process.stdout.write(`${JSON.stringify(outcome)}\n`),
});
process.exit(0);
