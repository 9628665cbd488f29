// What the machine and the model offer a unit: storage, resources, network, ports, goal state, credential, reboot.

import {
  numbered,
  plainText,
  readCredential,
  readGoalState,
  readNetwork,
  readOpenedPort,
  readStorage,
  strings,
} from "../hook-answers.ts";
import type { MachineTools } from "../hook-tools.ts";
import { asking, type CommandRunner } from "./command.ts";

/** A resource is downloaded while the command runs. */
const downloadTimeoutMs = 60 * 60_000;

export function machineCommands(run: CommandRunner): MachineTools {
  const { tell } = run;
  const ask = asking(run);
  return {
    storageIds: (name) => ask(["storage-list", ...(name === undefined ? [] : [name])], numbered),
    storageGet: (id) => ask(["storage-get", "-s", id], readStorage),
    storageAdd: async (name, count) => void (await tell(["storage-add", `${name}=${count}`])),
    resourceGet: (name) => tell(["resource-get", name], { timeoutMs: downloadTimeoutMs, isBlocking: false }),
    networkGet: (binding, relationId) => {
      const relation = relationId === undefined ? [] : ["-r", String(relationId)];
      return ask(["network-get", binding, ...relation], readNetwork);
    },
    unitAddress: (which) => ask(["unit-get", `${which}-address`], plainText),
    openedPorts: () => ask(["opened-ports", "--endpoints"], (answer) => strings(answer).map(readOpenedPort)),
    openPort: async (range, endpoints) =>
      void (await tell(["open-port", ...endpointFlags(endpoints), range])),
    closePort: async (range, endpoints) =>
      void (await tell(["close-port", ...endpointFlags(endpoints), range])),
    goalState: () => ask(["goal-state"], readGoalState),
    credentialGet: () => ask(["credential-get"], readCredential),
    reboot: async (when) => void (await tell(["juju-reboot", ...(when === "now" ? ["--now"] : [])])),
  };
}

function endpointFlags(endpoints: readonly string[]): readonly string[] {
  return endpoints.length === 0 ? [] : ["--endpoints", endpoints.join(",")];
}
