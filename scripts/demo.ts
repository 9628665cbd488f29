// The demo: two MySQL clusters become one ClusterSet on this machine, switched over and back while a client writes.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { openSandbox, removeSandbox, type Sandbox, WaitTimeout } from "../sandbox/client.ts";
import { stateFolder } from "../sandbox/state-folder.ts";
import { buildCharm } from "./build.ts";
import { readCommandLine } from "./command-line.ts";
import { Journey, LISBON, ROME } from "./demo/journey.ts";
import { claim, runner } from "./demo/running.ts";
import { Screen, seconds } from "./demo/screen.ts";

const NAME = "demo";
const SANDBOX = fileURLToPath(new URL("../sandbox/cli.ts", import.meta.url));
/** So much of the log is shown when something did not happen in time. */
const LOG_LINES = 15;
const HELP = `Usage: npm run demo [-- --keep]

Deploys two MySQL clusters of three servers, makes them one ClusterSet, and
switches over and back while a client writes rows, all inside of this machine.

  --keep   leave everything running at the end
  --help   show this

Exits with 0 when everything held, with 1 when something did not.
`;

const screen = new Screen();
let opening: Promise<Sandbox> | undefined;
let interrupted = false;

/** Another demo has the sandbox: it must be left alone. */
class Busy extends Error {}

async function interrupt(): Promise<void> {
  if (interrupted) process.exit(130);
  interrupted = true;
  screen.failure("\nInterrupted: cleaning up (once more to leave at once).");
  // A sandbox that is just starting can be ended only once it has.
  const failure = await opening?.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (failure instanceof Busy) process.exit(1);
  // By another program, while this one stands still: the journey would take the end of its sandbox for a mishap.
  const env = { ...process.env, JUJU_SANDBOX: NAME };
  const { status } = spawnSync(process.execPath, [SANDBOX, "destroy"], { env, stdio: "ignore" });
  process.exit(status === 0 ? 130 : 1);
}

async function openAnew(): Promise<Sandbox> {
  screen.step("A sandbox is opened: Juju models on this machine, with real MySQL servers.");
  opening = replaceSandbox();
  return await opening;
}

async function replaceSandbox(): Promise<Sandbox> {
  const pid = await runner(stateFolder(NAME).path);
  if (pid !== undefined) {
    throw new Busy(`the demo runs already, as process ${pid}: wait until it is over, or end it with Ctrl-C`);
  }
  if (await removeSandbox(NAME)) screen.line("removed the sandbox that an earlier demo left");
  if (interrupted) throw new Error("interrupted");
  const sandbox = await openSandbox(NAME, { progress: (text) => screen.change(text) });
  await claim(sandbox.folder);
  return sandbox;
}

async function build(): Promise<string> {
  screen.step("The charm is built: one bundled program and the Node binary that runs it.");
  const charm = await buildCharm();
  screen.line(charm);
  return charm;
}

async function explain(sandbox: Sandbox, error: unknown): Promise<void> {
  screen.failure(`\nDid not hold: ${error instanceof Error ? error.message : String(error)}`);
  for (const { model } of error instanceof WaitTimeout ? [ROME, LISBON] : []) {
    const status = await sandbox.juju(["status", "-m", model]);
    const log = await sandbox.juju(["debug-log", "-m", model, "--replay"]);
    screen.block(status.stdout + status.stderr);
    screen.block(log.stdout.trimEnd().split("\n").slice(-LOG_LINES).join("\n"));
  }
}

async function demo(keep: boolean): Promise<boolean> {
  const started = performance.now();
  const charm = await build();
  const sandbox = await openAnew();
  const prepared = performance.now() - started;
  const journey = new Journey(sandbox, screen);
  let allHeld = true;
  try {
    await journey.run(charm);
  } catch (error) {
    allHeld = false;
    if (!interrupted) await explain(sandbox, error);
  }
  journey.end();
  if (interrupted) return false;
  if (!keep) allHeld = (await remove(sandbox)) && allHeld;
  screen.step("What held:");
  screen.check(true, "The charm was built and the sandbox opened", prepared);
  for (const { text, milliseconds } of journey.held) screen.check(true, text, milliseconds);
  if (!allHeld) screen.check(false, "The next thing did not: see above");
  screen.line(`All in all ${seconds(performance.now() - started)}.`);
  if (keep) screen.block(farewell);
  return allHeld;
}

async function remove(sandbox: Sandbox): Promise<boolean> {
  screen.step("Everything is removed: the models, the machines, the servers and their files.");
  await sandbox.destroy();
  const gone = !existsSync(sandbox.folder);
  if (!gone) screen.failure(`${sandbox.folder} is still there`);
  return gone;
}

const farewell = `
It goes on running. To look at it and to play with it:
  export JUJU_SANDBOX=${NAME}
  npm run sandbox -- status -m ${LISBON.model}
  npm run sandbox -- run -m ${ROME.model} ${ROME.app}/0 get-cluster-status cluster-set=true
To end it:
  JUJU_SANDBOX=${NAME} npm run sandbox -- destroy
`;

const { values } = readCommandLine({ usage: HELP, options: { keep: { type: "boolean", default: false } } });
// A terminal that was closed takes no output any more; what was begun is cleaned up all the same.
process.stdout.on("error", () => undefined);
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => void interrupt());
const held = await demo(values.keep).catch(async (error: unknown) => {
  if (!interrupted) screen.failure(error instanceof Error ? error.message : String(error));
  if (!interrupted && !(error instanceof Busy)) await removeSandbox(NAME);
  return false;
});
// After a signal, interrupt() ends the program.
if (!interrupted) process.exit(held ? 0 : 1);
