// How much memory MySQL gets: pure arithmetic over the machine's memory and the profile.

const MIB = 2 ** 20;
const GIB = 2 ** 30;
const MB = 10 ** 6;

const BYTES_PER_CONNECTION = 12 * MIB;
const GROUP_CACHE_MINIMUM = 128 * MIB;
/** Production servers with less than this watch no memory instruments. */
const SMALL_MACHINE = 2 * GIB;

export interface MemorySettings {
  readonly bufferPoolBytes: number;
  readonly bufferPoolChunkBytes?: number;
  readonly groupCacheBytes?: number;
  readonly maxConnections: number;
  readonly memoryInstruments: boolean;
}

/** Settings of the `testing` profile: the least that MySQL works with. */
export const testingMemory: MemorySettings = {
  bufferPoolBytes: 20 * MIB,
  bufferPoolChunkBytes: MIB,
  groupCacheBytes: GROUP_CACHE_MINIMUM,
  maxConnections: 100,
  memoryInstruments: false,
};

/**
 * Settings of the `production` profile.
 * @param machineBytes memory of the machine, in bytes
 * @param limitMegabytes what the option profile-limit-memory allows, in MB (10^6 bytes)
 */
export function productionMemory(machineBytes: number, limitMegabytes: number | undefined): MemorySettings {
  const bytes = limitMegabytes === undefined ? machineBytes : Math.min(machineBytes, limitMegabytes * MB);
  const { pool, groupCache } = split(bytes);
  const rounded = roundUp(pool, 128 * MIB);
  const chunk = rounded > GIB ? roundUp(rounded / 8, MIB) : undefined;
  return {
    bufferPoolBytes: chunk === undefined ? rounded : chunk * 8,
    ...(chunk === undefined ? {} : { bufferPoolChunkBytes: chunk }),
    ...(groupCache === undefined ? {} : { groupCacheBytes: groupCache }),
    maxConnections: Math.max(Math.floor(bytes / BYTES_PER_CONNECTION), 100),
    memoryInstruments: bytes >= SMALL_MACHINE,
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
