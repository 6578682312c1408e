import { describe, expect, test, vi } from "vitest";
import { posix } from "../../../platforms/posix.ts";

describe("where there is no process of an operating system", () => {
  test("refuses Cloudflare Workers, although their process looks like Node's", () => {
    vi.stubGlobal("navigator", { userAgent: "Cloudflare-Workers" });
    try {
      expect(() => posix()).toThrow('Cannot use the POSIX platform: the runtime is "Cloudflare-Workers"');
    } finally {
      vi.unstubAllGlobals();
    }
  });

  test("refuses a browser", () => {
    vi.stubGlobal("process", undefined);
    try {
      expect(() => posix()).toThrow(
        "Cannot use the POSIX platform: the runtime has no process of an operating system",
      );
    } finally {
      vi.unstubAllGlobals();
    }
  });
});
