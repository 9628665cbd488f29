import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { printModule, type ReadText, readMeta } from "../../scripts/generate-types.ts";
import { charmMeta } from "../../src/generated/charm-meta.ts";

const files =
  (texts: Readonly<Record<string, string>>): ReadText =>
  async (file) =>
    texts[file];

const metadata = `
name: db
peers: {peers: {interface: db_peers}}
provides: {offer: {interface: db}}
requires: {upstream: {interface: db, limit: 1, optional: true}}
storage: {data: {type: filesystem, location: /srv}, logs: {type: block, multiple: {range: 0-}}}
resources: {image: {type: file, filename: image.tgz, description: of the test}}
extra-bindings: {admin: }
`;
const actions = `
show: {description: nothing}
promote:
  params:
    name: {type: string}
    force: {type: boolean, default: false}
  required: [name]
`;
const config = "options: {profile: {type: string, default: production}, memory: {type: int}}";

test("the three files become one description", async () => {
  const read = files({ "metadata.yaml": metadata, "actions.yaml": actions, "config.yaml": config });
  expect(await readMeta(read)).toEqual({
    name: "db",
    endpoints: {
      peers: { role: "peer", interface: "db_peers" },
      offer: { role: "provides", interface: "db" },
      upstream: { role: "requires", interface: "db", limit: 1 },
    },
    storages: {
      data: { type: "filesystem", location: "/srv", multiple: false },
      logs: { type: "block", multiple: true },
    },
    actions: {
      show: { params: {} },
      promote: {
        params: {
          name: { type: "string", required: true },
          force: { type: "boolean", required: false, default: false },
        },
      },
    },
    config: { profile: { type: "string", default: "production" }, memory: { type: "int" } },
    resources: { image: { type: "file" } },
    bindings: { admin: {} },
  });
});

test("a charm without actions and options has none", async () => {
  const meta = await readMeta(files({ "metadata.yaml": "name: db", "actions.yaml": "" }));
  expect(meta).toEqual({ name: "db", endpoints: {}, storages: {}, actions: {}, config: {} });
});

test.each<[Record<string, string>, string]>([
  [{ "metadata.yaml": "name: db\nstorage: {data: {type: cloud}}" }, "metadata.yaml: storage.data.type"],
  [{ "metadata.yaml": metadata, "config.yaml": "options: {a: {type: text}}" }, "config.yaml: options.a.type"],
  [{ "metadata.yaml": metadata, "actions.yaml": "a: {params: {b: {}}}" }, "actions.yaml: a.params.b.type"],
  [
    { "metadata.yaml": metadata, "actions.yaml": "a: {required: [b]}" },
    'a: "b" is required but is no parameter',
  ],
  [{}, "metadata.yaml: name"],
])("what is wrong is told with file and place: %#", async (texts, told) => {
  await expect(readMeta(files(texts))).rejects.toThrow(told);
});

test("the module is the description again", async () => {
  const meta = await readMeta(
    files({ "metadata.yaml": metadata, "actions.yaml": actions, "config.yaml": config }),
  );
  const text = printModule(meta);
  const literal = text.slice(text.indexOf("= {") + 2, text.indexOf(" as const"));
  expect(new Function(`return (${literal})`)()).toEqual(meta);
});

test("the charm's own module is current", async () => {
  const root = join(import.meta.dirname, "../..");
  expect(await readMeta((file) => readFile(join(root, file), "utf8"))).toEqual(charmMeta);
});
