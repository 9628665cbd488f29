// Reads and writes the application's identity: the peer secret, and the names in the peers' application databag.
import { createHash } from "node:crypto";
import { type BagValue, type Domain, type Leader, readBag } from "../../lib/index.ts";
import { newPasswords } from "../credentials/generate.ts";
import type { Ports } from "../ports.ts";
import { passwordContent } from "../wire/credentials.ts";
import { PEERS, type PeerApp, peerAppSchema, peerSecretLabel } from "../wire/peers.ts";
import { decideIdentity, type IdentityFacts, type IdentityStep } from "./decide.ts";

export function identityDomain(ports: Ports): Domain<IdentityFacts, IdentityStep> {
  const { model } = ports;
  return {
    name: "identity",
    observe: async () => ({
      peers: (await model.peer(PEERS)) === undefined ? "absent" : "present",
      leader: (await model.leadership()) !== undefined,
      passwords: await readSecretState(ports),
      names: namesFact(await readPeerApp(ports)),
    }),
    decide: decideIdentity,
    perform: async (step) => {
      const leader = await model.leadership();
      if (leader === undefined) return;
      if (step === "create-passwords") {
        await model.addSecret(leader, passwordContent(newPasswords(ports.newPassword)), {
          label: peerSecretLabel(model.context.app),
          description: "Passwords of the system users of MySQL",
        });
      } else {
        await nameCluster(ports, leader);
      }
    },
  };
}

/** Absent only where Juju says so: anything else that is not the passwords must not be written over. */
async function readSecretState(ports: Ports): Promise<IdentityFacts["passwords"]> {
  if ((await ports.keyring.own()) !== undefined) return "present";
  const label = peerSecretLabel(ports.model.context.app);
  const read = await ports.model.secret({ label }, { refresh: true });
  return read.kind === "absent" ? "absent" : "unreadable";
}

/** The names and the seed as the leader wrote them; undefined before that, and where they cannot be read. */
export async function readNames(ports: Ports): Promise<PeerApp | undefined> {
  const bag = await readPeerApp(ports);
  return bag.kind === "value" ? bag.value : undefined;
}

async function readPeerApp({ model }: Ports): Promise<BagValue<PeerApp>> {
  const peers = await model.peer(PEERS);
  if (peers === undefined) return { kind: "absent" };
  return readBag(peerAppSchema, (await model.readApp(peers, "local")) ?? {});
}

function namesFact(bag: BagValue<PeerApp>): IdentityFacts["names"] {
  if (bag.kind === "invalid") return { field: bag.field, reason: bag.reason };
  return bag.kind === "value" ? "present" : "absent";
}

/**
 * The seed is written with the names, in a hook that ends before any unit starts: a leader that follows finds it and
 * never forms a second cluster.
 */
async function nameCluster(ports: Ports, leader: Leader): Promise<void> {
  const { model, config } = ports;
  const peers = await model.peer(PEERS);
  if (peers === undefined) return;
  const generated = createHash("md5").update(`${model.context.modelUuid}/${model.context.app}`).digest("hex");
  model.writeApp(leader, peers, {
    "cluster-name": config["cluster-name"] ?? `cluster-${generated}`,
    "cluster-set-domain-name": config["cluster-set-name"] ?? `cluster-set-${generated}`,
    "seed-unit": model.context.unit,
  });
}
