// Whether the fragments of links name a heading of the document that they lead to.
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";

/** The fragments of a document's headings, as GitHub makes them. */
export function headingsOf(text: string): ReadonlySet<string> {
  const prose = text.replaceAll(/^```[\s\S]*?^```/gm, "");
  const slugs = new Map<string, number>();
  const all = [...prose.matchAll(/^#{1,6} +(.+?) *$/gm)].map(([, title = ""]) => {
    const slug = slugOf(title);
    const seen = slugs.get(slug) ?? 0;
    slugs.set(slug, seen + 1);
    return seen === 0 ? slug : `${slug}-${seen}`;
  });
  return new Set(all);
}

function slugOf(title: string): string {
  return title
    .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1")
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}_\- ]/gu, "")
    .replaceAll(" ", "-");
}

/** Links of a document whose heading is not there. */
export async function missingHeadings(root: string, document: string): Promise<readonly string[]> {
  const text = await readFile(join(root, document), "utf8");
  const found = [...text.matchAll(/\]\(([^)\s:#]*)#([^)\s]+)\)/g)].map(
    async ([, target = "", fragment = ""]) => {
      const path = target === "" ? document : join(dirname(document), target);
      if (!path.endsWith(".md") || !existsSync(join(root, path))) return [];
      const headings = headingsOf(await readFile(join(root, path), "utf8"));
      return headings.has(fragment) ? [] : [`${document}: ${path} has no heading #${fragment}`];
    },
  );
  return (await Promise.all(found)).flat();
}
