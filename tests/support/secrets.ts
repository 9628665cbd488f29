// Looks for every secret of a story, in every spelling, in everything that the story printed, wrote to disk and started.
import { spawn } from "node:child_process";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Sandbox } from "../../sandbox/client.ts";

/** Where a secret may be, and why. Everything else on any machine's disk, and of the controller, is searched. */
const ALLOWED: readonly (readonly [place: RegExp, why: string])[] = [
  [/^state\.json$/, "what Juju's controller keeps: the secrets themselves, and what get-password answered"],
  [/^machines\/[^/]+\/root\/var\/log\/starts$/, "the record of what was started: searched by itself"],
];
/** The variable that MySQL Shell takes its password from; those that may read it are root and the program itself. */
const ALLOWED_VARIABLE = "MYSQL_PWD";
/** Juju takes the results of an action as arguments only; the one of get-password is a password. */
const ALLOWED_ACTION = "JUJU_ACTION_NAME=get-password";
const STARTS = "root/var/log/starts";

export class StorySecrets {
  readonly #sandbox: Sandbox;
  readonly #known = new Set<string>();

  private constructor(sandbox: Sandbox) {
    this.#sandbox = sandbox;
  }

  /** To be called before there are machines: they record what is started on them. */
  static async begin(sandbox: Sandbox): Promise<StorySecrets> {
    await writeFile(join(sandbox.folder, "record-starts"), "");
    return new StorySecrets(sandbox);
  }

  /** Takes note of what is a secret now; one that is replaced later was one all the same. */
  async gather(): Promise<number> {
    const note = (key: string, value: unknown): unknown => {
      // Juju keeps the fields of secrets in base64.
      if (typeof value === "string" && key.endsWith("-password"))
        this.#known.add(Buffer.from(value, "base64").toString());
      return value;
    };
    JSON.parse(await readFile(join(this.#sandbox.folder, "state.json"), "utf8"), note);
    return this.#known.size;
  }

  /** Files that hold one and may not. The state is always among those that hold one: without it nothing was searched. */
  async onDisk(): Promise<readonly string[]> {
    const found = await filesWith(this.#sandbox.folder, this.#spellings());
    if (!found.includes("state.json")) throw new Error("the search does not find what is there");
    return found.filter((path) => !ALLOWED.some(([place]) => place.test(path)));
  }

  /** Whether what was printed holds one. */
  isIn(text: string): boolean {
    return isAnyIn(this.#spellings(), text);
  }

  /** Programs that were given one in an argument, or in another variable than the one for it; and how many were started. */
  async inPrograms(): Promise<Starts> {
    const folder = join(this.#sandbox.folder, "machines");
    const texts = this.#spellings();
    const told: string[] = [];
    let [started, entrusted] = [0, 0];
    for (const machine of await readdir(folder)) {
      for (const line of (await readFile(join(folder, machine, STARTS), "utf8")).trimEnd().split("\n")) {
        const [argv = [], env = []] = line.split(" ").map((all) => all.split(",").map(fromHex));
        started += 1;
        if (!isAnyIn(texts, [...argv, ...env].join("\n"))) continue;
        const variables = env.filter((each) => isAnyIn(texts, each)).map((each) => each.split("=")[0] ?? "");
        if (variables.includes(ALLOWED_VARIABLE)) entrusted += 1;
        const others = variables.filter((name) => name !== ALLOWED_VARIABLE);
        const isAnswer = argv[0] === "action-set" && env.includes(ALLOWED_ACTION);
        const isTold = !isAnswer && isAnyIn(texts, argv.join("\n"));
        if (others.length > 0 || isTold) told.push(`${machine}: ${argv[0]} ${others}`);
      }
    }
    return { told, started, entrusted };
  }

  #spellings(): readonly string[] {
    return [...new Set([...this.#known].flatMap(spellings))];
  }
}

interface Starts {
  readonly told: readonly string[];
  readonly started: number;
  /** Programs that were given one where they may be. */
  readonly entrusted: number;
}

const isAnyIn = (texts: readonly string[], text: string): boolean =>
  texts.some((each) => text.includes(each));

const fromHex = (hex: string): string => Buffer.from(hex, "hex").toString();

/** As it is, and as programs write it. In base64 it may begin at any of three places of a longer text. */
function spellings(secret: string): readonly string[] {
  const bytes = Buffer.from(secret);
  const base64 = [0, 1, 2].map((before) => {
    const text = Buffer.concat([Buffer.alloc(before), bytes]).toString("base64");
    return text.slice(Math.ceil((before * 8) / 6), Math.floor(((before + bytes.length) * 8) / 6));
  });
  return [
    secret,
    ...base64,
    ...base64.map((text) => text.replaceAll("+", "-").replaceAll("/", "_")),
    bytes.toString("hex"),
    bytes.toString("hex").toUpperCase(),
    encodeURIComponent(secret),
    JSON.stringify(secret).slice(1, -1),
    JSON.stringify(JSON.stringify(secret)).slice(3, -3),
    secret.replaceAll("'", "''"),
    secret.replaceAll(/['"\\]/g, "\\$&"),
    secret.replaceAll("&", "&amp;"),
    secret.replaceAll("&", "\\u0026").replaceAll("<", "\\u003c").replaceAll(">", "\\u003e"),
  ];
}

/** Paths, below the folder, of the files in which one of the texts is found. */
async function filesWith(folder: string, texts: readonly string[]): Promise<readonly string[]> {
  // The texts go by its input: they are secrets.
  const child = spawn("grep", ["-r", "-a", "-l", "-F", "-D", "skip", "-f", "-", "."], {
    cwd: folder,
    env: { LC_ALL: "C", PATH: process.env["PATH"] ?? "" },
    stdio: ["pipe", "pipe", "ignore"],
  });
  const chunks: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
  child.stdin.end(`${texts.join("\n")}\n`);
  await new Promise((resolve) => child.once("close", resolve));
  const lines = Buffer.concat(chunks).toString().split("\n");
  return lines.filter((line) => line !== "").map((line) => line.replace(/^\.\//, ""));
}
