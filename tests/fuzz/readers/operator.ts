// What an operator types: options, and the parameters of actions. Juju has checked types only.
import fc from "fast-check";
import { expect } from "vitest";
import * as z from "zod";
import { runEvent } from "../../../lib/testing/world.ts";
import { charmMeta, type Meta } from "../../../src/generated/charm-meta.ts";
import {
  fenceWritesSchema,
  getClusterStatusSchema,
  getPasswordSchema,
  preUpgradeCheckSchema,
  promoteStandbyClusterSchema,
  promoteToPrimarySchema,
  rejoinClusterSchema,
  setPasswordSchema,
  unfenceWritesSchema,
} from "../../../src/wire/actions.ts";
import { readConfig } from "../../../src/wire/config.ts";
import { inGaul, inSet } from "../../src/support/set.ts";
import { namedWorld } from "../../src/support/world.ts";
import type { Played } from "../support/harmless.ts";
import { textLike } from "../support/hostile.ts";
import { expectUntouched, type Reader, reader } from "../support/reader.ts";
import { realQuotes, rome } from "../support/site.ts";

const value = z.union([z.string(), z.number(), z.boolean()]);
const values = z.record(z.string(), value);
type Values = z.infer<typeof values>;

const numbers = fc.constantFrom(0, -1, 1, 9, 599, 600, 49_711, 2 ** 31, 2 ** 53, -(2 ** 53), 10_000_000);

/** Values with one of them replaced by another of its type. */
function valuesLike(valid: Values): fc.Arbitrary<Values> {
  const one = Object.entries(valid).map(([key, current]) => {
    const other: fc.Arbitrary<Values[string]> =
      typeof current === "string" ? textLike(current) : typeof current === "number" ? numbers : fc.boolean();
    return other.map((changed) => ({ ...valid, [key]: changed }));
  });
  return one.length === 0 ? fc.constant(valid) : fc.oneof(...one);
}

type Action = keyof Meta["actions"];

const actions: Readonly<
  Record<Action, { readonly schema: string; readonly check: z.ZodType; readonly valid: Values }>
> = {
  "get-cluster-status": {
    schema: "getClusterStatusSchema",
    check: getClusterStatusSchema,
    valid: { "cluster-set": true },
  },
  "get-password": { schema: "getPasswordSchema", check: getPasswordSchema, valid: { username: "root" } },
  "set-password": {
    schema: "setPasswordSchema",
    check: setPasswordSchema,
    valid: { username: "backups", password: "given-by-a-person" },
  },
  "promote-standby-cluster": {
    schema: "promoteStandbyClusterSchema",
    check: promoteStandbyClusterSchema,
    valid: { "cluster-set-name": "gaul", force: false },
  },
  "promote-to-primary": {
    schema: "promoteToPrimarySchema",
    check: promoteToPrimarySchema,
    valid: { scope: "unit", force: false },
  },
  "pre-upgrade-check": { schema: "preUpgradeCheckSchema", check: preUpgradeCheckSchema, valid: {} },
  "recreate-cluster": { schema: "preUpgradeCheckSchema", check: preUpgradeCheckSchema, valid: {} },
  "fence-writes": {
    schema: "fenceWritesSchema",
    check: fenceWritesSchema,
    valid: { "cluster-set-name": "gaul" },
  },
  "unfence-writes": {
    schema: "unfenceWritesSchema",
    check: unfenceWritesSchema,
    valid: { "cluster-set-name": "gaul", force: false },
  },
  "rejoin-cluster": {
    schema: "rejoinClusterSchema",
    check: rejoinClusterSchema,
    valid: { "cluster-name": "paris" },
  },
};

/** Passwords that anybody may say, and that /etc/hosts does. */
const everywhere: ReadonlySet<unknown> = new Set(["localhost"]);

/** On the leader of the cluster that leads a set. What Juju itself refuses (an enum) is not tried. */
async function run(action: Action, params: Values): Promise<Played> {
  const site = await inSet({ leader: "rome", ports: realQuotes });
  const world = { ...inGaul(), relations: inGaul().relations.filter(({ id }) => id !== 5) };
  const result = await runEvent(site.charm, world, { kind: "action", action, actionId: "9" }, { params });
  const { password } = params;
  const isTelling = typeof password === "string" && password.length >= 8 && !everywhere.has(password);
  const secrets = isTelling ? [password] : [];
  return { site, servers: Object.values(site.servers), result, secrets };
}

const actionReaders = (Object.keys(actions) as readonly Action[]).map((action) => {
  const { schema, check, valid } = actions[action];
  return reader({
    name: `action-${action}`,
    from: "an operator",
    schemas: [schema],
    input: values,
    valid,
    like: valuesLike,
    play: (params) => run(action, params),
    also: (params, played) => {
      const read = check.safeParse(params);
      if (read.success) return;
      const field = String(read.error.issues[0]?.path[0]);
      expect(played.result.action.failure).toContain(`Parameter ${field}: must be`);
      expectUntouched(played);
    },
  });
});

const options: Values = {
  "cluster-name": "rome",
  "cluster-set-name": "empire",
  profile: "testing",
  "profile-limit-memory": 1000,
  "experimental-max-connections": 50,
  "binlog-retention-days": 7,
  "logs-retention-period": "auto",
};

export const operatorReaders: readonly Reader[] = [
  ...actionReaders,
  reader({
    name: "options",
    from: "an operator",
    schemas: ["configSchema", "clusterNameSchema"],
    input: values,
    valid: options,
    like: valuesLike,
    play: async (config) => {
      const site = await rome();
      const known = Object.entries(config).filter(([name]) => Object.hasOwn(charmMeta.config, name));
      const world = namedWorld({ config: Object.fromEntries(known) });
      return {
        site,
        servers: [site.local],
        result: await runEvent(site.charm, world, { kind: "config-changed" }),
      };
    },
    also: (config, played) => {
      const read = readConfig(config);
      if (read.kind === "value") return;
      expect(played.result.world.unitStatus).toMatchObject({ kind: "blocked" });
      expect(played.result.world.unitStatus?.message).toContain(`Option ${read.option} must be`);
      expectUntouched(played);
    },
  }),
];
