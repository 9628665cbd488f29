import { defineConfig } from "vitest/config";

// Namespaces and real servers take their time on a busy machine: the limit is for what hangs.
const unit = (name: string) => ({
  test: { name, include: [`tests/${name}/**/*.test.ts`], testTimeout: 60_000, hookTimeout: 120_000 },
});

/** After all others, and two at a time: most of theirs is waiting for servers. */
const last = (name: string) => ({
  test: {
    name,
    include: [`tests/${name}/**/*.test.ts`],
    sequence: { groupOrder: 1 },
    testTimeout: 600_000,
    hookTimeout: 600_000,
  },
});

export default defineConfig({
  test: {
    maxWorkers: 2,
    projects: [
      unit("lib"),
      unit("src"),
      // What is tried at random has a limit of its own.
      { test: { name: "fuzz", include: ["tests/fuzz/**/*.test.ts"], testTimeout: 600_000 } },
      unit("sandbox"),
      unit("examples"),
      { test: { name: "guestbook", include: ["examples/*/tests/*.test.ts"] } },
      unit("contract"),
      { test: { ...unit("explore").test, testTimeout: 600_000 } },
      unit("bench"),
      unit("pack"),
      unit("crash-matrix"),
      last("docs"),
      last("stories"),
    ],
  },
});
