// The charm's jobs by name, where more than one module has to know them.
import type { Jobs } from "../lib/index.ts";

/** Does nothing but wake the charm when it ends. */
export const WAKE_JOB = "wake";

/** Whether a job works on MySQL, with the passwords that it was given when it began. */
export async function worksOnMysql(jobs: Jobs): Promise<boolean> {
  return (await jobs.running()).some((name) => name !== WAKE_JOB);
}
