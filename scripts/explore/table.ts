// The result of a search for people, in 80 columns.
import { invariants } from "../../tests/explore/invariants.ts";
import type { Explored } from "./exploration.ts";

const WIDTH = 80;

/** What was searched, each invariant with what was found, and the stories of what was. */
export function table(explored: Explored): string {
  const { violations, exhaustiveDepth, seed } = explored;
  const depth = exhaustiveDepth < 0 ? "none" : `all with ${exhaustiveDepth} surprises`;
  const counts = [
    ["states", explored.states],
    ["states per second", explored.statesPerSecond],
    ["moves", explored.moves],
    ["stories", explored.stories],
    ["stories followed", depth],
    ["seconds", explored.seconds],
    ["seed", seed],
  ] as const;
  const held = invariants.map((name, at) => {
    const broken = violations.filter(({ invariant }) => invariant === name).length;
    return [`${at + 1} ${name}`, broken === 0 ? "holds" : `BROKEN in ${broken} stories`] as const;
  });
  const rows = [...counts, ...held].map(([name, value]) => `${name.padEnd(30)}${value}\n`);
  return [...rows, ...violations.map(storyOf)].join("");
}

function storyOf({ invariant, what, journey, story }: Explored["violations"][number]): string {
  const sentences = story.map((sentence, at) => wrapped(`${String(at + 1).padStart(3)}. ${sentence}`));
  return `\n${invariant}: ${what}\nWhere ${journey}:\n${sentences.join("")}`;
}

function wrapped(text: string): string {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + word.length + 1 > WIDTH) {
      lines.push(line);
      line = "    ";
    }
    line = line === "" ? word : `${line} ${word}`;
  }
  return `${[...lines, line].join("\n")}\n`;
}
