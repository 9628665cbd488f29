// Whether a story keeps the invariants: every move of it, the rest that it comes to, and the way out of what blocks it there.
import type { Rules } from "./dispatch.ts";
import { type Breach, checkMove, checkRest } from "./invariants.ts";
import { noteOrder } from "./ledger.ts";
import { type Happened, type Move, make } from "./moves.ts";
import { carryOut, describeOrder } from "./operator.ts";
import { called } from "./remedies.ts";
import type { Way } from "./starts.ts";
import { copyState, type ExploreState } from "./state.ts";
import { type Rest, rest } from "./usual.ts";

export interface Judged {
  readonly breaches: readonly Breach[];
  /** What was played: moves that could not be made are left out. */
  readonly moves: readonly Move[];
  /** At rest, after all that was called for was done. */
  readonly state: ExploreState;
}

/** How often an operator does what a status says before the way is called a dead end. */
const PATIENCE = 6;

/** Plays moves from a world, lets it come to rest, and looks for what does not hold. */
export async function judge(rules: Rules, from: ExploreState, way: Way): Promise<Judged> {
  const breaches: Breach[] = [];
  const played: Move[] = [];
  let state = from;
  const watch = (before: ExploreState, move: Move, happened: Happened): void => {
    breaches.push(...checkMove(before, move, happened));
  };
  for (const move of way) {
    if (move === "…") {
      state = (await rest(rules, state, { faultsEnd: false, watch })).state;
      continue;
    }
    const happened = await make(rules, state, move);
    if (happened === undefined) continue;
    watch(state, move, happened);
    state = happened.state;
    played.push(move);
    if (breaches.length > 0) return { breaches, moves: played, state };
  }
  const end = await judgeRest(rules, state, watch);
  return { breaches: [...breaches, ...end.breaches], moves: played, state: end.state };
}

/** From a world in which everything has happened: it comes to rest, and every status that blocks leads on. */
export async function judgeRest(
  rules: Rules,
  from: ExploreState,
  watch: (before: ExploreState, move: Move, happened: Happened) => void,
): Promise<{ readonly breaches: readonly Breach[]; readonly state: ExploreState }> {
  let end = await rest(rules, from, { watch });
  const breaches: Breach[] = [...restless(end)];
  for (let times = 0; times < PATIENCE && breaches.length === 0; times += 1) {
    breaches.push(...checkRest(end.state));
    const inactive = notActive(end.state);
    const orders = called(end.state);
    if (breaches.length > 0 || (inactive.length === 0 && orders.length === 0)) break;
    if (orders.length === 0) {
      breaches.push({ invariant: "No dead end", what: `nothing leads on from: ${inactive.join("; ")}` });
      break;
    }
    if (times === PATIENCE - 1) {
      const said = orders.map(describeOrder).join(", ");
      breaches.push({ invariant: "No dead end", what: `${said}: done again and again, it does not help` });
      break;
    }
    const state = copyState(end.state);
    for (const order of orders) {
      carryOut(state, order);
      noteOrder(state, order);
    }
    end = await rest(rules, state, { watch });
    breaches.push(...restless(end));
  }
  return { breaches, state: end.state };
}

function restless({ quiet, state }: Rest): readonly Breach[] {
  if (quiet) return [];
  return [{ invariant: "No dead end", what: `never comes to rest: ${notActive(state).join("; ")}` }];
}

/** Units and applications that are not active, with what they say. */
function notActive({ juju }: ExploreState): readonly string[] {
  return Object.values(juju.models)
    .flatMap((model) => [
      ...Object.values(model.applications).map(({ name, status }) => [name, status] as const),
      ...Object.values(model.units).map(({ name, workload }) => [name, workload] as const),
    ])
    .filter(([, status]) => status?.status !== "active")
    .map(([name, status]) => `${name} is ${status?.status ?? "silent"} (${status?.message ?? ""})`);
}
