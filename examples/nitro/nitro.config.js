export default {
  // Has no server of its own, and leaves the signals alone.
  preset: "standard",
  entry: "./serve.js",
  // One build for Node, Deno and Bun: packages that stay outside are those that Node takes.
  noExternals: true,
  compatibilityDate: "2025-10-01",
};
