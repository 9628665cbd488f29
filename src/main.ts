// Entry of the bundle that `dispatch` starts.
import { main } from "../lib/index.ts";
import { mysqlCharm } from "./charm.ts";

main(mysqlCharm());
