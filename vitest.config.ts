import { defineConfig } from "vitest/config";

// Namespaces and real servers take their time on a busy machine: the limit is for what hangs.
const unit = (name: string) => ({
  test: { name, include: [`tests/${name}/**/*.test.ts`], testTimeout: 60_000, hookTimeout: 120_000 },
});

/** One by one, and after all others: their servers need the whole machine. */
const alone = (name: string) => ({
  test: {
    name,
    include: [`tests/${name}/**/*.test.ts`],
    fileParallelism: false,
    testTimeout: 600_000,
    hookTimeout: 600_000,
  },
});

export default defineConfig({
  test: {
    projects: [
      unit("lib"),
      unit("src"),
      unit("sandbox"),
      unit("examples"),
      { test: { name: "guestbook", include: ["examples/*/tests/*.test.ts"] } },
      unit("contract"),
      unit("bench"),
      unit("pack"),
      alone("docs"),
      alone("stories"),
    ],
  },
});
