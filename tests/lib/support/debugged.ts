// A charm to be debugged: it says on stderr that it handled its event.

import { type HookTools, runDispatch } from "../../../lib/index.ts";
import { meta } from "./charm.ts";
import { scriptedTools } from "./fakes.ts";

const quiet: Partial<HookTools> = { jujuLog: async () => undefined };
const { tools } = scriptedTools(quiet);
const handle = async (): Promise<void> => {
  process.stderr.write("handled\n");
};
process.exitCode = await runDispatch({ meta, handle }, { tools });
