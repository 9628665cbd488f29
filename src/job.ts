// Entry of the bundle that runs one job outside the hook.
import { runJob } from "../lib/index.ts";

void runJob().then((code) => {
  process.exitCode = code;
});
