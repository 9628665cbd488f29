// The documents for newcomers and operators, as they type them; one after the other, since both use build/charm.
import { documentTest } from "../support/document.ts";

// Clusters of one: those of three are formed by the others.
await documentTest("README.md", 1);
await documentTest("docs/tutorial/clusterset-in-the-sandbox.md");
await documentTest("docs/how-to/operate-a-clusterset.md");
