// A small charm's metadata for the framework's own tests.

import type { CharmMeta } from "../../../lib/index.ts";

export const meta = {
  name: "db",
  endpoints: {
    peers: { role: "peer", interface: "db_peers" },
    offer: { role: "provides", interface: "db" },
    upstream: { role: "requires", interface: "db", limit: 1 },
  },
  storages: { data: { type: "filesystem", location: "/srv/data", multiple: false } },
  actions: {
    promote: {
      params: {
        "set-name": { type: "string", required: true },
        force: { type: "boolean", required: false, default: false },
        delay: { type: "integer", required: false },
      },
    },
    show: { params: {} },
  },
  config: {
    profile: { type: "string", default: "production" },
    memory: { type: "int" },
  },
  resources: { image: { type: "file" } },
  bindings: { admin: {} },
} as const satisfies CharmMeta;

export type Meta = typeof meta;

/** The environment of a hook of unit db/1. */
export function hookEnvironment(hook: string, more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  return {
    JUJU_UNIT_NAME: "db/1",
    JUJU_MODEL_NAME: "rome",
    JUJU_MODEL_UUID: "11111111-2222-4333-8444-555555555555",
    JUJU_VERSION: "3.6.1",
    JUJU_MACHINE_ID: "4",
    JUJU_CHARM_DIR: "/var/lib/juju/agents/unit-db-1/charm",
    JUJU_CONTEXT_ID: `db/1-${hook}-abc`,
    JUJU_DISPATCH_PATH: `hooks/${hook}`,
    JUJU_HOOK_NAME: hook,
    ...more,
  };
}
