// Starting and ending a sandbox's controller from the host.
import { spawn } from "node:child_process";
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { checkHost, hubCommand } from "./machine/hub.ts";
import { prepareStore } from "./snaps/store.ts";
import type { StateFolder } from "./state-folder.ts";

const CONTROLLER = fileURLToPath(new URL("controller.ts", import.meta.url));
/** What flock exits with when another controller holds the lock. */
const LOCKED = 75;
/** How long another command may take to start the controller that this one waits for: packages may be on their way. */
const START_LIMIT = 180;

/** What is random and when, for a sandbox that is not there yet; for one that is, only what it has may be asked for. */
export interface StartOptions {
  /** 0 to 2147483647. */
  readonly seed?: number;
  /** Time stands still until it is moved by the verb advance, and agents act one at a time. */
  readonly clock?: "virtual" | "real";
}

/** Connects to the sandbox's controller, starting it when it does not run. */
export async function reachController(
  folder: StateFolder,
  progress: (text: string) => void,
  options: StartOptions = {},
): Promise<Socket> {
  const running = await tryConnect(folder.socket);
  if (running !== undefined) return running;
  refuseWhileEnding(folder);
  await checkHost();
  progress(existsSync(folder.state) ? "Starting the sandbox again" : "Starting the sandbox");
  await prepareStore(progress);
  refuseWhileEnding(folder);
  mkdirSync(folder.path, { recursive: true, mode: 0o700 });
  const said = await startController(folder, options);
  if (said !== "") progress(`The sandbox is ${said}`);
  const started = await tryConnect(folder.socket);
  if (started !== undefined) return started;
  throw new Error(`the sandbox's controller started but does not answer: see ${folder.controllerLog}`);
}

function refuseWhileEnding(folder: StateFolder): void {
  if (!existsSync(folder.ending)) return;
  throw new Error(
    `sandbox "${folder.name}" is being destroyed; if that was cut short, run destroy once more`,
  );
}

/** A connection to a controller that runs; undefined when none does. */
function tryConnect(path: string): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once("error", () => resolve(undefined));
    socket.once("connect", () => {
      socket.removeAllListeners("error");
      resolve(socket);
    });
  });
}

/** @returns what the controller says once it is ready; "" when another command has started it */
async function startController(folder: StateFolder, options: StartOptions): Promise<string> {
  const errors = openSync(folder.controllerLog, "a", 0o600);
  const program = hubCommand([
    process.execPath,
    CONTROLLER,
    folder.name,
    `${options.seed ?? ""}`,
    options.clock ?? "",
  ]);
  // The lock is held by the hub's processes and goes with the last of them, however they end.
  const child = spawn(
    "flock",
    ["--nonblock", "--no-fork", "--conflict-exit-code", String(LOCKED), folder.lock, ...program],
    { detached: true, stdio: ["ignore", "pipe", errors], cwd: "/" },
  );
  closeSync(errors);
  const { stdout } = child;
  const outcome = await new Promise<string | number | Error>((resolve) => {
    child.once("error", resolve);
    child.once("exit", (code) => resolve(code ?? 1));
    if (stdout !== null) createInterface(stdout).once("line", resolve);
  });
  stdout?.destroy();
  child.unref();
  if (typeof outcome === "string") return outcome;
  if (outcome === LOCKED) return await waitForOther(folder, options);
  const said =
    outcome instanceof Error
      ? outcome.message
      : readFileSync(folder.controllerLog, "utf8").trim().split("\n").slice(-12).join("\n");
  throw new Error(
    `the sandbox's controller does not start: ${said === "" ? `it ended with ${outcome}` : said}`,
  );
}

/** Another command is starting the controller, or an old one is on its way out. */
async function waitForOther(folder: StateFolder, options: StartOptions): Promise<string> {
  for (let second = 0; second < START_LIMIT; second++) {
    const socket = await tryConnect(folder.socket);
    socket?.destroy();
    if (socket !== undefined) return "";
    if (await isFree(folder, 1)) return await startController(folder, options);
  }
  throw new Error(`another process holds ${folder.lock} and does not answer: see ${folder.controllerLog}`);
}

/** Waits until nothing of the sandbox runs any more, at most so many seconds. */
async function isFree(folder: StateFolder, seconds: number): Promise<boolean> {
  const child = spawn("flock", ["--timeout", String(seconds), folder.lock, "true"], { stdio: "ignore" });
  const code = await new Promise<number | null>((resolve) => {
    child.once("error", () => resolve(null));
    child.once("exit", resolve);
  });
  return code === 0;
}

/** Ends the sandbox, whether its controller runs or not, and removes all that it has on the host. */
export async function destroySandbox(folder: StateFolder): Promise<boolean> {
  if (!existsSync(folder.path)) return false;
  writeFileSync(folder.ending, "");
  const socket = await tryConnect(folder.socket);
  if (socket !== undefined) {
    socket.on("error", () => socket.destroy());
    socket.write(`${JSON.stringify({ type: "shutdown" })}\n`);
    await new Promise<void>((resolve) => socket.once("close", () => resolve()));
  }
  if (existsSync(folder.lock) && !(await isFree(folder, 60))) {
    throw new Error(`processes of the sandbox do not end: see who holds ${folder.lock}`);
  }
  await rm(folder.path, { recursive: true, force: true });
  return true;
}
