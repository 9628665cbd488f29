// A model over scripted hook commands, and the relations that its tests speak of.

import { hookModel } from "../../../lib/hook-model.ts";
import { type Event, HookToolError, type HookTools, readContext } from "../../../lib/index.ts";
import type { HookModel } from "../../../lib/model.ts";
import { hookEnvironment, type Meta, meta } from "./charm.ts";
import { scriptedTools } from "./fakes.ts";

/** The model of a hook whose commands answer as given; any other command fails the test. */
export function openModel(
  answers: Partial<HookTools>,
  event: Event<Meta> = { kind: "install" },
): { model: HookModel<Meta>; calls: string[] } {
  const { tools, calls } = scriptedTools(answers);
  return {
    model: hookModel({ context: readContext(hookEnvironment("install")), meta, event, tools }),
    calls,
  };
}

export const denied = async (): Promise<never> => {
  throw new HookToolError("relation-get", 1, "denied", "permission denied");
};
export const gone = async (): Promise<never> => {
  throw new HookToolError("relation-list", 2, "relation-gone", "relation not found");
};
export const peers = { id: 3, endpoint: "peers", remoteApp: "db", broken: false } as const;
export const upstream = { id: 7, endpoint: "upstream", remoteApp: "web", broken: false } as const;
/** A binding of which Juju knows nothing but a host name. */
export const namedNetwork = { hostname: "h", interfaces: [], ingressAddresses: [], egressSubnets: [] };
