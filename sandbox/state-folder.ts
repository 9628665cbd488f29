// Where a sandbox keeps its things on the host: one folder per sandbox, found by its name.
import { homedir } from "node:os";
import { join } from "node:path";

export interface StateFolder {
  readonly name: string;
  readonly path: string;
  readonly state: string;
  readonly log: string;
  readonly charms: string;
  readonly machines: string;
  /** What the controller itself printed: for when it does not start. */
  readonly controllerLog: string;
  readonly socket: string;
  /** Held by the controller for as long as it lives. */
  readonly lock: string;
  /** There while the sandbox is being destroyed: nobody may start it again under the hands of who removes it. */
  readonly ending: string;
}

const NAME = /^[a-z0-9][a-z0-9-]{0,39}$/;

/**
 * The folder of a sandbox; the name comes from JUJU_SANDBOX when none is given.
 * @throws Error for a name that would not do as a folder's.
 */
export function stateFolder(name = process.env["JUJU_SANDBOX"] ?? "default"): StateFolder {
  if (!NAME.test(name)) {
    throw new Error(
      `${JSON.stringify(name)} is no name for a sandbox: use lowercase letters, digits and hyphens, at most 40`,
    );
  }
  const path = join(stateHome(), "juju-sandbox", name);
  return {
    name,
    path,
    state: join(path, "state.json"),
    log: join(path, "debug-log.jsonl"),
    charms: join(path, "charms"),
    machines: join(path, "machines"),
    controllerLog: join(path, "controller.log"),
    socket: join(path, "control.socket"),
    lock: join(path, "lock"),
    ending: join(path, "ending"),
  };
}

function stateHome(): string {
  const configured = process.env["XDG_STATE_HOME"];
  return configured === undefined || configured === "" ? join(homedir(), ".local", "state") : configured;
}
