// What two runs of the same command on equal servers cannot have in common, and nothing else: each rule with its reason.

/** Replaces what matches within one line by a word that says what stood there. */
interface WordRule {
  readonly reason: string;
  readonly pattern: RegExp;
  readonly word: string;
}

/** Rewrites several lines that stand together. */
interface BlockRule {
  readonly reason: string;
  readonly rewrite: (lines: readonly string[]) => readonly string[];
}

const UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}";
/** 1-3, tag:1-157, … */
const INTERVALS = String.raw`(?::(?:[a-z_]\w*|\d+(?:-\d+)?))+`;
const GTIDS = `${UUID}${INTERVALS}(?:,(?:\\\\n)?\\s*${UUID}${INTERVALS})*`;
const LAST_TRANSACTION = [
  "transaction",
  ...["original", "immediate"].flatMap(commit),
  "start",
  "end",
  "queue",
];
const COUNTERS = ["checked", "applied", "proposed"].map((name) => `${name}Count`);

function commit(from: string): readonly string[] {
  return [`${from}Commit`, `${from}CommitToEnd`];
}

/** In the order in which they are applied. */
const WORDS: readonly WordRule[] = [
  {
    reason: "how many transactions the servers had before differs; that there are some, or none, is compared",
    pattern: new RegExp(GTIDS, "g"),
    word: "<gtids>",
  },
  {
    reason: "servers and groups get a random id",
    pattern: new RegExp(`\\b${UUID}\\b`, "g"),
    word: "<uuid>",
  },
  {
    reason: "a view id is the time at which the group began, and how often it changed",
    pattern: /(?<="groupViewId":")\d+:\d+/g,
    word: "<view>",
  },
  {
    reason: "the time of day",
    pattern: /\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(?:\.\d+)?Z?/g,
    word: "<time>",
  },
  {
    reason: "the size of the data and the speed of the machine",
    pattern: /(?<=: )[\d.]+ [KMGT]?B transferred in (?:about 1 second|\d+ seconds) \(~[\d.]+ [KMGT]?B\/s\)/g,
    word: "<size> transferred in <time>",
  },
  {
    reason: "how far a member lags at that moment: nothing or some",
    pattern: /(?<="replicationLag\w*":)"(?:applier_queue_applied|[\d:.]*)"/g,
    word: '"<lag>"',
  },
  {
    reason: "when the last heartbeat or transaction came",
    pattern: /(?<="receiverTimeSinceLastMessage":)"[\d:.]+"/g,
    word: '"<ago>"',
  },
  {
    reason: "what a thread did last, if anything: which worker gets which transaction is the server's choice",
    pattern: new RegExp(
      `(?<="(?:${LAST_TRANSACTION.join("|")}|apply|buffer)(?:Timestamp|Time)?":)(?:""|"<time>"|"<gtids>"|null|[\\d.e-]+)`,
      "g",
    ),
    word: '"<last>"',
  },
  {
    reason: "how much a member has done since it came into the group",
    pattern: new RegExp(`(?<="(?:${COUNTERS.join("|")}|threadId)":)\\d+`, "g"),
    word: '"<number>"',
  },
  {
    reason: "what all members have committed is exchanged once a minute",
    pattern: /(?<="(?:committedAllMembers|lastConflictFree)":)"(?:<gtids>)?"/g,
    word: '"<gtids or none>"',
  },
  {
    reason: "the address that a client comes from: on the recordings' one machine it was the server's own",
    pattern: /(?<=Access denied for user '\w+'@')[^']+/g,
    word: "<client>",
  },
  {
    reason: "which way a connection to a server that dies breaks, and how often it was tried",
    pattern: /(?<="receiverLastError":"Error (?:re)?connecting to source '[^']+'\.).*?"(?=,)/g,
    word: ' <reason>"',
  },
  {
    reason: "the number of that error",
    pattern: /(?<="receiverLastErrorNumber":)20\d\d/g,
    word: "<client error>",
  },
  { reason: "a spinner", pattern: /^(\*\* Stage RECOVERY:) [-\\|/] $/g, word: "$1 <spinner>" },
  {
    reason: "the shell's own version and edition",
    pattern: /^mysqlsh {3}Ver \d+\.\d+\.\d+ for Linux on \w+ - for MySQL \d+\.\d+\.\d+ \(.+\)$/g,
    word: "mysqlsh   Ver <version> for Linux on <machine> - for MySQL <version> (<edition>)",
  },
];

const info = (text: string): string => JSON.stringify({ info: `${text}\n` });
const RECOVERED = "<incremental recovery>";

/** Applied to the lines that the words were replaced in. */
const BLOCKS: readonly BlockRule[] = [
  {
    reason:
      "a member that has little to catch up with may be ONLINE before the shell looks for the first time",
    rewrite: (lines) =>
      rewritten(lines, [
        [
          [
            info("Incremental state recovery is now in progress."),
            info(""),
            info("* Waiting for distributed recovery to finish..."),
            /^\{"note":"'[\d.:]+' is being recovered from '[^']+'\\n"\}$/,
            info("* Distributed recovery has finished"),
          ],
          RECOVERED,
        ],
        [[/^\{"info":"State recovery already finished for '[\d.:]+'\\n"\}$/], RECOVERED],
      ]),
  },
  {
    reason: "the order of the clusters is that of their random ids",
    rewrite: (lines) =>
      sortedBlocks(
        lines,
        /^\{"info":"\*\* Checking cluster /,
        /^\{"info":" {2}Cluster |^\{"warning":"Could not get a handle/,
      ),
  },
  {
    reason: "the order of a hash table",
    rewrite: (lines) =>
      sortedBlocks(lines, /^\{"info":"Instance '[\d.:]+' (?:remains|was switched)/, undefined),
  },
];

/** Lines of stderr that say nothing of the command: the host of the recordings had that locale. */
export const isNoise = (line: string): boolean => /^Cannot set LC_ALL to locale en_US\.UTF-8: /.test(line);

/** The recordings' servers have addresses of a loopback network, the suite's of a network of their own. */
const RECORDED_NET = "127.0.";
const SUITE_NET = "10.77.";

/** `127.0.1.2` → `10.77.1.2` */
export const toSuite = (text: string): string => text.replaceAll(/\b127\.0\.(?=\d+\.\d+\b)/g, SUITE_NET);

const toRecorded = (text: string): string => text.replaceAll(/\b10\.77\.(?=\d+\.\d+\b)/g, RECORDED_NET);

/** Output as it is compared. Doing it twice changes nothing. */
export function normalise(lines: readonly string[]): readonly string[] {
  const words = lines.map((line) =>
    WORDS.reduce((text, { pattern, word }) => text.replaceAll(pattern, word), toRecorded(line)),
  );
  return BLOCKS.reduce<readonly string[]>((all, { rewrite }) => rewrite(all), words);
}

type Line = string | RegExp;

/** Every place where the lines of a pattern follow each other becomes its one word. */
function rewritten(
  lines: readonly string[],
  patterns: readonly (readonly [pattern: readonly Line[], word: string])[],
): readonly string[] {
  const out: string[] = [];
  for (let at = 0; at < lines.length; ) {
    const found = patterns.find(([pattern]) =>
      pattern.every((line, index) => matches(lines[at + index], line)),
    );
    out.push(found === undefined ? (lines[at] ?? "") : found[1]);
    at += found === undefined ? 1 : found[0].length;
  }
  return out;
}

const matches = (line: string | undefined, pattern: Line): boolean =>
  line !== undefined && (typeof pattern === "string" ? line === pattern : pattern.test(line));

/** Neighbouring blocks of one first line and perhaps one more are put in order. */
function sortedBlocks(
  lines: readonly string[],
  first: RegExp,
  second: RegExp | undefined,
): readonly string[] {
  const out: string[] = [];
  let blocks: string[] = [];
  const flush = (): void => {
    out.push(...blocks.toSorted().flatMap((block) => block.split("\u0000")));
    blocks = [];
  };
  for (const line of lines) {
    const last = blocks.at(-1);
    if (first.test(line)) blocks.push(line);
    else if (last !== undefined && second?.test(line) && !last.includes("\u0000"))
      blocks[blocks.length - 1] = `${last}\u0000${line}`;
    else {
      flush();
      out.push(line);
    }
  }
  flush();
  return out;
}
