import { expect, test } from "vitest";
import { environmentOf } from "../../../lib/juju/environment.ts";
import type { RunKind } from "../../../lib/juju/hook-context.ts";
import type { HookInfo } from "../../../lib/juju/local-state.ts";
import { enqueueAction } from "../../../sandbox/juju/operations/tasks.ts";
import { shell } from "./support/calls.ts";
import { deployed, now, settle, stateWithCharm } from "./support/models.ts";

const state = stateWithCharm();
const place = deployed(state, "rome", "a");
settle(state);
const [task] = enqueueAction(
  state,
  place.model,
  [place.unit],
  { name: "backup", parameters: { to: "x" } },
  now,
);
const environment = (run: Partial<RunKind>) => environmentOf(shell(place, run).context);
const plain = environment({ hook: { kind: "start" } });
/** What an event adds to, or changes in, the environment of a plain hook. */
const added = (run: Partial<RunKind>) =>
  Object.fromEntries(Object.entries(environment(run)).filter(([key, value]) => plain[key] !== value));
const relation = (change: object) =>
  ({
    kind: "relation-changed",
    relation: 0,
    endpoint: "friends",
    remoteApp: "a",
    remoteUnit: "a/1",
    version: 1,
    ...change,
  }) as const;
const secret = { id: "s", uri: "secret://m/s", label: "mine", revision: 2 };

test("a plain hook has exactly this environment: nothing is inherited", () => {
  const agent = "/var/lib/juju/agents/unit-a-0";
  expect(plain).toEqual({
    APT_LISTCHANGES_FRONTEND: "none",
    CHARM_DIR: `${agent}/charm`,
    CLOUD_API_VERSION: "",
    DEBIAN_FRONTEND: "noninteractive",
    JUJU_AGENT_SOCKET_ADDRESS: `${agent}/agent.socket`,
    JUJU_AGENT_SOCKET_NETWORK: "unix",
    JUJU_API_ADDRESSES: "10.1.0.1:17070",
    JUJU_AVAILABILITY_ZONE: "",
    JUJU_CHARM_DIR: `${agent}/charm`,
    JUJU_CHARM_FTP_PROXY: "",
    JUJU_CHARM_HTTPS_PROXY: "",
    JUJU_CHARM_HTTP_PROXY: "",
    JUJU_CHARM_NO_PROXY: "127.0.0.1,localhost,::1",
    JUJU_CONTEXT_ID: "test",
    JUJU_DISPATCH_PATH: "hooks/start",
    JUJU_HOOK_NAME: "start",
    JUJU_MACHINE_ID: "0",
    JUJU_METER_INFO: "",
    JUJU_METER_STATUS: "AMBER",
    JUJU_MODEL_NAME: "rome",
    JUJU_MODEL_UUID: place.model.uuid,
    JUJU_PRINCIPAL_UNIT: "",
    JUJU_SLA: "unsupported",
    JUJU_UNIT_NAME: "a/0",
    JUJU_VERSION: "3.6.27",
    LANG: "C.UTF-8",
    PATH: "/var/lib/juju/tools/unit-a-0:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/snap/bin",
    TERM: "tmux-256color",
  });
});

test.each<[string, HookInfo, Record<string, string>]>([
  [
    "friends-relation-changed",
    relation({}),
    {
      JUJU_RELATION: "friends",
      JUJU_RELATION_ID: "friends:0",
      JUJU_REMOTE_APP: "a",
      JUJU_REMOTE_UNIT: "a/1",
    },
  ],
  [
    "friends-relation-created",
    relation({ kind: "relation-created", remoteUnit: "" }),
    { JUJU_RELATION: "friends", JUJU_RELATION_ID: "friends:0", JUJU_REMOTE_APP: "a", JUJU_REMOTE_UNIT: "" },
  ],
  [
    "friends-relation-departed",
    relation({ kind: "relation-departed", departingUnit: "a/0" }),
    {
      JUJU_RELATION: "friends",
      JUJU_RELATION_ID: "friends:0",
      JUJU_REMOTE_APP: "a",
      JUJU_REMOTE_UNIT: "a/1",
      JUJU_DEPARTING_UNIT: "a/0",
    },
  ],
  [
    "data-storage-attached",
    { kind: "storage-attached", storage: "data/0" },
    { JUJU_STORAGE_ID: "data/0", JUJU_STORAGE_LOCATION: "/srv/data", JUJU_STORAGE_KIND: "filesystem" },
  ],
  [
    "secret-changed",
    { kind: "secret-changed", ...secret },
    { JUJU_SECRET_ID: "secret://m/s", JUJU_SECRET_LABEL: "mine" },
  ],
  [
    "secret-remove",
    { kind: "secret-remove", ...secret },
    { JUJU_SECRET_ID: "secret://m/s", JUJU_SECRET_LABEL: "mine", JUJU_SECRET_REVISION: "2" },
  ],
])("%s adds its own variables", (name, hook, variables) => {
  const scope = "relation" in hook ? hook : null;
  expect(added({ hook, scope })).toEqual({
    JUJU_HOOK_NAME: name,
    JUJU_DISPATCH_PATH: `hooks/${name}`,
    ...variables,
  });
});

test("an action has an empty hook name and its own three", () => {
  expect(added({ task: task ?? null })).toEqual({
    JUJU_HOOK_NAME: "",
    JUJU_DISPATCH_PATH: "actions/backup",
    JUJU_ACTION_NAME: "backup",
    JUJU_ACTION_UUID: task?.id,
    JUJU_ACTION_TAG: `action-${task?.id}`,
  });
});

test("a command line has no dispatch path", () => {
  expect(environment({})).not.toHaveProperty("JUJU_DISPATCH_PATH");
  expect(environment({})["JUJU_HOOK_NAME"]).toBe("");
});
