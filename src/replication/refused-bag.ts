// The row of both sides of a relation for a databag of the other application that its schema refuses.
import { type BagValue, type Row, stuck, wait } from "../../lib/index.ts";
import { statuses } from "../statuses.ts";

interface RemoteFacts {
  readonly remoteApp: string;
  readonly remote: BagValue<unknown>;
}

export const refusedBag: Row<RemoteFacts, never> = {
  name: "remote databag is refused",
  when: (f) => f.remote.kind === "invalid",
  then: (f) =>
    f.remote.kind === "invalid"
      ? stuck(statuses.badRemote(f.remoteApp, f.remote.field, f.remote.reason))
      : wait(),
};
