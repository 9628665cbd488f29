// Runs one job outside the hook.
export async function runJob(): Promise<number> {
  throw new Error("not yet");
}
