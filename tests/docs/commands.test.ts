// The documents for newcomers and operators, as they type them; one after the other, since both use build/charm.
import { documentTest } from "../support/document.ts";

await documentTest("docs/tutorial/clusterset-in-the-sandbox.md");
await documentTest("docs/how-to/operate-a-clusterset.md");
