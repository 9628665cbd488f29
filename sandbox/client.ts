// A sandbox for programs: stories, the demo and the command line itself. Verbs without a process each, and the status as it changes.
import { existsSync } from "node:fs";
import type { Socket } from "node:net";
import { createInterface } from "node:readline";
import { type FromController, onMessages, send } from "./protocol.ts";
import { destroySandbox, reachController, type StartOptions } from "./starting.ts";
import { type StateFolder, stateFolder } from "./state-folder.ts";
import type { StatusJson } from "./status/shape.ts";

export type { StatusJson, UnitJson } from "./status/shape.ts";

export interface VerbResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface VerbOptions {
  /** For relative paths; the program's own when absent. */
  readonly cwd?: string;
  readonly color?: boolean;
  readonly isTerminal?: boolean;
  /** Characters in a line of the terminal: wider tables are folded. */
  readonly columns?: number | undefined;
  readonly onOut?: (text: string) => void;
  readonly onErr?: (text: string) => void;
  /** Gives what is typed, null at its end. */
  readonly input?: (listener: (data: Buffer | null) => void) => void;
  readonly signal?: AbortSignal;
}

export interface WaitOptions {
  /** The model to look at; the current one has to be named too. */
  readonly model: string;
  readonly timeoutMs: number;
  /** Called with every status that is looked at. */
  readonly onChange?: (status: StatusJson) => void;
}

export interface OpenOptions extends StartOptions {
  /** Told what is being done while the sandbox starts. */
  readonly progress?: (text: string) => void;
}

/** The wait is over and the condition did not hold. */
export class WaitTimeout extends Error {
  override readonly name = "WaitTimeout";
  readonly status: StatusJson | undefined;
  constructor(message: string, status: StatusJson | undefined) {
    super(message);
    this.status = status;
  }
}

/** Opens a sandbox by its name, starting it when it does not run. */
export async function openSandbox(name?: string, options: OpenOptions = {}): Promise<Sandbox> {
  const folder = stateFolder(name);
  const progress = options.progress ?? (() => {});
  const socket = await reachController(folder, progress, options);
  socket.destroy();
  return new Sandbox(folder, progress);
}

export class Sandbox {
  readonly #folder: StateFolder;
  readonly #progress: (text: string) => void;

  constructor(folder: StateFolder, progress: (text: string) => void) {
    this.#folder = folder;
    this.#progress = progress;
  }

  /** The folder that holds everything of the sandbox. */
  get folder(): string {
    return this.#folder.path;
  }

  /** Carries out a verb as the command line does: `juju(["status", "--format", "json"])`. Never throws on exit codes. */
  async juju(argv: readonly string[], options: VerbOptions = {}): Promise<VerbResult> {
    for (let attempt = 1; ; attempt++) {
      const socket = await reachController(this.#folder, this.#progress);
      const result = await carryOut(socket, argv, options);
      if (result !== "not begun") return result;
      // That controller was just being killed; its successor has not seen the verb.
      if (attempt === 3) throw new Error("the sandbox's controller ends as soon as it is asked something");
    }
  }

  /** Like juju, and throws an error with what was printed unless the exit code is 0. Returns standard output. */
  async mustJuju(argv: readonly string[], options: VerbOptions = {}): Promise<string> {
    const { code, stdout, stderr } = await this.juju(argv, options);
    if (code === 0) return stdout;
    throw new Error(`sandbox ${argv.join(" ")} exited ${code}: ${stderr.trim()}`);
  }

  /** The status of a model. Throws when there is none of that name. */
  async status(model: string): Promise<StatusJson> {
    return JSON.parse(await this.mustJuju(["status", "-m", model, "--format", "json"])) as StatusJson;
  }

  /**
   * Waits until a condition on a model's status holds, looking whenever something changes, and returns that status.
   * @throws WaitTimeout with the last status seen.
   */
  async waitFor(holds: (status: StatusJson) => boolean, options: WaitOptions): Promise<StatusJson> {
    const deadline = AbortSignal.timeout(options.timeoutMs);
    let last: StatusJson | undefined;
    while (!deadline.aborted) {
      // A controller that was killed is started again; a sandbox that was destroyed is not.
      if (!existsSync(this.#folder.path)) throw new WaitTimeout("the sandbox was destroyed", last);
      const socket = await reachController(this.#folder, this.#progress);
      for await (const status of statuses(socket, options.model, deadline)) {
        last = status;
        options.onChange?.(status);
        if (holds(status)) return status;
      }
    }
    const seconds = options.timeoutMs / 1000;
    throw new WaitTimeout(
      `the condition did not hold within ${seconds} s in model ${options.model}: ${summary(last)}`,
      last,
    );
  }

  /** Ends the sandbox and leaves nothing of it. */
  async destroy(): Promise<void> {
    await destroySandbox(this.#folder);
  }
}

/** Removes a sandbox that may or may not exist or run. True when there was one. */
export async function removeSandbox(name?: string): Promise<boolean> {
  return await destroySandbox(stateFolder(name));
}

const RUDE_ENDS: ReadonlySet<unknown> = new Set(["ECONNRESET", "EPIPE"]);

/** A model's status now and after every change, until the controller ends or the deadline comes. */
async function* statuses(socket: Socket, model: string, deadline: AbortSignal): AsyncGenerator<StatusJson> {
  const end = (): void => void socket.destroy();
  const lines = createInterface({ input: socket });
  deadline.addEventListener("abort", end);
  socket.on("error", end).once("close", () => lines.close());
  send(socket, { type: "watch", model });
  try {
    for await (const line of lines) {
      const message = JSON.parse(line) as FromController;
      if (message.type === "status" && message.status !== null) yield message.status;
    }
  } catch (error) {
    // A controller that was killed ends the connection rudely, be it read or written to.
    if (!(error instanceof Error && "code" in error && RUDE_ENDS.has(error.code))) throw error;
  } finally {
    deadline.removeEventListener("abort", end);
    socket.destroy();
  }
}

/** Has one verb carried out over a fresh connection. */
function carryOut(
  socket: Socket,
  argv: readonly string[],
  options: VerbOptions,
): Promise<VerbResult | "not begun"> {
  let begun = false;
  const text = { stdout: "", stderr: "" };
  return new Promise((resolve) => {
    const end = (code: number): void => {
      socket.destroy();
      resolve({ code, ...text });
    };
    options.signal?.addEventListener("abort", () => end(130));
    socket.on("error", () => socket.destroy());
    socket.on("close", () => {
      text.stderr += "ERROR the sandbox ended before it answered\n";
      resolve(begun ? { code: 1, ...text } : "not begun");
    });
    onMessages<FromController>(socket, (message) => {
      if (message.type === "begun") begun = true;
      else if (message.type === "out") {
        text.stdout += message.data;
        options.onOut?.(message.data);
      } else if (message.type === "err") {
        text.stderr += message.data;
        options.onErr?.(message.data);
      } else if (message.type === "exit") end(message.code);
    });
    const { cwd = process.cwd(), color = false, isTerminal = false, columns } = options;
    const width = columns === undefined ? {} : { columns };
    send(socket, { type: "verb", argv, cwd, color, isTerminal, ...width });
    options.input?.((data) =>
      send(socket, { type: "input", data: data === null ? null : data.toString("base64") }),
    );
  });
}

function summary(status: StatusJson | undefined): string {
  if (status === undefined) return "there is no such model";
  const units = Object.values(status.applications).flatMap((application) =>
    Object.entries(application.units ?? {}),
  );
  return units
    .map(([name, unit]) => {
      const { current, message = "" } = unit["workload-status"];
      return `${name} ${current}${message === "" ? "" : ` (${message})`}, agent ${unit["juju-status"].current}`;
    })
    .join("; ");
}
