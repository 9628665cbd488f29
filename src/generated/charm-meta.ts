// Generated from metadata.yaml, actions.yaml and config.yaml by `node scripts/generate-types.ts`. Do not edit.

import type { CharmMeta } from "../../lib/index.ts";

export const charmMeta = {
  name: "mysql",
  endpoints: {
    "database-peers": {
      role: "peer",
      interface: "mysql_peers",
    },
    "async-primary": {
      role: "provides",
      interface: "async_replication",
    },
    "async-replica": {
      role: "requires",
      interface: "async_replication",
      limit: 1,
    },
  },
  storages: {
    database: {
      type: "filesystem",
      location: "/var/snap/charmed-mysql/common",
      multiple: false,
    },
  },
  actions: {
    "get-cluster-status": {
      params: {
        "cluster-set": {
          type: "boolean",
          required: false,
          default: false,
        },
      },
    },
    "get-password": {
      params: {
        username: {
          type: "string",
          required: false,
          default: "root",
        },
      },
    },
    "set-password": {
      params: {
        username: {
          type: "string",
          required: false,
          default: "root",
        },
        password: {
          type: "string",
          required: false,
        },
      },
    },
    "promote-standby-cluster": {
      params: {
        "cluster-set-name": {
          type: "string",
          required: true,
        },
        force: {
          type: "boolean",
          required: false,
          default: false,
        },
      },
    },
    "promote-to-primary": {
      params: {
        scope: {
          type: "string",
          required: true,
        },
        force: {
          type: "boolean",
          required: false,
          default: false,
        },
      },
    },
    "pre-upgrade-check": {
      params: {},
    },
    "recreate-cluster": {
      params: {},
    },
    "fence-writes": {
      params: {
        "cluster-set-name": {
          type: "string",
          required: true,
        },
      },
    },
    "unfence-writes": {
      params: {
        "cluster-set-name": {
          type: "string",
          required: true,
        },
        force: {
          type: "boolean",
          required: false,
          default: false,
        },
      },
    },
    "rejoin-cluster": {
      params: {
        "cluster-name": {
          type: "string",
          required: true,
        },
      },
    },
  },
  config: {
    "cluster-name": {
      type: "string",
    },
    "cluster-set-name": {
      type: "string",
    },
    profile: {
      type: "string",
      default: "production",
    },
    "profile-limit-memory": {
      type: "int",
    },
    "experimental-max-connections": {
      type: "int",
    },
    "binlog-retention-days": {
      type: "int",
      default: 7,
    },
    "logs-retention-period": {
      type: "string",
      default: "auto",
    },
  },
} as const satisfies CharmMeta;

/** The type of this charm's metadata: what names of relations, actions and options there are. */
export type Meta = typeof charmMeta;
