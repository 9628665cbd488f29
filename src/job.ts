// Entry of the bundle that runs one job outside the hook.
import { jobMain } from "../lib/index.ts";

jobMain();
