// Starts, stops and looks at the services of installed snaps, each under a supervisor of its own.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { Service } from "./definition.ts";

const SUPERVISOR = fileURLToPath(new URL("supervise.pl", import.meta.url));
/** Emptied at each boot, like /run itself. */
const PIDS = "/run/snapd/services";
/** Where launch.pl of the machine listens. */
const LAUNCHER = "/run/launch.socket";
const LOGS = "/var/log/snapd";
/** A server that leaves its group and flushes needs more than systemd's 30 seconds on a small machine. */
const STOP_SECONDS = 90;

export function serviceLog(name: string): string {
  return `${LOGS}/${name}.log`;
}

/** Whether the service's supervisor runs; it may be between two starts of the program. */
export function isActive(name: string): boolean {
  return supervisorOf(name) !== undefined;
}

/** Does nothing when the service is active. Returns once the supervisor runs, as systemd does for a simple service. */
export async function startService(name: string, service: Service): Promise<void> {
  if (isActive(name)) return;
  mkdirSync(PIDS, { recursive: true });
  mkdirSync(LOGS, { recursive: true });
  const { restartCode, parentVariable, leftovers, argv, env } = service;
  // The supervisor does that before each start too, but who waits for the socket must not see an old one meanwhile.
  for (const file of leftovers) rmSync(file, { force: true });
  const own = [SUPERVISOR, String(restartCode), parentVariable, ...leftovers, "--"];
  const pid = await launch(serviceLog(name), env, ["/usr/bin/perl", ...own, ...argv]);
  writeFileSync(pidFile(name), String(pid));
}

/** Has the machine start a program that is nobody's child, as systemd does. @returns its pid */
async function launch(
  log: string,
  env: Readonly<Record<string, string>>,
  argv: readonly string[],
): Promise<number> {
  const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  const socket = connect(LAUNCHER);
  socket.end([log, String(variables.length), ...variables, ...argv].join("\0"));
  const pid = Number(await text(socket));
  if (!Number.isInteger(pid) || pid < 1) throw new Error(`the machine does not start ${argv[0]}`);
  return pid;
}

/** Does nothing when the service is not active. Returns once it has ended; after STOP_SECONDS it is killed. */
export async function stopService(name: string): Promise<void> {
  const pid = supervisorOf(name);
  if (pid === undefined) return;
  process.kill(pid, "SIGTERM");
  const deadline = performance.now() + STOP_SECONDS * 1000;
  while (supervisorOf(name) === pid) {
    // The supervisor leads the process group that its program is in.
    if (performance.now() > deadline) process.kill(-pid, "SIGKILL");
    await pause(20);
  }
  rmSync(pidFile(name), { force: true });
}

function pidFile(name: string): string {
  return `${PIDS}/${name}.pid`;
}

function supervisorOf(name: string): number | undefined {
  try {
    const pid = Number(readFileSync(pidFile(name), "utf8"));
    // The number may belong to another process by now. A zombie has an empty command line.
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(SUPERVISOR) ? pid : undefined;
  } catch {
    return undefined;
  }
}
