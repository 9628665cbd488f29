// Puts changed passwords where the units find them.
import type { Leader } from "../../lib/index.ts";
import { readNames } from "../identity/domain.ts";
import type { Ports } from "../ports.ts";
import { type Passwords, replacePasswords } from "../wire/credentials.ts";
import { nextCount, PASSWORDS_GENERATION, PEERS, peerSecretLabel } from "../wire/peers.ts";

/** The secret and its number go out together, in this hook's commit. The number wakes the other units. */
export async function storePasswords(ports: Ports, leader: Leader, passwords: Passwords): Promise<void> {
  const { model } = ports;
  const secret = await model.ownSecret(leader, { label: peerSecretLabel(model.context.app) });
  const peers = await model.peer(PEERS);
  if (secret === undefined || peers === undefined) return;
  secret.set(replacePasswords(await secret.content(), passwords));
  const generation = (await readNames(ports))?.[PASSWORDS_GENERATION];
  model.writeApp(leader, peers, { [PASSWORDS_GENERATION]: nextCount(generation) });
}
