// Entry of the bundle that `dispatch` starts.
import { main } from "../../../lib/index.ts";
import { guestbook } from "./charm.ts";

main(guestbook);
