// What the machine and the model offer a unit: storage, resources, network, ports, goal state, credential, reboot.

import {
  readCredential,
  readGoalState,
  readNetwork,
  readOpenedPort,
  readStorage,
  strings,
} from "../hook-answers.ts";
import type { MachineTools } from "../hook-tools.ts";
import type { CommandRunner } from "./command.ts";

/** A resource is downloaded while the command runs. */
const downloadTimeoutMs = 60 * 60_000;

export function machineCommands({ tell, ask }: CommandRunner): MachineTools {
  return {
    storageIds: async (name) => strings(await ask(["storage-list", ...(name === undefined ? [] : [name])])),
    storageGet: async (id) => readStorage(await ask(["storage-get", "-s", id])),
    storageAdd: async (name, count) => void (await tell(["storage-add", `${name}=${count}`])),
    resourceGet: (name) => tell(["resource-get", name], { timeoutMs: downloadTimeoutMs }),
    networkGet: async (binding, relationId) => {
      const relation = relationId === undefined ? [] : ["-r", String(relationId)];
      return readNetwork(await ask(["network-get", binding, ...relation]));
    },
    unitAddress: async (which) => String((await ask(["unit-get", `${which}-address`])) ?? ""),
    openedPorts: async () => strings(await ask(["opened-ports", "--endpoints"])).map(readOpenedPort),
    openPort: async (range, endpoints) =>
      void (await tell(["open-port", ...endpointFlags(endpoints), range])),
    closePort: async (range, endpoints) =>
      void (await tell(["close-port", ...endpointFlags(endpoints), range])),
    goalState: async () => readGoalState(await ask(["goal-state"])),
    credentialGet: async () => readCredential(await ask(["credential-get"])),
    reboot: async (when) => void (await tell(["juju-reboot", ...(when === "now" ? ["--now"] : [])])),
  };
}

function endpointFlags(endpoints: readonly string[]): readonly string[] {
  return endpoints.length === 0 ? [] : ["--endpoints", endpoints.join(",")];
}
