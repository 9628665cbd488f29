// What this program knows of but does not do: it says so instead of doing something else.
import { runtime } from "./errors.ts";
import type { Arguments } from "./options.ts";

/** The error for an operation or option that only the real MySQL Shell performs. */
export const notDone = (what: string): Error =>
  runtime(`${what} is not done by this stand-in for MySQL Shell; install the real mysqlsh to use it`);

const UNSUPPORTED = ["multiPrimary", "adoptFromGR", "certIssuer", "certSubject", "force", "dryRun"];

/** Throws when an option among these asks for what is not done. */
export function refuseOptions(args: Arguments, operation: string, allowed: readonly string[] = []): void {
  for (const name of UNSUPPORTED)
    if (!allowed.includes(name) && args.has(name) && args.text(name) !== "false")
      throw notDone(`${operation} with ${name}`);
  if (args.text("communicationStack") === "XCOM") throw notDone("The XCOM communication stack");
  const authentication = args.text("memberAuthType");
  if (authentication !== undefined && authentication !== "PASSWORD")
    throw notDone(`memberAuthType ${authentication}`);
}
