// What the check of the documents finds.
import { expect, test } from "vitest";
import { headingsOf } from "../../scripts/docs/anchors.ts";
import { strangeCommands } from "../../scripts/docs/commands.ts";

const code = (...lines: string[]): string => `\`\`\`sh\n${lines.join("\n")}\n\`\`\`\n`;

test("headings as GitHub names them", () => {
  const text = "# One: `two`, three!\n## [A link](x.md)\n## Same\n## Same\n```sh\n# no heading\n```\n";
  expect([...headingsOf(text)]).toEqual(["one-two-three", "a-link", "same", "same-1"]);
});

test.each([
  ["juju deploy x --config profle=testing", "there is no option profle"],
  ["juju config db1 profile=testing nothing=1", "there is no option nothing"],
  ["juju integrate db2:async-standby db1", "there is no endpoint async-standby"],
  ["juju run db1/leader get-pasword", "there is no action get-pasword"],
  ["npx sandbox run -m rome db1/0 get-password user=root", "get-password has no parameter user"],
  ["juju run db1/0 get-password \\\n  user=root", "get-password has no parameter user"],
])("%s", (line, problem) => {
  expect(strangeCommands(code(line)).join()).toContain(problem);
});

test("what the charm has is accepted", () => {
  const lines = [
    "juju deploy ./mysql.charm db1 -n 3 --config cluster-name=rome --config profile=testing",
    "npx sandbox integrate -m lisbon db2:async-replica db1",
    "juju run db2/leader promote-standby-cluster cluster-set-name=europe force=true  # now",
    "ls --config x=1",
  ];
  expect(strangeCommands(code(...lines))).toEqual([]);
  expect(strangeCommands("Run `juju run db1/0 nothing` and `juju run`.")).toHaveLength(1);
});
