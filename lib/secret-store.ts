// Secrets within one hook: each read once, changes kept aside until flush().

import { HookToolError, type HookTools, type SecretGetOptions, type SecretRef } from "./hook-tools.ts";
import { isSecretUri, type SecretContent, sameContent, secretKey } from "./secrets.ts";

export type SecretRead =
  | { readonly kind: "value"; readonly content: SecretContent; readonly id: string }
  | { readonly kind: "not-granted" }
  | { readonly kind: "absent" };

type SecretTools = Pick<
  HookTools,
  "secretAdd" | "secretGet" | "secretIdOf" | "secretSet" | "secretGrant" | "secretRemove"
>;

export interface SecretStore {
  /** The newest revision (refresh, peek) includes what this hook has set; a plain read is the tracked one. */
  read(ref: SecretRef, options: SecretGetOptions): Promise<SecretRead>;
  add(
    owner: "application" | "unit",
    content: SecretContent,
    options: { readonly label?: string; readonly description?: string },
  ): Promise<string>;
  set(id: string, content: SecretContent): void;
  grant(id: string, relationId: number): void;
  remove(id: string): void;
  flush(): Promise<void>;
}

export function secretStore(tools: SecretTools): SecretStore {
  const reads = new Map<string, Promise<SecretRead>>();
  const contents = new Map<string, { readonly id: string; readonly content: SecretContent }>();
  const grants = new Map<string, { readonly id: string; readonly relationId: number }>();
  const removals = new Map<string, string>();

  const cached = (ref: SecretRef, options: SecretGetOptions): Promise<SecretRead> => {
    const key = JSON.stringify([ref, options.refresh === true, options.peek === true]);
    const known = reads.get(key) ?? fetchSecret(tools, ref, options);
    reads.set(key, known);
    return known;
  };
  const read = async (ref: SecretRef, options: SecretGetOptions): Promise<SecretRead> => {
    const found = await cached(ref, options);
    if (found.kind !== "value" || !(options.refresh || options.peek)) return found;
    const pending = contents.get(secretKey(found.id));
    return pending === undefined ? found : { ...found, content: pending.content };
  };
  const setOne = async (id: string, content: SecretContent): Promise<void> => {
    const newest = await cached({ id }, { peek: true });
    if (newest.kind === "value" && sameContent(newest.content, content)) return;
    await tools.secretSet(id, content);
  };
  return {
    read,
    add: async (owner, content, options) => {
      const id = await tools.secretAdd(content, { owner, ...options });
      // What was read by label before, or found absent, is no longer so.
      reads.clear();
      return id;
    },
    set: (id, content) => void contents.set(secretKey(id), { id, content }),
    grant: (id, relationId) => void grants.set(`${secretKey(id)} ${relationId}`, { id, relationId }),
    remove: (id) => void removals.set(secretKey(id), id),
    flush: async () => {
      for (const { id, content } of contents.values()) await setOne(id, content);
      for (const { id, relationId } of grants.values()) await tools.secretGrant(id, relationId);
      for (const id of removals.values()) await tools.secretRemove(id);
      for (const pending of [reads, contents, grants, removals]) pending.clear();
    },
  };
}

async function fetchSecret(
  tools: SecretTools,
  ref: SecretRef,
  options: SecretGetOptions,
): Promise<SecretRead> {
  // An id comes from a databag as a rule: Juju is not even asked about something that cannot be one.
  if ("id" in ref && !isSecretUri(ref.id)) return { kind: "absent" };
  try {
    const [content, id] = await Promise.all([tools.secretGet(ref, options), idOf(tools, ref)]);
    return { kind: "value", content, id };
  } catch (thrown) {
    if (!(thrown instanceof HookToolError)) throw thrown;
    if (thrown.reason === "denied") return { kind: "not-granted" };
    if (thrown.reason === "not-found") return { kind: "absent" };
    throw thrown;
  }
}

/** Only the owner may ask for the id of a label; for others it stays empty. */
async function idOf(tools: SecretTools, ref: SecretRef): Promise<string> {
  if ("id" in ref) return ref.id;
  try {
    return await tools.secretIdOf(ref.label);
  } catch (thrown) {
    if (thrown instanceof HookToolError) return "";
    throw thrown;
  }
}
