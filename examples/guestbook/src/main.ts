// Entry of the bundle that `dispatch` starts.
import { runDispatch } from "../../../lib/index.ts";
import { guestbook } from "./charm.ts";

void runDispatch(guestbook).then((code) => {
  process.exitCode = code;
});
