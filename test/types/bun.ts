// Holds our structural types against Node's, as @types/bun has them: `tsc -p tsconfig.bun.json`.
export * from "./process.ts";
