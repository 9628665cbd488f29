// The tutorial, done as it says: in a copy of this repository its files are written and its commands run, one after the other.
import { spawnSync } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

const root = join(import.meta.dirname, "..", "..");
const example = "examples/guestbook";
const copied = ["lib", "src", "sandbox", "scripts", "examples", "package.json", "tsconfig.json", "dispatch"];
const document = readFileSync(join(root, "docs", "framework", "tutorial.md"), "utf8");

interface Block {
  readonly language: string;
  /** The file whose content it is. */
  readonly file: string;
  readonly text: string;
}

const blocks: readonly Block[] = [...document.matchAll(/^```(\w+) ?(\S*)\n(.*?)^```$/gms)].map(
  ([, language = "", file = "", text = ""]) => ({ language, file, text }),
);

let clone = "";

beforeAll(() => {
  clone = mkdtempSync(join(tmpdir(), "tutorial-"));
  for (const name of copied) cpSync(join(root, name), join(clone, name), { recursive: true });
  symlinkSync(join(root, "node_modules"), join(clone, "node_modules"));
});

afterAll(() => {
  run("npx sandbox destroy");
  rmSync(clone, { recursive: true, force: true });
});

const environment = {
  ...process.env,
  JUJU_SANDBOX: `tutorial-${process.pid}`,
  PATH: `${dirname(process.execPath)}:${process.env["PATH"] ?? ""}`,
  npm_config_update_notifier: "false",
};

function run(command: string): {
  readonly code: number | null;
  readonly stdout: string;
  readonly told: string;
} {
  const env = { ...environment, XDG_STATE_HOME: join(clone, "state") };
  const { status, stdout, stderr } = spawnSync("sh", ["-c", command], {
    cwd: clone,
    env,
    encoding: "utf8",
    timeout: 120_000,
  });
  return { code: status, stdout, told: `${command}\n${stdout}${stderr}` };
}

test("its files are those of the example, and none is missing", () => {
  const shown = blocks.filter(({ file }) => file !== "");
  for (const { file, text } of shown) {
    expect(text, file).toBe(readFileSync(join(root, file.replace("charms/guestbook", example)), "utf8"));
  }
  const own = readdirSync(join(root, example), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.parentPath.endsWith("generated"))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)));
  expect(shown.map(({ file }) => file.replace("charms/guestbook", example)).sort()).toEqual(own.sort());
});

test("its commands do what it says", () => {
  let printed = "";
  for (const { language, file, text } of blocks) {
    if (file !== "") {
      mkdirSync(dirname(join(clone, file)), { recursive: true });
      writeFileSync(join(clone, file), text);
    } else if (language === "sh") {
      for (const command of text.trim().split("\n")) {
        const { code, stdout, told } = run(command);
        expect(code, told).toBe(0);
        printed = stdout;
      }
    } else {
      expect(printed.trim(), "what the command before this block printed").toBe(text.trim());
    }
  }
}, 300_000);
