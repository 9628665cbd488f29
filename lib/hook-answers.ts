// How the JSON that hook commands print is read. What Juju leaves out is absent; what has another form than Juju's is no answer.

import { Secret } from "./secrets.ts";

type Json = Readonly<Record<string, unknown>>;

/** An answer that Juju does not give. It must not be taken for "none": a charm may remove what Juju does not know. */
export class WrongForm extends Error {
  override readonly name = "WrongForm";
}

const longestKey = 60;

export interface NetworkAddress {
  readonly value: string;
  readonly cidr: string;
  readonly hostname: string;
}

/** What Juju knows of a network binding. The single addresses are the first of their sort, left out when there is none. */
export interface NetworkInfo {
  readonly bindAddress?: string;
  readonly ingressAddress?: string;
  readonly hostname?: string;
  readonly interfaces: readonly {
    readonly name: string;
    readonly mac: string;
    readonly addresses: readonly NetworkAddress[];
  }[];
  readonly ingressAddresses: readonly string[];
  readonly egressSubnets: readonly string[];
}

export interface SecretInfo {
  readonly id: string;
  readonly revision: number;
  readonly owner: "application" | "unit";
  readonly label: string;
  readonly description: string;
  /** `never` where Juju says nothing. */
  readonly rotation: string;
  readonly expires: Date | undefined;
  readonly rotates: Date | undefined;
}

export interface StorageInfo {
  readonly kind: "filesystem" | "block";
  /** Mount point, or path of the device. */
  readonly location: string;
}

export interface OpenedPort {
  /** `80/tcp`, `8000-8010/udp` or `icmp`. */
  readonly range: string;
  /** Empty: for all. */
  readonly endpoints: readonly string[];
}

export interface GoalStatus {
  /** A status of the workload, `joined`, or `dying` for what goes. */
  readonly status: string;
  readonly since: string;
}

/** What the model is to become, as far as Juju knows. */
export interface GoalState {
  /** Units of this application. */
  readonly units: Readonly<Record<string, GoalStatus>>;
  /** By endpoint: the remote applications and their units. */
  readonly relations: Readonly<Record<string, Readonly<Record<string, GoalStatus>>>>;
}

/** How the cloud is reached. The attributes depend on the kind of login and count as secrets. */
export interface CloudCredential {
  readonly type: string;
  readonly name: string;
  readonly region: string;
  readonly endpoint: string;
  readonly authType: string;
  readonly attributes: Readonly<Record<string, Secret>>;
}

/** A list of strings; Juju prints null for some empty lists. */
export function strings(answer: unknown): readonly string[] {
  return list(answer).map((item) => {
    if (typeof item !== "string") throw new WrongForm("an item of a list is no text");
    return item;
  });
}

/** Names of units, or of instances of storage: `<name>/<number>`. */
export function numbered(answer: unknown): readonly string[] {
  return strings(answer).map((name) => {
    if (!/^[a-z][a-z0-9-]*\/(?:0|[1-9]\d*)$/.test(name))
      throw new WrongForm("an item of a list is not <name>/<number>");
    return name;
  });
}

/** A map of strings; null counts as an empty one. */
export function textMap(answer: unknown): Readonly<Record<string, string>> {
  const texts = Object.entries(object(answer)).map(([key, value]): [string, string] => {
    if (typeof value !== "string") throw new WrongForm(`${key.slice(0, longestKey)} is no text`);
    return [key, value];
  });
  return Object.fromEntries(texts);
}

/** A text; "" where Juju prints nothing. */
export function plainText(answer: unknown): string {
  if (typeof answer === "string") return answer;
  if (answer === undefined || answer === null) return "";
  throw new WrongForm("it is no text");
}

/** `true` or `false`, and nothing that could pass for one. */
export function truth(answer: unknown): boolean {
  if (typeof answer !== "boolean") throw new WrongForm("it is neither true nor false");
  return answer;
}

/** The numbers of `<endpoint>:<number>`. */
export function relationNumbers(answer: unknown): readonly number[] {
  return strings(answer).map((id) => {
    const number = /:(\d{1,15})$/.exec(id)?.[1];
    if (number === undefined) throw new WrongForm("a relation's id is not <endpoint>:<number>");
    return Number(number);
  });
}

/** Values of options: texts, numbers, truths. */
export function readOptionValues(answer: unknown): Readonly<Record<string, string | number | boolean>> {
  const values = Object.entries(object(answer)).map(([key, value]): [string, string | number | boolean] => {
    if (typeof value === "string" || typeof value === "number" || typeof value === "boolean")
      return [key, value];
    throw new WrongForm(`${key.slice(0, longestKey)} is no option's value`);
  });
  return Object.fromEntries(values);
}

/** All that network-get tells of a binding. */
export function readNetwork(answer: unknown): NetworkInfo {
  const network = object(answer);
  const interfaces = list(network["bind-addresses"]).map((device) => ({
    name: text(device, "interface-name", "interfacename"),
    mac: text(device, "mac-address", "macaddress"),
    addresses: list(object(device)["addresses"] ?? object(device)["Addresses"]).map((address) => ({
      value: text(address, "value", "address"),
      cidr: text(address, "cidr"),
      hostname: text(address, "hostname"),
    })),
  }));
  const ingressAddresses = strings(network["ingress-addresses"]);
  const first = interfaces[0]?.addresses[0];
  return {
    ...(first === undefined || first.value === "" ? {} : { bindAddress: first.value }),
    ...(ingressAddresses[0] === undefined ? {} : { ingressAddress: ingressAddresses[0] }),
    ...(first === undefined || first.hostname === "" ? {} : { hostname: first.hostname }),
    interfaces,
    ingressAddresses,
    egressSubnets: strings(network["egress-subnets"]),
  };
}

/** The secret of secret-info-get; undefined when it names none. */
export function readSecretInfo(answer: unknown): SecretInfo | undefined {
  const [found] = Object.entries(object(answer));
  if (found === undefined) return undefined;
  const [id, told] = found;
  const { revision } = object(told);
  return {
    id,
    revision: typeof revision === "number" ? revision : 0,
    owner: text(told, "owner") === "unit" ? "unit" : "application",
    label: text(told, "label"),
    description: text(told, "description"),
    rotation: text(told, "rotation") || "never",
    expires: time(text(told, "expiry")),
    rotates: time(text(told, "rotates")),
  };
}

export function readStorage(answer: unknown): StorageInfo {
  return {
    kind: text(answer, "kind") === "block" ? "block" : "filesystem",
    location: text(answer, "location"),
  };
}

/** A line of `opened-ports --endpoints`: `80/tcp (*)`, `80/tcp (db, web)`; `*` stands for all of them. */
export function readOpenedPort(line: string): OpenedPort {
  const [range = "", rest = ""] = line.split(" (", 2);
  const endpoints = rest
    .replace(/\)$/, "")
    .split(/[\s,]+/)
    .filter((name) => name !== "");
  return { range, endpoints: endpoints.includes("*") ? [] : endpoints };
}

/** Whoever asks is among the units: without any it is no answer, and every other unit would pass for removed. */
export function readGoalState(answer: unknown): GoalState {
  const { units, relations } = object(answer);
  if (Object.keys(object(units)).length === 0) throw new WrongForm("it names no unit");
  return {
    units: mapObject(units, readGoal),
    relations: mapObject(relations, (ends) => mapObject(ends, readGoal)),
  };
}

export function readCredential(answer: unknown): CloudCredential {
  const { credential } = object(answer);
  const attributes = object(credential)["attrs"] ?? object(credential)["attributes"];
  return {
    type: text(answer, "type"),
    name: text(answer, "name"),
    region: text(answer, "region"),
    endpoint: text(answer, "endpoint"),
    authType: text(credential, "auth-type"),
    attributes: mapObject(textMap(attributes), (value) => new Secret(String(value))),
  };
}

/** The map behind an answer; an empty one where there is none. */
export function object(value: unknown): Json {
  if (value === undefined || value === null) return {};
  if (typeof value !== "object" || Array.isArray(value)) throw new WrongForm("a map was expected");
  return value as Json;
}

function readGoal(told: unknown): GoalStatus {
  return { status: text(told, "status"), since: text(told, "since") };
}

function mapObject<T>(value: unknown, read: (value: unknown) => T): Readonly<Record<string, T>> {
  return Object.fromEntries(Object.entries(object(value)).map(([key, each]) => [key, read(each)]));
}

function list(value: unknown): readonly unknown[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw new WrongForm("a list was expected");
  return value;
}

/** The text under the first of these keys that has one; empty when none has. */
function text(value: unknown, ...keys: readonly string[]): string {
  const found = keys.map((key) => object(value)[key]).find((each) => typeof each === "string");
  return typeof found === "string" ? found : "";
}

function time(told: string): Date | undefined {
  const found = new Date(told);
  return Number.isNaN(found.getTime()) ? undefined : found;
}
