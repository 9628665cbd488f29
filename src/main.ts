// Entry of the bundle that `dispatch` starts.
import { runDispatch } from "../lib/index.ts";
import { mysqlCharm } from "./charm.ts";

void runDispatch(mysqlCharm()).then((code) => {
  process.exitCode = code;
});
