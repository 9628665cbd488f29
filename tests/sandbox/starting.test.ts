import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { openSandbox, removeSandbox } from "../../sandbox/client.ts";

let home = "";
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "sandbox-starting-"));
  vi.stubEnv("XDG_STATE_HOME", home);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(home, { recursive: true });
});

test("a sandbox that is being destroyed is not started again; destroying it once more ends it", async () => {
  const folder = join(home, "juju-sandbox", "ending");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "ending"), "");
  await expect(openSandbox("ending")).rejects.toThrow("run destroy once more");
  expect(await removeSandbox("ending")).toBe(true);
  expect(existsSync(folder)).toBe(false);
});
