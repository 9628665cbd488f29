// Documents whose commands are run as they stand: blocks marked `sh run`, and what they print, marked `text output`.
import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { removeSandbox } from "../../sandbox/client.ts";
import { chapters, storiesHome } from "./story.ts";

const root = join(import.meta.dirname, "..", "..");

interface Block {
  /** Number of the line that opens it, from 1. */
  readonly line: number;
  readonly kind: string;
  readonly text: string;
}

/** All fenced blocks of a document, in order. */
export function blocksOf(document: string): readonly Block[] {
  const blocks: Block[] = [];
  let open: { line: number; kind: string; lines: string[] } | undefined;
  for (const [at, line] of document.split("\n").entries()) {
    const fence = /^```(.*)$/.exec(line);
    if (fence === null) open?.lines.push(line);
    else if (open === undefined) open = { line: at + 1, kind: (fence[1] ?? "").trim(), lines: [] };
    else {
      blocks.push({ line: open.line, kind: open.kind, text: open.lines.join("\n") });
      open = undefined;
    }
  }
  if (open !== undefined) throw new Error(`the block of line ${open.line} is not closed`);
  return blocks;
}

/**
 * The first line of an expected output that does not occur, in order, in what was printed; undefined when all do. `…` stands for
 * any text, and the width of gaps does not matter.
 */
export function missingLine(expected: string, printed: string): string | undefined {
  const lines = printed.split("\n");
  let from = 0;
  for (const line of expected.split("\n").filter((each) => each.trim() !== "")) {
    const at = lines.findIndex((each, n) => n >= from && patternOf(line).test(each));
    if (at < 0) return line;
    from = at + 1;
  }
  return undefined;
}

function patternOf(line: string): RegExp {
  const literal = line.trim().replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`^\\s*${literal.replaceAll("…", ".*").replace(/\s+/g, "\\s+")}\\s*$`);
}

/** Makes a test of every block that a document says to run, in a sandbox of the document's own; `-n <units>` where they are too many. */
export async function documentTest(path: string, units?: number): Promise<void> {
  const text = await readFile(join(root, path), "utf8");
  const blocks = blocksOf(units === undefined ? text : text.replaceAll(/ -n \d+\b/g, ` -n ${units}`));
  const sandbox = `docs-${path
    .replace(/\.md$/, "")
    .replace(/[^a-z0-9]+/gi, "-")
    .toLowerCase()
    .slice(-34)}`;
  describe(path, () => {
    chapters();
    beforeAll(() => {
      process.env["XDG_STATE_HOME"] = storiesHome;
      return removeSandbox(sandbox).then(() => undefined);
    });
    afterAll(() => removeSandbox(sandbox).then(() => undefined));
    for (const [at, block] of blocks.entries()) {
      if (block.kind !== "sh run") continue;
      const next = blocks[at + 1];
      it(`line ${block.line}: ${block.text.split("\n")[0]}`, async () => {
        const { code, printed } = await run(block.text, sandbox);
        expect(code, printed).toBe(0);
        if (next?.kind === "text output") expect(missingLine(next.text, printed), printed).toBeUndefined();
      });
    }
  });
}

function run(script: string, sandbox: string): Promise<{ readonly code: number; readonly printed: string }> {
  const child = spawn("bash", ["-eu", "-o", "pipefail", "-c", script], {
    cwd: root,
    env: { ...process.env, JUJU_SANDBOX: sandbox, NO_COLOR: "1" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const chunks: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => chunks.push(chunk));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) =>
      resolve({ code: code ?? -1, printed: Buffer.concat(chunks).toString("utf8") }),
    );
  });
}
