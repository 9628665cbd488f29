// The tutorial and the README, as a newcomer types them.
import { documentTest } from "../support/document.ts";

await documentTest("docs/tutorial/clusterset-in-the-sandbox.md");
