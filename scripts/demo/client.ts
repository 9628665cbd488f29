// The demo's end of the client that writes rows: starts it on a machine of the sandbox and talks with it.
import type { Sandbox } from "../../sandbox/client.ts";
import { INSIDE_NODE, INSIDE_PROJECT } from "../../sandbox/machine/machine.ts";
import type { Answer, Count, Mark, Request } from "./writer.ts";

export type { Count, Mark } from "./writer.ts";

/** Where the client runs, and what it needs to begin. */
export interface ClientPlace {
  readonly model: string;
  readonly unit: string;
  /** Addresses among which it looks for the one that takes writes. */
  readonly servers: readonly string[];
  /** An account that may create databases and users. */
  readonly user: string;
  readonly password: string;
}

interface Awaited {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: Error) => void;
}

/** A client that writes rows 1, 2, 3, … without a break, until it is stopped. */
export class RowClient {
  readonly #awaited: Awaited[] = [];
  readonly #hangUp = new AbortController();
  #type: (data: Buffer | null) => void = () => {};
  #ended: Error | undefined;

  /** Starts it; resolves when its table is there and rows flow. */
  static async start(sandbox: Sandbox, place: ClientPlace): Promise<RowClient> {
    const client = new RowClient(sandbox, place);
    await client.#answer();
    const { servers, user, password } = place;
    await client.#ask({ verb: "prepare", servers, user, password });
    return client;
  }

  private constructor(sandbox: Sandbox, { model, unit }: ClientPlace) {
    const program = `exec ${INSIDE_NODE} ${INSIDE_PROJECT}/scripts/demo/writer.ts`;
    let rest = "";
    const run = sandbox.juju(["ssh", "-m", model, unit, program], {
      signal: this.#hangUp.signal,
      input: (listener) => {
        this.#type = listener;
      },
      onOut: (text) => {
        const lines = (rest + text).split("\n");
        rest = lines.pop() ?? "";
        for (const line of lines) this.#hear(JSON.parse(line) as Answer);
      },
    });
    void run.then(
      ({ code, stderr }) => this.#fail(new Error(`the client on ${unit} exited ${code}: ${stderr.trim()}`)),
      (error: unknown) => this.#fail(error instanceof Error ? error : new Error(String(error))),
    );
  }

  /** How far it is. */
  async look(): Promise<Mark> {
    return markOf(await this.#ask({ verb: "look" }));
  }

  /** Likewise; from here on pauses are measured anew. */
  async mark(): Promise<Mark> {
    return markOf(await this.#ask({ verb: "mark" }));
  }

  /** From now on it looks for the writable server among these, and counts rows on them. */
  async useServers(servers: readonly string[]): Promise<void> {
    await this.#ask({ verb: "servers", servers });
  }

  /** The rows on every server. */
  async counts(): Promise<readonly Count[]> {
    const answer = await this.#ask({ verb: "count" });
    return "counts" in answer ? answer.counts : [];
  }

  /** Writes no more; it can still count. Returns how many rows were acknowledged. */
  async stop(): Promise<number> {
    return markOf(await this.#ask({ verb: "stop" })).acknowledged;
  }

  /** Ends it at once. */
  end(): void {
    this.#hangUp.abort();
  }

  #ask(request: Request): Promise<Answer> {
    this.#type(Buffer.from(`${JSON.stringify(request)}\n`));
    return this.#answer();
  }

  /** The next thing it says. */
  #answer(): Promise<Answer> {
    if (this.#ended !== undefined) return Promise.reject(this.#ended);
    return new Promise((resolve, reject) => this.#awaited.push({ resolve, reject }));
  }

  #hear(answer: Answer): void {
    if ("failed" in answer) this.#fail(new Error(`the client failed: ${answer.failed}`));
    else this.#awaited.shift()?.resolve(answer);
  }

  #fail(error: Error): void {
    this.#ended ??= error;
    for (const { reject } of this.#awaited.splice(0)) reject(this.#ended);
  }
}

function markOf(answer: Answer): Mark {
  if ("mark" in answer) return answer.mark;
  throw new Error("the client gave another answer than was asked for");
}
