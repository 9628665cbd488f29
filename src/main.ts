// Entry of the bundle that `dispatch` starts.
import { runDispatch } from "../lib/index.ts";
import { mysqlCharm } from "./charm.ts";

process.exitCode = await runDispatch(mysqlCharm());
