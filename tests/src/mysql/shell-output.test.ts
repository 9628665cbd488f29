import { describe, expect, test } from "vitest";
import { readShellOutput } from "../../../src/mysql/shell-output.ts";

describe("progress", () => {
  test("is the last line that says something", () => {
    const text = [
      '{"info":"Clone based recovery selected through the recoveryMethod option\\n"}',
      '{"note":"127.0.1.2:3306 is being cloned from 127.0.1.1:3306\\n"}',
      '{"info":"** Stage FILE COPY: Completed\\n"}',
      '{"info":"\\n"}',
      "",
    ].join("\n");
    expect(readShellOutput(text)).toEqual({ error: "", progress: "** Stage FILE COPY: Completed" });
  });

  test("is the first line of a note of several", () => {
    const line =
      '{"note":"A server restart is expected to happen as part of the clone process. If the\\nserver does not support the RESTART command"}';
    expect(readShellOutput(line).progress).toBe(
      "A server restart is expected to happen as part of the clone process. If the",
    );
  });

  test("fits a status", () => {
    expect(readShellOutput(JSON.stringify({ status: "x".repeat(500) })).progress).toHaveLength(120);
  });
});

describe("the error", () => {
  test("is the last that is not empty", () => {
    const text =
      '{"error":"Unable to connect\\n"}\n{"error":"MYSQLSH 51113: Metadata Schema not found.\\n"}\n{"error":"\\n"}\n';
    expect(readShellOutput(text).error).toBe("MYSQLSH 51113: Metadata Schema not found.");
  });

  test("is not what a line of progress says", () => {
    expect(readShellOutput('{"info":"error: none\\n"}').error).toBe("");
  });
});

test("what is no message is passed over", () => {
  const text = [
    "Cannot set LC_ALL to locale en_US.UTF-8",
    "{broken",
    '{"info": 7}',
    '{"clusterName":"alpha","defaultReplicaSet":{}}',
    "[1]",
    "{}",
  ].join("\n");
  expect(readShellOutput(text)).toEqual({ error: "", progress: "" });
  expect(readShellOutput("")).toEqual({ error: "", progress: "" });
});
