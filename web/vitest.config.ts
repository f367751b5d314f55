import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "template-core",
          environment: "node",
          include: ["packages/template-core/src/**/*.test.ts"],
        },
      },
      {
        plugins: [react()],
        test: {
          name: "browser-packages",
          environment: "jsdom",
          isolate: false,
          include: ["packages/{template,ui,api}/src/**/*.test.{ts,tsx}", "apps/*/src/**/*.test.{ts,tsx}"],
          setupFiles: ["./testing/setup.ts"],
        },
      },
    ],
  },
});
