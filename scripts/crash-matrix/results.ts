// What was tried so far, on disk: one JSON line for each undisturbed journey and each point, in a file of this build of the charm.
import { createHash } from "node:crypto";
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import type { Reference } from "./play.ts";

/** What came of one point. `missed`: its run ended before the n-th effect, so that nobody was struck. */
export interface Tried {
  readonly point: string;
  readonly kind: "converged" | "failed" | "missed";
  /** From the strike until all was as after the undisturbed journey. */
  readonly seconds: number;
  /** The effect that was struck, as the log has it. */
  readonly struck: string;
  readonly differs: readonly string[];
  /** Other points that were struck in the same journey, each in another run. */
  readonly together: readonly string[];
}

type Line = { readonly tried: Tried } | { readonly journey: string; readonly reference: Reference };

export class Results {
  readonly build: string;
  readonly folder: string;
  readonly #file: string;
  readonly #references = new Map<string, Reference>();
  readonly #tried = new Map<string, Tried>();

  /** Goes on where an earlier run with this build stopped. */
  constructor(build: string) {
    this.build = build;
    this.folder = join(stateHome(), "mysql-charm", "crash-matrix", build);
    this.#file = join(this.folder, "results.jsonl");
    mkdirSync(this.folder, { recursive: true, mode: 0o700 });
    if (!existsSync(this.#file)) return;
    for (const text of readFileSync(this.#file, "utf8").split("\n")) this.#take(text);
  }

  reference(journey: string): Reference | undefined {
    return this.#references.get(journey);
  }

  tried(point: string): Tried | undefined {
    return this.#tried.get(point);
  }

  /** Points that converge alone and not with each other. */
  failedTogether(journey: string): readonly Tried[] {
    return [...this.#tried.values()].filter(
      ({ point }) => point.startsWith(`${journey}/`) && point.includes("+"),
    );
  }

  addReference(journey: string, reference: Reference): void {
    this.#add({ journey, reference });
  }

  addTried(tried: Tried): void {
    this.#add({ tried });
  }

  forget(): void {
    rmSync(this.folder, { recursive: true });
    mkdirSync(this.folder, { recursive: true, mode: 0o700 });
    this.#references.clear();
    this.#tried.clear();
  }

  #add(line: Line): void {
    const text = JSON.stringify(line);
    appendFileSync(this.#file, `${text}\n`);
    this.#take(text);
  }

  /** The last line may be half a line of a run that was killed. */
  #take(text: string): void {
    let line: Line;
    try {
      line = JSON.parse(text) as Line;
    } catch {
      return;
    }
    if ("tried" in line) this.#tried.set(line.tried.point, line.tried);
    else this.#references.set(line.journey, line.reference);
  }
}

/** The same for the same code, wherever it was built. */
export async function buildHash(charm: string): Promise<string> {
  const hash = createHash("sha256");
  const folder = join(charm, "dist");
  const files = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((file) =>
    file.isFile(),
  );
  for (const path of files.map((file) => join(file.parentPath, file.name)).sort())
    hash.update(`${path.slice(folder.length)}\n`).update(await readFile(path));
  return hash.digest("hex").slice(0, 12);
}

function stateHome(): string {
  const configured = process.env["XDG_STATE_HOME"];
  return configured === undefined || configured === "" ? join(homedir(), ".local", "state") : configured;
}
