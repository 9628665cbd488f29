// A server outside of any group gets no change of passwords from others: before it joins, it is given those of its application.
import { readNames } from "../identity/domain.ts";
import { alterPasswords } from "../mysql/accounts.ts";
import type { Ports } from "../ports.ts";
import { PASSWORDS_GENERATION } from "../wire/peers.ts";

/** AdminAPI logs in to the cluster and to the server that joins with one password. Leaves no trace in the binary log. */
export async function takeNewPasswords(ports: Ports): Promise<void> {
  const { keyring, sql } = ports;
  const passwords = await keyring.own();
  const changed = (await readNames(ports))?.[PASSWORDS_GENERATION] !== undefined;
  if (passwords === undefined || !changed) return;
  const quote = await sql.quoting();
  await using session = await keyring.connectLocal();
  await session.run("SET SESSION sql_log_bin = 0");
  await session.run("SET GLOBAL super_read_only = OFF");
  await session.run(alterPasswords(passwords, quote));
  await session.run("SET GLOBAL super_read_only = ON");
  // From here on the keyring knows which ones open it.
  await using _opened = await keyring.connectLocal();
}
