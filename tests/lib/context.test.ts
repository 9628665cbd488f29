import { expect, test } from "vitest";
import { environmentOutsideHook } from "../../lib/context.ts";
import { readContext } from "../../lib/index.ts";
import { hookEnvironment } from "./support/charm.ts";

test("the environment becomes a frozen context", () => {
  const context = readContext(hookEnvironment("install"));
  expect(context).toEqual({
    unit: "db/1",
    app: "db",
    unitNumber: 1,
    modelName: "rome",
    modelUuid: "11111111-2222-4333-8444-555555555555",
    jujuVersion: "3.6.1",
    machineId: "4",
    charmDir: "/var/lib/juju/agents/unit-db-1/charm",
    dispatchPath: "hooks/install",
    contextId: "db/1-install-abc",
    principalUnit: "",
    availabilityZone: "",
    debugAt: "",
  });
  expect(Object.isFrozen(context)).toBe(true);
});

test.each([
  "JUJU_UNIT_NAME",
  "JUJU_MODEL_NAME",
  "JUJU_MODEL_UUID",
  "JUJU_CHARM_DIR",
  "JUJU_DISPATCH_PATH",
  "JUJU_CONTEXT_ID",
])("%s is named when it is missing or empty", (name) => {
  expect(() => readContext({ ...hookEnvironment("install"), [name]: undefined })).toThrow(name);
  expect(() => readContext({ ...hookEnvironment("install"), [name]: "" })).toThrow(name);
});

test("what Juju may leave out is empty", () => {
  const context = readContext({
    ...hookEnvironment("install"),
    JUJU_VERSION: undefined,
    JUJU_MACHINE_ID: undefined,
  });
  expect(context).toMatchObject({ jujuVersion: "", machineId: "" });
});

test.each(["db", "db/", "db/01", "/1", "DB/1", "db/1x"])("%s is no unit", (unit) => {
  expect(() => readContext({ ...hookEnvironment("install"), JUJU_UNIT_NAME: unit })).toThrow(unit);
});

test("nothing that binds to the running hook is handed on", () => {
  const env = { PATH: "/bin", JUJU_CONTEXT_ID: "x", JUJU_AGENT_SOCKET_ADDRESS: "y", EMPTY: undefined };
  expect(environmentOutsideHook(env)).toEqual({ PATH: "/bin" });
});
