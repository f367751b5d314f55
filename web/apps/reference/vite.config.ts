import { defineConfig } from "vite";

export default defineConfig({
  base: "/docs/",
  build: {
    outDir: "../../dist/reference",
    emptyOutDir: true,
    target: ["chrome123", "firefox120", "safari17.5"],
    sourcemap: false,
    assetsInlineLimit: 0,
    // The renderer comes as one file.
    chunkSizeWarningLimit: 1000,
  },
});
