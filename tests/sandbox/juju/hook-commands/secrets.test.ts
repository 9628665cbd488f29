import { beforeEach, describe, expect, test } from "vitest";
import { destroyRelation, leaveScope } from "../../../../lib/juju/relations.ts";
import { integrate } from "../../../../sandbox/juju/operations/relate.ts";
import { takeSnapshot } from "../../../../sandbox/juju/snapshot.ts";
import { refused, shell } from "../support/calls.ts";
import {
  deployed,
  nowMs,
  type Place,
  relationOf,
  settle,
  stateWithCharm,
  unitOf,
} from "../support/models.ts";

let owner: Place;
let peer: Place;
let reader: Place;
let relation: number;

beforeEach(() => {
  const state = stateWithCharm();
  owner = deployed(state, "rome", "a", 2);
  reader = deployed(state, "rome", "b");
  integrate(state, owner.model, "a:source", "b:sink");
  settle(state);
  peer = { ...owner, unit: unitOf(owner.model, "a/1") };
  relation = relationOf(owner.model, "source").id;
});

/** Runs command lines as one hook that succeeds; what the last one printed. */
function hook(place: Place, ...lines: readonly string[]): string {
  const run = shell(place);
  const printed = lines.map((line) => run.out(line));
  run.flush();
  return (printed.at(-1) ?? "").trim();
}

const added = (words = "token=one"): string => hook(owner, `secret-add ${words}`);
const granted = (): string => {
  const uri = added();
  hook(owner, `secret-grant ${uri} -r ${relation}`);
  return uri;
};
const newsOf = (place: Place) =>
  takeSnapshot(place.state, place.model, place.unit, nowMs).secretNews.map((news) => news.revision);
const obsoleteFor = (place: Place) =>
  takeSnapshot(place.state, place.model, place.unit, nowMs).secretsDue.obsolete.map(
    (secret) => secret.revision,
  );

describe("secret-add", () => {
  test("prints the address and keeps the content until the flush", () => {
    const run = shell(owner);
    const uri = run.out("secret-add token=one --label mine").trim();
    expect(uri).toMatch(new RegExp(`^secret://${owner.model.uuid}/[0-9a-z]{20}$`));
    expect(run.out(`secret-get ${uri} token`)).toBe("one\n");
    expect(run.out("secret-get --label mine")).toBe("token: one\n");
    expect(owner.model.secrets).toEqual({});
    expect(run.run("secret-add other=two --label mine")).toEqual(
      refused(1, 'secret with label "mine" already exists'),
    );
  });

  test("values as they are, as base64 and from files", () => {
    const run = shell(owner);
    const files = { "/tmp/x": "from file\n" };
    const uri = run.run("secret-add raw=a=b coded#base64=aGk= file#file=/tmp/x", files).stdout.trim();
    expect(run.out(`secret-get ${uri} --format json`)).toBe(
      '{"coded":"hi","file":"from file\\n","raw":"a=b"}\n',
    );
    expect(run.out(`secret-get ${uri} coded#base64`)).toBe("aGk=\n");
  });

  test.each([
    ["secret-add", 2, "missing secret value or filename"],
    ["secret-add Ab=1", 2, 'key "Ab" not valid'],
    ["secret-add ab=1", 2, 'key "ab" not valid'],
    ["secret-add key=1 --owner me", 2, 'secret owner "me" not valid'],
    ["secret-add key=1 --rotate often", 2, 'rotate policy "often" not valid'],
    ["secret-add key=1 --expire soon", 2, 'expire time or duration "soon" not valid'],
    ["secret-add key=1 --expire -1h", 2, "negative expire duration"],
  ])("%s", (line, code, message) => {
    expect(shell(owner).run(line)).toEqual(refused(code, message));
  });

  test("only the leader makes secrets of the application", () => {
    expect(shell(peer).run("secret-add key=1")).toEqual(refused(1, "this unit is not the leader"));
    expect(shell(peer).run("secret-add key=1 --owner unit").code).toBe(0);
  });
});

describe("reading", () => {
  test("needs a grant, which the relation carries, and ends with it", () => {
    const uri = added();
    expect(shell(reader).run(`secret-get ${uri}`)).toEqual(refused(1, "permission denied"));
    hook(owner, `secret-grant ${uri} -r ${relation}`);
    expect(hook(reader, `secret-get ${uri} token`)).toBe("one");
    const record = relationOf(owner.model, "source");
    destroyRelation(owner.state, owner.model, record);
    for (const unit of ["a/0", "a/1", "b/0"]) leaveScope(owner.state, owner.model, record, unit);
    expect(shell(reader).run(`secret-get ${uri}`)).toEqual(refused(1, "permission denied"));
  });

  test("the owner's other units read without a grant, by its label too, and may not change it", () => {
    const uri = added("token=one --label shared");
    expect(hook(peer, "secret-get --label shared")).toBe("token: one");
    expect(shell(peer).run(`secret-set ${uri} token=two`)).toEqual(refused(1, "permission denied"));
    expect(shell(peer).run(`secret-info-get ${uri}`).code).toBe(1);
  });

  test("the first read tracks the newest revision, later ones stay with it until --refresh", () => {
    const uri = granted();
    expect(hook(reader, `secret-get ${uri} token`)).toBe("one");
    hook(owner, `secret-set ${uri} token=two`);
    expect(hook(reader, `secret-get ${uri} token`)).toBe("one");
    expect(hook(reader, `secret-get ${uri} token --peek`)).toBe("two");
    expect(hook(reader, `secret-get ${uri} token`)).toBe("one");
    expect(hook(reader, `secret-get ${uri} token --refresh`)).toBe("two");
    expect(hook(reader, `secret-get ${uri} token`)).toBe("two");
  });

  test("tracking is written at once, even if the hook fails", () => {
    const uri = granted();
    shell(reader).out(`secret-get ${uri} token`);
    hook(owner, `secret-set ${uri} token=two`);
    expect(hook(reader, `secret-get ${uri} token`)).toBe("one");
  });

  test("a reader's own label", () => {
    const uri = granted();
    hook(reader, `secret-get ${uri} --label theirs`);
    expect(hook(reader, "secret-get --label theirs")).toBe("token: one");
    expect(shell(reader).run("secret-get --label unknown")).toEqual(
      refused(1, 'consumer label "unknown" not found'),
    );
  });

  test("a label of the application is none of its units' own, and the other way round", () => {
    hook(owner, "secret-add --label shared token=one");
    expect(() => hook(peer, "secret-add --owner unit --label shared token=two")).toThrow("already exists");
    hook(peer, "secret-add --owner unit --label mine token=two");
    expect(() => hook(owner, "secret-add --label mine token=three")).toThrow("already exists");
    hook(owner, "secret-add --owner unit --label mine token=four");
    expect(hook(peer, "secret-get --label mine")).toBe("token: two");
    expect(hook(owner, "secret-get --label mine")).toBe("token: four");
  });

  test("a label is its owner's or a reader's: the second to take it gets none, and is not told", () => {
    const theirs = granted();
    hook(reader, "secret-add --label mine token=two");
    expect(hook(reader, `secret-get ${theirs} --label mine`)).toBe("token: one");
    expect(hook(reader, "secret-get --label mine")).toBe("token: two");
    hook(reader, `secret-get ${theirs} --label theirs`, `secret-get ${theirs} --label theirs`);
    expect(() => hook(reader, "secret-add --owner unit --label theirs token=three")).toThrow(
      "already exists",
    );
    const uri = hook(reader, "secret-add --label other token=four");
    hook(reader, `secret-set ${uri} --label theirs --description kept`);
    expect(hook(reader, "secret-get --label other")).toBe("token: four");
    expect(hook(reader, `secret-info-get ${uri}`)).toContain("description: kept");
  });

  test("an update of this hook is seen by --peek and --refresh only", () => {
    const uri = added();
    const run = shell(owner);
    expect(run.out(`secret-get ${uri} token`)).toBe("one\n");
    run.out(`secret-set ${uri} token=two`);
    expect(run.out(`secret-get ${uri} token`)).toBe("one\n");
    expect(run.out(`secret-get ${uri} token --peek`)).toBe("two\n");
    expect(run.out(`secret-get ${uri} token --refresh`)).toBe("two\n");
    run.flush();
    expect(hook(owner, `secret-get ${uri} token`)).toBe("two");
  });

  test.each([
    ["secret-get", 2, "require either a secret URI or label"],
    ["secret-get secret:x", 2, 'secret URI "secret:x" not valid'],
    [`secret-get ${"0".repeat(20)}`, 1, `secret "${"0".repeat(20)}" not found`],
    [`secret-get ${"0".repeat(20)} --peek --refresh`, 2, "specify one of --peek or --refresh but not both"],
  ])("%s", (line, code, message) => {
    expect(shell(owner).run(line)).toEqual(refused(code, message));
  });

  test("all spellings of an address", () => {
    const uri = added();
    const id = uri.slice(-20);
    for (const spelling of [id, `secret:${id}`, `secret:${owner.model.uuid}/${id}`, uri]) {
      expect(hook(owner, `secret-get ${spelling} token`)).toBe("one");
    }
  });
});

describe("changing", () => {
  test("the whole content is replaced; the same content is no new revision", () => {
    const uri = added("token=one other=1");
    hook(owner, `secret-set ${uri} token=two`);
    expect(hook(owner, `secret-get ${uri} --peek --format json`)).toBe('{"token":"two"}');
    hook(owner, `secret-set ${uri} token=two`);
    expect(JSON.parse(hook(owner, `secret-info-get ${uri} --format json`))).toMatchObject({
      [uri.slice(-20)]: { revision: 2, owner: "application" },
    });
  });

  test("the last of several in a hook wins, and is one revision", () => {
    const uri = added();
    hook(owner, `secret-set ${uri} token=two`, `secret-set ${uri} token=three`);
    expect(hook(owner, `secret-get ${uri} token --peek`)).toBe("three");
    expect(owner.model.secrets[uri.slice(-20)]?.latest).toBe(2);
  });

  test("removing twice is no error; nor is a secret made and removed in one hook", () => {
    const uri = added();
    hook(owner, `secret-remove ${uri}`);
    hook(owner, `secret-remove ${uri}`);
    expect(owner.model.secrets).toEqual({});
    const run = shell(owner);
    run.out(`secret-remove ${run.out("secret-add key=one").trim()}`);
    run.flush();
    expect(owner.model.secrets).toEqual({});
  });

  test("secret-ids lists what the unit manages", () => {
    const uri = added();
    expect(hook(owner, "secret-ids --format json")).toBe(JSON.stringify([uri.slice(-20)]));
    expect(hook(peer, "secret-ids --format json")).toBe("null");
  });
});

describe("granting", () => {
  test.each([
    ["secret-grant {uri}", 2, "no relation id specified"],
    [
      "secret-grant {uri} -r {relation} --unit a/1",
      2,
      'cannot specify unit "a/1" in relation to application "b"',
    ],
    ["secret-revoke {uri}", 2, "missing relation or application or unit"],
    ["secret-revoke {uri} --app b --unit b/0", 2, "specify only one of application or unit"],
    ["secret-revoke {uri} -r {relation} --app b", 2, "do not specify both relation and app"],
  ])("%s", (line, code, message) => {
    const uri = added();
    const filled = line.replace("{uri}", uri).replace("{relation}", String(relation));
    expect(shell(owner).run(filled)).toEqual(refused(code, message));
  });

  test("to one unit, and then not to its application until that is revoked", () => {
    const uri = added();
    hook(owner, `secret-grant ${uri} -r ${relation} --unit b/0`);
    expect(hook(reader, `secret-get ${uri} token`)).toBe("one");
    expect(shell(owner).run(`secret-grant ${uri} -r ${relation}`).stderr).toContain(
      "any unit level grants need to be revoked",
    );
    hook(owner, `secret-revoke ${uri} --unit b/0`);
    expect(shell(reader).run(`secret-get ${uri}`)).toEqual(refused(1, "permission denied"));
  });
});

describe("events", () => {
  test("secret-changed is due for who tracks an older revision and may still read, not for the owner", () => {
    const uri = granted();
    for (const place of [reader, peer, owner]) hook(place, `secret-get ${uri}`);
    expect(newsOf(reader)).toEqual([]);
    hook(owner, `secret-set ${uri} token=two`);
    expect(newsOf(reader)).toEqual([2]);
    expect(newsOf(peer)).toEqual([2]);
    expect(newsOf(owner)).toEqual([]);
    hook(owner, `secret-revoke ${uri} -r ${relation}`);
    expect(newsOf(reader)).toEqual([]);
  });

  test("secret-remove is due for revisions that nobody tracks, never for the newest", () => {
    const uri = granted();
    hook(reader, `secret-get ${uri}`);
    hook(owner, `secret-set ${uri} token=two`);
    hook(owner, `secret-set ${uri} token=three`);
    expect(obsoleteFor(owner)).toEqual([2]);
    hook(reader, `secret-get ${uri} --refresh`);
    expect(obsoleteFor(owner)).toEqual([1, 2]);
    expect(obsoleteFor(peer)).toEqual([]);
  });

  test("expiry and rotation are due at their time", () => {
    added("token=one --rotate hourly --expire 30m");
    const dueAt = (milliseconds: number) =>
      takeSnapshot(owner.state, owner.model, owner.unit, nowMs + milliseconds).secretsDue;
    expect([dueAt(60_000).expired.length, dueAt(60_000).rotate.length]).toEqual([0, 0]);
    expect([dueAt(1_800_000).expired.length, dueAt(1_800_000).rotate.length]).toEqual([1, 0]);
    expect(dueAt(3_600_000).rotate).toHaveLength(1);
  });
});
