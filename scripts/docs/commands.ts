// Whether the commands that documents tell people to type name options, actions, parameters and endpoints that the charm has.
import { charmMeta } from "../../src/generated/charm-meta.ts";

type Params = Readonly<Record<string, unknown>>;

const options = new Set(Object.keys(charmMeta.config));
const actions: Readonly<Record<string, { readonly params: Params }>> = charmMeta.actions;
const endpoints = new Set(Object.keys(charmMeta.endpoints));
/** Of Charmed MySQL, in the guide to move from it. */
const foreign = new Set(["create-replication"]);

/** What is wrong with the commands of a document, if anything: all lines of code that begin with juju or the sandbox. */
export function strangeCommands(text: string): readonly string[] {
  const blocks = [...text.matchAll(/^```(?:sh.*)?\n([\s\S]*?)^```/gm)].map(([, block = ""]) => block);
  const quoted = [...text.matchAll(/`(juju [^`\n]+)`/g)].map(([, line = ""]) => line);
  return [...blocks.join("\n").replaceAll("\\\n", " ").split("\n"), ...quoted].flatMap((line) => {
    const command = /^(?:juju|npx sandbox|npm run sandbox --) +(.*)$/.exec(line.trim())?.[1];
    return command === undefined
      ? []
      : strangersIn(command.replace(/ +#.*$/, "")).map((what) => `${line.trim()}: ${what}`);
  });
}

function strangersIn(command: string): readonly string[] {
  const words = command.replaceAll(/(?:-m|--model) +\S+ */g, "").split(/ +/);
  const [verb = "", ...rest] = words;
  const given = [...command.matchAll(/--config +([\w-]+)=/g)].map(([, name = ""]) => name);
  if (verb === "config") given.push(...rest.slice(1).flatMap((word) => /^([\w-]+)=?/.exec(word)?.[1] ?? []));
  const ends = ["offer", "integrate", "remove-relation"].includes(verb)
    ? [...command.matchAll(/:([a-z][a-z-]*)/g)].map(([, name = ""]) => name)
    : [];
  return [
    ...given.filter((name) => !options.has(name)).map((name) => `there is no option ${name}`),
    ...ends.filter((name) => !endpoints.has(name)).map((name) => `there is no endpoint ${name}`),
    ...(verb === "run" ? strangersInRun(rest) : []),
  ];
}

function strangersInRun(words: readonly string[]): readonly string[] {
  const [name = "", ...given] = words.filter((word) => !word.includes("/") && !word.startsWith("-"));
  if (name === "" || foreign.has(name)) return [];
  const action = Object.hasOwn(actions, name) ? actions[name] : undefined;
  if (action === undefined) return [`there is no action ${name}`];
  return given
    .map((word) => word.split("=")[0] ?? "")
    .filter((param) => !Object.hasOwn(action.params, param))
    .map((param) => `${name} has no parameter ${param}`);
}
