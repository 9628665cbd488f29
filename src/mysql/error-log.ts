// What mysqld's error log says about a server that does not start or answer. Nothing else reads its texts.

const troubles = [
  "configuration",
  "address",
  "disk-full",
  "permissions",
  "memory",
  "aio",
  "locked",
  "downgrade",
] as const;
export type TroubleKind = (typeof troubles)[number];

export interface Trouble {
  readonly kind: TroubleKind;
  /** Name of the option that mysqld refuses; "" elsewhere. Never a value: it could be a secret. */
  readonly option: string;
}

/** Every mysqld says this first (MY-010116). */
const START = /\[MY-010116\]/;

/** Lines as MySQL 9.7 writes them, but for downgrades: those are from its message catalogue. */
const lines: readonly (readonly [RegExp, TroubleKind])[] = [
  [/\[MY-000067\].*unknown variable '([\w-]+)/, "configuration"],
  [/\[MY-000068\].*unknown option '-{0,2}([\w-]+)/, "configuration"],
  [/\[MY-000077\].*Error while setting value .* to '([\w-]+)'/, "configuration"],
  [/\[MY-010262\].*Bind on TCP\/IP port/, "address"],
  [/No space left on device|Disk is full writing|Probably out of disk space/, "disk-full"],
  [/\[MY-012271\]|must be writable|Permission denied|errno:? 13\b/, "permissions"],
  [/\[MY-012956\]|Cannot allocate memory/, "memory"],
  [/\[MY-012954\]|Cannot initialize AIO/, "aio"],
  [/\[MY-012574\]|Unable to lock \S+ error: 11/, "locked"],
  [
    /\[MY-013171\]|Downgrade is not supported|Invalid MySQL server downgrade|Patch downgrade from/,
    "downgrade",
  ],
];

/** What kept the last start from success, or what keeps the server from answering; undefined when the log says nothing. */
export function troubleIn(log: string): Trouble | undefined {
  const all = log.split("\n");
  const start = all.findLastIndex((line) => START.test(line));
  for (const line of all.slice(start + 1)) {
    if (!line.includes("[ERROR]")) continue;
    for (const [pattern, kind] of lines) {
      const match = pattern.exec(line);
      if (match !== null) return { kind, option: match[1] ?? "" };
    }
  }
  return undefined;
}
