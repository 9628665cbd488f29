// A charm as a table of handlers: every name in it is one that the charm's YAML declares, or it does not compile.

import type {
  ActionEvent,
  Event,
  LifecycleEvent,
  RelationEvent,
  RelationKind,
  SecretEvent,
  StorageEvent,
} from "./events.ts";
import type { ActionName, ActionParams, CharmMeta, EndpointName, StorageName } from "./meta.ts";
import { checkParameters } from "./parameters.ts";
import type { NestedResults } from "./results.ts";
import type { Charm, Scope } from "./run.ts";

type Handler<M extends CharmMeta, E> = (event: E, scope: Scope<M>) => Promise<void> | void;
type OfKind<E, K> = E extends { readonly kind: infer Kind }
  ? K extends Kind
    ? E & { readonly kind: K }
    : never
  : never;

type Table<M extends CharmMeta, E extends { readonly kind: string }> = {
  readonly [K in E["kind"]]?: Handler<M, OfKind<E, K>>;
};

/** The scope of an action: the action is there. */
export type ActionScope<M extends CharmMeta> = Scope<M> & {
  readonly action: NonNullable<Scope<M>["action"]>;
};

/** Does an action: what it returns are the results, what it throws is the failure. */
type ActionHandler<M extends CharmMeta, A extends ActionName<M>> = (
  params: ActionParams<M, A>,
  scope: ActionScope<M>,
) => Promise<NestedResults | undefined> | Promise<void> | NestedResults | undefined;

export interface Handlers<M extends CharmMeta> {
  /** install, config-changed, update-status … and the events of secrets. */
  readonly hooks?: Table<M, LifecycleEvent | SecretEvent>;
  readonly relations?: {
    readonly [E in EndpointName<M>]?: {
      readonly [K in RelationKind]?: Handler<M, OfKind<RelationEvent<E>, K>>;
    };
  };
  readonly storages?: { readonly [S in StorageName<M>]?: Table<M, StorageEvent<S>> };
  readonly actions?: { readonly [A in ActionName<M>]?: ActionHandler<M, A> };
  /** The charm's own events, by the name that juju-exec gives them. */
  readonly own?: Readonly<Record<string, Handler<M, Extract<Event<M>, { readonly kind: "custom" }>>>>;
  /** Runs at the end of every hook, whichever it is; not after actions. */
  readonly reconcile?: Handler<M, Exclude<Event<M>, ActionEvent<ActionName<M>>>>;
}

/** Makes a charm of its handlers. An event without a handler is ignored; an action without one fails and says so. */
export function charmOf<M extends CharmMeta>(
  meta: M,
  handlers: Handlers<M>,
  later?: NonNullable<Charm<M>["later"]>,
): Charm<M> {
  const handle = async (event: Event<M>, scope: Scope<M>): Promise<void> => {
    if (event.kind === "action") return runAction(meta, handlers, event, scope);
    await handlerOf(handlers, event)?.(event, scope);
    // The compiler does not see that a generic event without actions is no action.
    await handlers.reconcile?.(event as Parameters<NonNullable<typeof handlers.reconcile>>[0], scope);
  };
  return later === undefined ? { meta, handle } : { meta, handle, later };
}

/** The entry for this event. Its type is that of the event by which it was found. */
function handlerOf<M extends CharmMeta>(
  handlers: Handlers<M>,
  event: Exclude<Event<M>, { readonly kind: "action" }>,
): Handler<M, Event<M>> | undefined {
  const table: Readonly<Partial<Record<string, unknown>>> | undefined =
    "endpoint" in event
      ? handlers.relations?.[event.endpoint]
      : "storage" in event
        ? handlers.storages?.[event.storage]
        : event.kind === "custom"
          ? handlers.own
          : handlers.hooks;
  const name = event.kind === "custom" ? event.name : event.kind;
  if (table === undefined || !Object.hasOwn(table, name)) return undefined;
  return table[name] as Handler<M, Event<M>> | undefined;
}

async function runAction<M extends CharmMeta>(
  meta: M,
  { actions }: Handlers<M>,
  event: ActionEvent<ActionName<M>>,
  scope: Scope<M>,
): Promise<void> {
  const { action } = scope;
  const handler = actions?.[event.action];
  if (action === undefined) throw new Error("an action event without an action");
  if (handler === undefined) return action.fail(`the charm does nothing for the action ${event.action} yet`);
  const declared = meta.actions[event.action];
  const given = await action.given();
  if (declared !== undefined) checkParameters(declared, given);
  const results = await handler(given as ActionParams<M, ActionName<M>>, { ...scope, action });
  if (results !== undefined) action.setResults(results);
}
