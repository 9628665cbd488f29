// The values that secret commands take: content, expiry times and rotation policies, with their limits.
import { parseKeyValues, quote, UsageError } from "./flags.ts";

const keyPattern = /^([a-z](?:-?[a-z0-9]){2,})$/;
const maxTotalBytes = 1024 * 1024;
const rotations = ["never", "hourly", "daily", "weekly", "monthly", "quarterly", "yearly"];

/** Where the values of a secret come from besides the words of the command line. */
export interface SecretSource {
  /** What a map in a file says; the words win. */
  readonly map: Readonly<Record<string, string>>;
  readonly file: (path: string) => Buffer;
}

/**
 * The content of a secret, base64, from `key=value`, `key#base64=value` and `key#file=path`.
 * @throws UsageError for a bad key or too much content.
 */
export function readSecretData(source: SecretSource, words: readonly string[]): Record<string, string> {
  const data: Record<string, string> = {};
  for (const [name, value] of Object.entries({ ...source.map, ...parseKeyValues(words) })) {
    const key = name.replace(/#(?:base64|file)$/, "");
    if (!keyPattern.test(key)) throw new UsageError(`key ${quote(key)} not valid`);
    data[key] = encode(source, name, value);
  }
  const total = Object.values(data).reduce((sum, value) => sum + value.length, 0);
  const [largest] = Object.entries(data).sort(([, a], [, b]) => b.length - a.length);
  if (total > maxTotalBytes && largest !== undefined) {
    throw new UsageError(`secret content for key ${quote(largest[0])} too large: ${largest[1].length} bytes`);
  }
  return data;
}

function encode({ file }: SecretSource, name: string, value: string): string {
  if (name.endsWith("#base64")) return value;
  if (name.endsWith("#file")) return file(value).toString("base64");
  return Buffer.from(value, "utf8").toString("base64");
}

/**
 * An expiry as RFC 3339 text, from a time or a Go duration.
 * @param now milliseconds since the epoch
 * @throws UsageError when it is neither, or in the past.
 */
export function parseExpiry(text: string | undefined, now: number): string | undefined {
  if (text === undefined) return undefined;
  if (/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}/.test(text)) {
    const zoned = /(?:Z|[+-]\d{2}:\d{2})$/.test(text) ? text : `${text}Z`;
    const time = Date.parse(zoned);
    if (!Number.isNaN(time)) return new Date(time).toISOString();
  }
  const duration = parseDuration(text);
  if (duration === undefined) throw new UsageError(`expire time or duration ${quote(text)} not valid`);
  if (duration <= 0) throw new UsageError("negative expire duration");
  return new Date(now + duration).toISOString();
}

/** A Go duration (`1h30m`, `90s`) in milliseconds; undefined when it is not one. */
export function parseDuration(text: string): number | undefined {
  const match = /^([+-]?)((?:\d+(?:\.\d+)?(?:ns|us|µs|ms|s|m|h))+)$/.exec(text);
  const parts = match?.[2];
  if (parts === undefined) return text === "0" ? 0 : undefined;
  const units: Readonly<Record<string, number>> = {
    ns: 1e-6,
    us: 1e-3,
    µs: 1e-3,
    ms: 1,
    s: 1000,
    m: 60_000,
    h: 3_600_000,
  };
  let total = 0;
  for (const [, amount = "0", unit = "s"] of parts.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/g)) {
    total += Number(amount) * (units[unit] ?? 0);
  }
  return match?.[1] === "-" ? -total : total;
}

/** A rotation policy. Throws UsageError for an unknown one. */
export function parseRotation(text: string | undefined): string | undefined {
  if (text === undefined || rotations.includes(text)) return text;
  throw new UsageError(`rotate policy ${quote(text)} not valid`);
}
