// How much memory MySQL gets: pure arithmetic over the machine's memory and the options.

const MIB = 2 ** 20;
const GIB = 2 ** 30;
const MB = 10 ** 6;

const BYTES_PER_CONNECTION = 12 * MIB;
const FEWEST_CONNECTIONS = 10;
const GROUP_CACHE_MINIMUM = 128 * MIB;
/** MySQL's own default. */
const GROUP_CACHE_DEFAULT = GIB;
/** MySQL's own default. */
const CHUNK_DEFAULT = 128 * MIB;
/** What buffers get however many connections are asked for. */
const BUFFERS_MINIMUM = 200 * MIB;
/** Servers with less than this beside their buffers watch no memory instruments. */
const SMALL_REST = 2 * GIB;

export interface MemorySettings {
  readonly bufferPoolBytes: number;
  readonly bufferPoolChunkBytes: number;
  readonly groupCacheBytes: number;
  readonly maxConnections: number;
  readonly memoryInstruments: boolean;
}

/** Settings of the `testing` profile: the least that MySQL works with. */
export function testingMemory(connections: number | undefined): MemorySettings {
  return {
    bufferPoolBytes: 20 * MIB,
    bufferPoolChunkBytes: MIB,
    groupCacheBytes: GROUP_CACHE_MINIMUM,
    maxConnections: connections ?? 100,
    memoryInstruments: false,
  };
}

export interface MemoryLimits {
  /** What the option profile-limit-memory allows, in MB (10^6 bytes). */
  readonly megabytes?: number | undefined;
  /** Connections that are asked for: their memory is set aside before the buffers get theirs. */
  readonly connections?: number | undefined;
}

/**
 * Settings of the `production` profile: the newest formula of the Python charm for MySQL 8.0.
 * @param machineBytes memory of the machine, in bytes
 */
export function productionMemory(machineBytes: number, limits: MemoryLimits): MemorySettings {
  const { megabytes, connections } = limits;
  const bytes = megabytes === undefined ? machineBytes : Math.min(machineBytes, megabytes * MB);
  const forBuffers =
    connections === undefined ? bytes : Math.max(bytes - connections * BYTES_PER_CONNECTION, BUFFERS_MINIMUM);
  const { pool, groupCache } = split(forBuffers);
  const rounded = roundUp(pool, 128 * MIB);
  const chunk = rounded > GIB ? roundUp(rounded / 8, MIB) : undefined;
  const bufferPoolBytes = chunk === undefined ? rounded : chunk * 8;
  const rest = forBuffers - bufferPoolBytes - (groupCache ?? 0);
  return {
    bufferPoolBytes,
    bufferPoolChunkBytes: chunk ?? CHUNK_DEFAULT,
    groupCacheBytes: groupCache ?? GROUP_CACHE_DEFAULT,
    maxConnections: connections ?? Math.max(Math.floor(rest / BYTES_PER_CONNECTION), FEWEST_CONNECTIONS),
    memoryInstruments: rest >= SMALL_REST,
  };
}

/** Three quarters less 1 GiB for the pool, unless that leaves too little for either: then half, and the smallest group cache. */
function split(bytes: number): { readonly pool: number; readonly groupCache?: number } {
  const pool = Math.floor(bytes * 0.75) - GIB;
  if (pool < 0 || bytes - pool < 1000 * MB)
    return { pool: Math.floor(bytes * 0.5), groupCache: GROUP_CACHE_MINIMUM };
  return { pool };
}

function roundUp(value: number, step: number): number {
  return Math.ceil(value / step) * step;
}

/** `MemTotal` of /proc/meminfo in bytes. Throws when the file is not as Linux writes it. */
export function totalMemory(meminfo: string): number {
  const kilobytes = /^MemTotal:\s+(\d+) kB$/m.exec(meminfo)?.[1];
  if (kilobytes === undefined) throw new Error("/proc/meminfo has no MemTotal");
  return Number(kilobytes) * 1024;
}
