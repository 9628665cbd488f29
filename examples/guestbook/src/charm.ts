// The whole charm: guests introduce themselves, hosts answer with a greeting.
import * as z from "zod";
import { charmOf, type Relation, readBag, type Scope, type Status, worst } from "../../../lib/index.ts";
import { charmMeta, type Meta } from "./generated/charm-meta.ts";

/** What a guest's unit writes. */
const introduction = z.object({ name: z.string().regex(/^[\p{L} ]{1,40}$/u) });
/** What a host's leader answers, in its application's data. */
const answer = z.object({ greeting: z.string().max(500) });

/** Every hook leads to the same work, so that none can be missed. */
export const guestbook = charmOf(charmMeta, {
  reconcile: async (_event, scope) => {
    const statuses = [await welcomeGuests(scope), await visitHost(scope)];
    const status = worst(statuses.filter((told) => told !== undefined));
    await scope.model.setUnitStatus(status ?? { kind: "waiting", message: "integrate guests or host" });
  },
  actions: {
    "list-guests": async ({ limit }, scope) => {
      const relations = await scope.model.relations("guests");
      const names = (await Promise.all(relations.map((relation) => namesIn(scope, relation)))).flat();
      return { guests: names.slice(0, limit).join(","), count: names.length };
    },
  },
});

/** As a host: reads who is there, and the leader greets them. */
async function welcomeGuests(scope: Scope<Meta>): Promise<Status | undefined> {
  const { model } = scope;
  const relations = (await model.relations("guests")).filter(({ broken }) => !broken);
  if (relations.length === 0) return undefined;
  const leader = await model.leadership();
  const { salutation } = await model.config();
  let count = 0;
  for (const relation of relations) {
    const names = await namesIn(scope, relation);
    count += names.length;
    const greeting = names.length === 0 ? "" : `${salutation} ${names.join(" and ")}`;
    if (leader !== undefined) model.writeApp(leader, relation, { greeting });
  }
  return { kind: "active", message: `guests: ${count}` };
}

/** Who introduced themselves properly in one relation. */
async function namesIn({ model, log }: Scope<Meta>, relation: Relation): Promise<readonly string[]> {
  const names: string[] = [];
  for (const unit of await model.remoteUnits(relation)) {
    const read = readBag(introduction, await model.readUnit(relation, unit));
    if (read.kind === "value") names.push(read.value.name);
    if (read.kind === "invalid") log.warn(`${unit} introduced itself badly: ${read.field}: ${read.reason}`);
  }
  return names;
}

/** As a guest: says its name, and shows what the host answered. */
async function visitHost({ model }: Scope<Meta>): Promise<Status | undefined> {
  const relation = (await model.relations("host")).find(({ broken }) => !broken);
  if (relation === undefined) return undefined;
  const { name } = await model.config();
  if (name === "") return { kind: "blocked", message: `juju config ${model.context.app} name=<your name>` };
  model.writeUnit(relation, { name });
  const read = readBag(answer, (await model.readApp(relation, "remote")) ?? {});
  switch (read.kind) {
    case "value":
      return { kind: "active", message: read.value.greeting };
    case "absent":
      return { kind: "waiting", message: `for a greeting from ${relation.remoteApp}` };
    case "invalid":
      return { kind: "blocked", message: `${relation.remoteApp} sent a bad ${read.field}: ${read.reason}` };
  }
}
