// The crash matrix: every journey of the charm with a dispatch killed at each effect, on real servers; prints which of them converge.
import { join } from "node:path";
import { buildCharm } from "./build.ts";
import { readCommandLine } from "./command-line.ts";
import { journeyNamed, journeys } from "./crash-matrix/journeys.ts";
import { type Grain, nameOf, type Point, pointNamed, pointsOf } from "./crash-matrix/points.ts";
import { Pool, shuffled } from "./crash-matrix/pool.ts";
import { documentOf, failureText, type Row, tableOf } from "./crash-matrix/report.ts";
import { buildHash, Results, type Tried } from "./crash-matrix/results.ts";
import { Worker } from "./crash-matrix/worker.ts";

const USAGE = `Usage: npm run crash-matrix [-- <option> ...]

  --journey <name>   only this journey; may be given several times
  --point <point>    only this point, again if need be; may be given several
                     times
  --sample <n>       so many points, drawn from those that were not tried
  --seed <n>         which points are drawn, and in which order they are tried
  --inside           also at what MySQL Shell does in its runs, statement by
                     statement
  --every            before and after every effect, not only where it makes a
                     difference
  --together <n>     strike up to so many points in one journey, each in another
                     run (4)
  --workers <n>      so many sandboxes at a time (2)
  --limit <seconds>  how long a journey may take to converge (180)
  --again            forget what was tried with this build of the charm
  --report           only tell what was tried so far
  --format table|json

Goes on where it stopped as long as the charm's build is the same. Journeys:
${journeys.map(({ name }) => `  ${name}\n`).join("")}`;

interface Wish {
  readonly journeys: ReadonlySet<string>;
  readonly points: readonly Point[];
  readonly sample: number;
  readonly seed: number;
  readonly grain: Grain;
  readonly together: number;
  readonly workers: number;
  readonly limitMs: number;
  readonly again: boolean;
  readonly report: boolean;
  readonly json: boolean;
}

/** @throws Error for what cannot be understood. */
function readWish(): Wish {
  const text = (standard: string) => ({ type: "string", default: standard }) as const;
  const { values } = readCommandLine({
    usage: USAGE,
    choices: { format: ["table", "json"] },
    numbers: ["sample", "seed", "together", "workers", "limit"],
    options: {
      journey: { type: "string", multiple: true, default: [] },
      point: { type: "string", multiple: true, default: [] },
      ...{ sample: text(""), seed: text(""), together: text("4"), workers: text("2"), limit: text("180") },
      ...{ every: { type: "boolean", default: false }, inside: { type: "boolean", default: false } },
      ...{ again: { type: "boolean", default: false } },
      ...{ report: { type: "boolean", default: false }, format: text("table") },
    },
  });
  const count = (name: "sample" | "seed" | "together" | "workers" | "limit", without: number): number =>
    values[name] === "" ? without : Number(values[name]);
  const points = values.point.map(pointNamed);
  const named = [...values.journey, ...points.map(({ journey }) => journey)];
  return {
    journeys: new Set(
      named.length === 0 ? journeys.map(({ name }) => name) : named.map((name) => journeyNamed(name).name),
    ),
    points,
    sample: count("sample", Number.POSITIVE_INFINITY),
    seed: count("seed", Math.floor(Math.random() * 2 ** 29)),
    together: Math.max(1, count("together", 4)),
    workers: Math.max(1, count("workers", 2)),
    limitMs: count("limit", 180) * 1000,
    ...{
      grain: values.every ? "every" : values.inside ? "inside" : "runs",
      again: values.again,
      report: values.report,
      json: values.format === "json",
    },
  };
}

async function main(): Promise<number> {
  const wish = readWish();
  const started = performance.now();
  const charm = await buildCharm({ target: join(import.meta.dirname, "../build/crash-matrix") });
  const build = await buildHash(charm);
  const results = new Results(build);
  if (wish.again) results.forget();
  say(`build ${build}, seed ${wish.seed}, results in ${results.folder}`);
  const tried = wish.report ? [] : await tryAll(wish, charm, results);
  const seconds = Math.round((performance.now() - started) / 1000);
  const rows = rowsOf(wish, results);
  const failures = rows.flatMap((row) => row.tried.filter(({ kind }) => kind === "failed"));
  if (wish.json)
    process.stdout.write(
      `${JSON.stringify(documentOf(rows, { seed: wish.seed, build, seconds }), null, 2)}\n`,
    );
  else process.stdout.write(`${tableOf(rows)}${failures.map(failureText).join("")}`);
  say(`${tried.length} points in ${seconds} s`);
  return failures.length === 0 ? 0 : 1;
}

async function tryAll(wish: Wish, charm: string, results: Results): Promise<readonly Tried[]> {
  const stop = new AbortController();
  process.once("SIGINT", () => stop.abort());
  process.once("SIGTERM", () => stop.abort());
  const all: Tried[] = [];
  let total = 0;
  const began = performance.now();
  const onTried = (one: Tried): void => {
    all.push(one);
    const left = Math.max(0, total - all.length);
    const minutes = Math.ceil(((performance.now() - began) / 60_000 / all.length) * left);
    const time = one.kind === "missed" ? "" : ` in ${one.seconds.toFixed(1)} s`;
    say(`${all.length} of ${total}: ${one.point} ${one.kind}${time}; about ${minutes} min left`);
    if (one.kind === "failed") process.stderr.write(failureText(one));
  };
  const workers = Array.from({ length: wish.workers }, (_, n) => {
    const { limitMs } = wish;
    return new Worker({
      // Another build can be tried at the same time.
      name: `matrix-${results.build}-${n + 1}`,
      charm,
      results,
      limitMs,
      say,
      onTried,
      signal: stop.signal,
    });
  });
  try {
    await workers[0]?.count(wish.journeys);
    const points = wanted(wish, results);
    total = points.length;
    const pool = new Pool(points, wish);
    await Promise.all(workers.map((worker) => worker.work(pool)));
  } finally {
    await Promise.all(workers.map((worker) => worker.end()));
  }
  return all;
}

function allPoints({ journeys: names, grain }: Wish, results: Results): readonly Point[] {
  return [...names].flatMap((name) => pointsOf(name, results.reference(name)?.effects ?? [], grain));
}

/** The points named, else those not tried yet, or a sample of them. */
function wanted(wish: Wish, results: Results): readonly Point[] {
  if (wish.points.length > 0) return wish.points;
  const left = allPoints(wish, results).filter((point) => {
    const tried = results.tried(nameOf(point));
    return tried === undefined || tried.kind === "missed";
  });
  return shuffled(left, { seed: wish.seed, drawn: {} }).slice(0, wish.sample);
}

function rowsOf(wish: Wish, results: Results): readonly Row[] {
  const chosen = wish.points.length > 0 ? wish.points : allPoints(wish, results);
  return journeys
    .filter(({ name }) => wish.journeys.has(name))
    .map(({ name }) => {
      const points = chosen.filter(({ journey }) => journey === name);
      return {
        journey: name,
        effects: results.reference(name)?.effects.length ?? 0,
        points: points.length,
        tried: [
          ...points.flatMap((point) => results.tried(nameOf(point)) ?? []),
          ...(wish.points.length > 0 ? [] : results.failedTogether(name)),
        ],
      };
    });
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

process.exitCode = await main().catch((error: unknown) => {
  say(error instanceof Error ? error.message : String(error));
  return 2;
});
