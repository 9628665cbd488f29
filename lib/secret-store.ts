// Secrets within one hook: each read once, changes kept aside until flush().

import { keyed } from "./ask-once.ts";
import type { SecretInfo } from "./hook-answers.ts";
import { isRefusal } from "./hook-error.ts";
import type {
  Grantee,
  SecretAddOptions,
  SecretGetOptions,
  SecretRef,
  SecretSettings,
  SecretTools,
} from "./hook-tools.ts";
import { isSecretUri, type SecretContent, sameContent, secretKey } from "./secrets.ts";

/** What reading a secret gives: `not-granted` can become a value later, `absent` is no secret (any more). */
export type SecretRead =
  | { readonly kind: "value"; readonly content: SecretContent }
  | { readonly kind: "not-granted" }
  | { readonly kind: "absent" };

/** A secret of this unit, or of its application while this unit leads. Changes are kept back until the hook succeeds. */
export interface OwnSecret {
  /** Its URI, for others to read it by. */
  readonly id: string;
  /** As Juju has it, without what this hook changed. */
  info(): Promise<SecretInfo>;
  /** The newest revision, with what this hook set. */
  content(): Promise<SecretContent>;
  /** Replaces the whole content; skipped when the newest revision has it already. */
  set(content: SecretContent): void;
  /** What is left out stays as it is. */
  change(settings: SecretSettings): void;
  /** To everybody at the other end of the relation, or to one unit there. */
  grant(relation: { readonly id: number }, unit?: string): void;
  revoke(from: Grantee): void;
  /** An older revision, as secret-remove and secret-expired name them. */
  removeRevision(revision: number): void;
  /** With all its revisions. */
  remove(): void;
}

export interface SecretStore {
  /** The newest revision (refresh, peek) includes what this hook has set; a plain read is the tracked one. */
  read(ref: SecretRef, options: SecretGetOptions): Promise<SecretRead>;
  /** Undefined when this unit owns no such secret. */
  own(ref: SecretRef): Promise<OwnSecret | undefined>;
  add(content: SecretContent, options: SecretAddOptions): Promise<OwnSecret>;
  /** Whether Juju has been told of a secret already, before any flush. */
  told(): boolean;
  flush(): Promise<void>;
}

interface Changes {
  readonly id: string;
  content?: SecretContent;
  settings: SecretSettings;
  readonly orders: Map<string, () => Promise<void>>;
}

export function secretStore(tools: SecretTools): SecretStore {
  let reads = new Map<string, Promise<SecretRead>>();
  const changes = new Map<string, Changes>();
  let added = false;

  const cached = (ref: SecretRef, options: SecretGetOptions): Promise<SecretRead> => {
    const key = JSON.stringify([ref, options.refresh === true, options.peek === true]);
    const known = reads.get(key) ?? fetchSecret(tools, ref, options);
    reads.set(key, known);
    return known;
  };
  const info = keyed(
    (ref: SecretRef) => JSON.stringify(ref),
    (ref) => fetchInfo(tools, ref),
  );
  const changesOf = (id: string): Changes => {
    const known = changes.get(secretKey(id)) ?? { id, settings: {}, orders: new Map() };
    changes.set(secretKey(id), known);
    return known;
  };
  const pendingContent = async (ref: SecretRef): Promise<SecretContent | undefined> => {
    if ("id" in ref) return changes.get(secretKey(ref.id))?.content;
    if (changes.size === 0) return undefined;
    const found = await info(ref);
    return found === undefined ? undefined : changes.get(secretKey(found.id))?.content;
  };
  const read = async (ref: SecretRef, options: SecretGetOptions): Promise<SecretRead> => {
    const pending = options.refresh || options.peek ? await pendingContent(ref) : undefined;
    const found = await cached(ref, options);
    return found.kind !== "value" || pending === undefined ? found : { ...found, content: pending };
  };
  const owned = (id: string): OwnSecret => ({
    id,
    info: async () => {
      const found = await info({ id });
      if (found === undefined) throw new Error(`Juju knows nothing of the own secret ${id} yet`);
      return found;
    },
    content: async () => {
      const found = await read({ id }, { refresh: true });
      return found.kind === "value" ? found.content : {};
    },
    set: (content) => {
      changesOf(id).content = content;
    },
    change: (settings) => {
      const known = changesOf(id);
      known.settings = { ...known.settings, ...settings };
    },
    grant: (relation, unit) =>
      order(changesOf(id), `grant ${relation.id} ${unit}`, () => tools.secretGrant(id, relation.id, unit)),
    revoke: (from) =>
      order(changesOf(id), `revoke ${JSON.stringify(from)}`, () => tools.secretRevoke(id, from)),
    removeRevision: (revision) =>
      order(changesOf(id), `remove ${revision}`, () => tools.secretRemove(id, revision)),
    remove: () => order(changesOf(id), "remove", () => tools.secretRemove(id)),
  });
  const flushOne = async ({ id, content, settings, orders }: Changes): Promise<void> => {
    const newest = content === undefined ? undefined : await cached({ id }, { peek: true });
    const same = newest?.kind === "value" && content !== undefined && sameContent(newest.content, content);
    const wanted = same ? undefined : content;
    if (wanted !== undefined || Object.keys(settings).length > 0) await tools.secretSet(id, wanted, settings);
    for (const give of orders.values()) await give();
  };
  return {
    read,
    own: async (ref) => {
      const found = await info(ref);
      return found === undefined ? undefined : owned("id" in ref ? ref.id : found.id);
    },
    add: async (content, options) => {
      added = true;
      const id = await tools.secretAdd(content, options);
      // What was read by label before, or found absent, is no longer so.
      reads = new Map();
      return owned(id);
    },
    told: () => added,
    flush: async () => {
      for (const change of changes.values()) await flushOne(change);
      changes.clear();
      reads = new Map();
    },
  };
}

/** Keeps an order back; given twice it is carried out once, in the place of the later one. */
function order({ orders }: Changes, key: string, give: () => Promise<void>): void {
  orders.delete(key);
  orders.set(key, give);
}

async function fetchInfo(tools: SecretTools, ref: SecretRef): Promise<SecretInfo | undefined> {
  if ("id" in ref && !isSecretUri(ref.id)) return undefined;
  try {
    return await tools.secretInfo(ref);
  } catch (thrown) {
    if (isRefusal(thrown, "not-found", "denied")) return undefined;
    throw thrown;
  }
}

async function fetchSecret(
  tools: SecretTools,
  ref: SecretRef,
  options: SecretGetOptions,
): Promise<SecretRead> {
  // An id comes from a databag as a rule: Juju is not even asked about something that cannot be one.
  if ("id" in ref && !isSecretUri(ref.id)) return { kind: "absent" };
  try {
    return { kind: "value", content: await tools.secretGet(ref, options) };
  } catch (thrown) {
    if (isRefusal(thrown, "denied")) return { kind: "not-granted" };
    if (isRefusal(thrown, "not-found")) return { kind: "absent" };
    throw thrown;
  }
}
