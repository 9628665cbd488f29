// The words of an operation: names in both spellings, typed values, refusals as recorded.
import { describe, expect, it } from "vitest";
import {
  CommandLineError,
  errorText,
  exitCodeOf,
  UnknownNameError,
} from "../../../sandbox/snaps/charmed-mysql/mysqlsh/errors.ts";
import {
  type Arguments,
  camelCase,
  kebabCase,
  parseArguments,
  type Signature,
} from "../../../sandbox/snaps/charmed-mysql/mysqlsh/options.ts";

const SIGNATURE: Signature = {
  positional: [
    { name: "name", about: "" },
    { name: "more", about: "", optional: true },
  ],
  options: {
    recoveryMethod: { choice: ["auto", "clone", "incremental"] },
    extended: { range: [0, 3] },
    force: "flag",
    timeout: "integer",
    label: "text",
    invalidateReplicaClusters: "list",
  },
};

const parse = (...words: readonly string[]): Arguments => parseArguments(["x", ...words], SIGNATURE);

function refusal(...words: readonly string[]): { text: string; exit: number } {
  try {
    parse(...words);
  } catch (error) {
    return { text: errorText(error), exit: exitCodeOf(error) };
  }
  throw new Error("nothing was refused");
}

describe("option names", () => {
  it("are the same in camelCase and kebab-case", () => {
    expect(parse("--recovery-method=clone").text("recoveryMethod")).toBe("clone");
    expect(parse("--recoveryMethod=clone").text("recoveryMethod")).toBe("clone");
    expect(camelCase("force-quorum-using-partition-of")).toBe("forceQuorumUsingPartitionOf");
    expect(kebabCase("forceQuorumUsingPartitionOf")).toBe("force-quorum-using-partition-of");
  });

  it("end with 10 when they are unknown, as they were written", () => {
    expect(refusal("--noSuchOption=1")).toEqual({
      text: "The following option is invalid: --noSuchOption",
      exit: 10,
    });
    expect(refusal("--add-instances=auto").text).toBe("The following option is invalid: --add-instances");
    expect(refusal("--constructor=1").exit).toBe(10);
    expect(() => parse("--x")).toThrow(UnknownNameError);
  });
});

describe("option values", () => {
  it.each([
    ["--force", true],
    ["--force=true", true],
    ["--force=1", true],
    ["--force=false", false],
    ["--force:bool=true", true],
  ])("%s", (word, value) => {
    expect(parse(word).flag("force")).toBe(value);
  });

  it("follow as the next word unless it is an option or the option is a flag", () => {
    const args = parse("--label", "one", "--force", "--timeout", "30");
    expect([args.text("label"), args.flag("force"), args.integer("timeout")]).toEqual(["one", true, 30]);
    expect(parse("--force", "two").optional(1)).toBe("two");
  });

  it("stay text where text is wanted, digits included", () => {
    expect(parse("--label=007").text("label")).toBe("007");
    expect(parse("--label:str=true").text("label")).toBe("true");
    expect(parse("--label=a=b").text("label")).toBe("a=b");
  });

  it("take lists as JSON only", () => {
    expect(parse('--invalidate-replica-clusters:json=["a","b"]').list("invalidateReplicaClusters")).toEqual([
      "a",
      "b",
    ]);
    expect(refusal("--invalidateReplicaClusters=gamma")).toEqual({
      text: "ArgumentError: Argument #3: The 'invalidateReplicaClusters' option must be a list of strings.",
      exit: 1,
    });
    expect(() => parse("--invalidate-replica-clusters:list=gamma")).toThrow(
      "Argument error at '--invalidate-replica-clusters:list=gamma': Array indicated, but value is String",
    );
  });

  it("are refused outside their range or choice", () => {
    expect(refusal("--extended=9").text).toBe(
      "ArgumentError: Argument #3: Invalid value '9' for option 'extended'. It must be an integer in the range [0, 3].",
    );
    expect(refusal("--recovery-method=magic").text).toBe(
      "ArgumentError: Argument #3: Invalid value for 'recoveryMethod' option. Supported values: auto, clone, incremental.",
    );
    expect(refusal("--timeout=soon").text).toContain("Integer expected");
    expect(refusal("--force=maybe").text).toContain("Bool expected");
  });

  it("compare choices without regard to case", () => {
    expect(parse("--recovery-method=CLONE").text("recoveryMethod")).toBe("clone");
  });

  it("are undefined when they were not given", () => {
    const args = parse();
    expect([args.text("label"), args.flag("force"), args.integer("timeout"), args.has("force")]).toEqual([
      undefined,
      undefined,
      undefined,
      false,
    ]);
    expect(args.list("invalidateReplicaClusters")).toEqual([]);
  });
});

describe("positional values", () => {
  it("are required unless they are optional", () => {
    expect(() => parseArguments([], SIGNATURE)).toThrow(
      new CommandLineError("Missing value for required 'name' parameter."),
    );
    expect(parseArguments(["a"], SIGNATURE).optional(1)).toBeUndefined();
  });

  it("are refused when there are too many", () => {
    expect(() => parse("b", "c")).toThrow(CommandLineError);
  });

  it("may hold blanks, and braces are no values", () => {
    expect(parseArguments(["{", "1 bad name", "}"], SIGNATURE).at(0)).toBe("1 bad name");
  });
});
