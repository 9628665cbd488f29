// Sets of transactions as text: counting them. Comparing them is left to a server, which knows tags and their spelling.

/** `<uuid>:1-5:7,<uuid>:<tag>:1-3` → 9. Counts nothing in what is no interval. */
export function countTransactions(gtidSet: string): number {
  let count = 0;
  for (const part of gtidSet.split(/[,:\s]+/)) {
    const interval = /^(\d+)(?:-(\d+))?$/.exec(part);
    if (interval !== null) count += Number(interval[2] ?? interval[1]) - Number(interval[1]) + 1;
  }
  return count;
}
