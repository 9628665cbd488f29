// A run of moves as sentences that a person reads.
import type { Rules } from "./dispatch.ts";
import { type Happened, type Move, make } from "./moves.ts";
import { describeOrder } from "./operator.ts";
import type { ExploreState } from "./state.ts";

/** One move in words, with what came of it. */
export function sentence(move: Move, { ran, note, state }: Happened): string {
  switch (move.do) {
    case "step": {
      if (ran === undefined) return `${move.unit} has nothing to run any more`;
      const shown = ran.refusal === "" ? statusOf(state, move.unit) : ` → refused: ${ran.refusal}`;
      return `${move.unit} runs ${ran.what}${endOf(ran.end)}${effectsOf(ran.effects)}${shown}`;
    }
    case "kill": {
      const last = ran?.effects.at(-1);
      const when = last === undefined ? "before it did anything" : `right after ${last}`;
      const power = move.power === true ? ", and its machine loses power" : "";
      return `${move.unit} runs ${ran?.what ?? ""} and is killed ${when}${power}`;
    }
    case "refuse-flush":
      return `${move.unit} runs ${ran?.what ?? ""}, and Juju refuses what it wrote`;
    case "retry":
      return `Juju runs the failed hook of ${move.unit} again`;
    case "tick":
      return `update-status of ${move.unit} is due`;
    case "lead":
      return `${move.unit} becomes the leader`;
    case "power-off":
      return `the machine of ${move.unit} loses power`;
    case "power-on":
      return `the machine of ${move.unit} boots again`;
    case "cut":
      return `the network between ${move.sites.join(" and ")} is cut`;
    case "heal":
      return `the network between ${move.sites.join(" and ")} is whole again`;
    case "write":
      return `a client writes ${note} to ${move.host}, which acknowledges it`;
    case "natural":
      return move.name;
    case "time":
      return "time passes: update-status is due everywhere";
    default:
      return describeOrder(move);
  }
}

function endOf(end: "done" | "failed" | "refused" | "killed"): string {
  return end === "done" ? "" : end === "failed" ? ", which fails" : ` (${end})`;
}

function effectsOf(effects: readonly string[]): string {
  return effects.length === 0 ? "" : ` [${effects.join("; ")}]`;
}

function statusOf({ juju }: ExploreState, name: string): string {
  const unit = Object.values(juju.models)
    .map(({ units }) => units[name])
    .find((each) => each !== undefined);
  if (unit === undefined) return "";
  const { status, message } = unit.workload;
  return ` → ${status}${message === "" ? "" : `: ${message}`}`;
}

/** Plays the moves from a world, and tells them; moves that cannot be made are left out. */
export async function tell(
  rules: Rules,
  from: ExploreState,
  moves: readonly Move[],
): Promise<readonly string[]> {
  const sentences: string[] = [];
  let state = from;
  for (const move of moves) {
    const happened = await make(rules, state, move);
    if (happened === undefined) continue;
    sentences.push(sentence(move, happened));
    state = happened.state;
  }
  return sentences;
}
