// The program that a job's test starts: the framework's runner, quick to try again.

import { runJob } from "../../../lib/index.ts";

process.exitCode = await runJob(undefined, { wakeDelaysMs: [10, 10, 10] });
