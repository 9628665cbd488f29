// Entry of the bundle that `dispatch` starts.
import { runDispatch } from "../../../lib/index.ts";
import { guestbook } from "./charm.ts";

process.exitCode = await runDispatch(guestbook);
