import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

export default defineConfig({
  base: "/requester/",
  plugins: [react()],
  build: {
    outDir: "../../dist/requester",
    emptyOutDir: true,
    target: ["chrome123", "firefox120", "safari17.5"],
    sourcemap: false,
    assetsInlineLimit: 0,
  },
});
