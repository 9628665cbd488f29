// Generated from metadata.yaml, actions.yaml and config.yaml by `node scripts/generate-types.ts`. Do not edit.

import type { CharmMeta } from "../../../../lib/index.ts";

export const charmMeta = {
  name: "guestbook",
  endpoints: {
    guests: {
      role: "provides",
      interface: "guestbook",
    },
    host: {
      role: "requires",
      interface: "guestbook",
      limit: 1,
    },
  },
  storages: {},
  actions: {
    "list-guests": {
      params: {
        limit: {
          type: "integer",
          required: false,
          default: 10,
        },
      },
    },
  },
  config: {
    name: {
      type: "string",
      default: "",
    },
    salutation: {
      type: "string",
      default: "Hello",
    },
  },
} as const satisfies CharmMeta;

/** The type of this charm's metadata: what names of relations, actions and options there are. */
export type Meta = typeof charmMeta;
