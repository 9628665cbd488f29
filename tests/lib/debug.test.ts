import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { breakpoints } from "../../lib/debug.ts";
import { realProcesses } from "../../lib/index.ts";
import { hookEnvironment } from "./support/charm.ts";
import { eventually } from "./support/programs.ts";

test("nothing stops where nobody asked for it", async () => {
  for (const debugAt of ["", "other", "hooked"]) await breakpoints(debugAt)("hook");
});

test.each(["all", "", "Hook", "a_b", "-a"])('"%s" is no name of a breakpoint', async (name) => {
  await expect(breakpoints("")(name)).rejects.toThrow("no name of a breakpoint");
});

interface Message {
  readonly method?: string;
  readonly id?: number;
  readonly params?: { readonly callFrames?: readonly unknown[] };
}

test("JUJU_DEBUG_AT=hook waits for a debugger before the handler, stops, and goes on", async () => {
  const output: string[] = [];
  const run = realProcesses().run([process.execPath, join(import.meta.dirname, "support", "debugged.ts")], {
    env: definedOnly(hookEnvironment("install", { JUJU_DEBUG_AT: "hook" })),
    timeoutMs: 30_000,
    onOutput: (chunk) => void output.push(chunk.toString()),
  });
  const address = await eventually("the debugger's address", async () =>
    /ws:\/\/127\.0\.0\.1:\d+\/\S+/.exec(output.join(""))?.at(0),
  );
  expect(output.join("")).not.toContain("handled");
  const socket = new WebSocket(address);
  onTestFinished(() => socket.close());
  let stops = 0;
  let id = 0;
  const send = (method: string): void => socket.send(JSON.stringify({ id: ++id, method }));
  socket.addEventListener("open", () => {
    for (const method of ["Runtime.enable", "Debugger.enable", "Runtime.runIfWaitingForDebugger"])
      send(method);
  });
  socket.addEventListener("message", ({ data }) => {
    const { method } = JSON.parse(String(data)) as Message;
    if (method !== "Debugger.paused") return;
    stops += 1;
    send("Debugger.resume");
  });
  await eventually("the handler", async () => (output.join("").includes("handled") ? true : undefined));
  socket.close();
  expect((await run).code).toBe(0);
  expect(stops).toBeGreaterThan(0);
});

function definedOnly(env: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
