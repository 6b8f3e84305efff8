import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

/** The server that `npm run dev` speaks to; `make run` listens here. */
const SERVER = "http://127.0.0.1:8420";

export default defineConfig({
  plugins: [react()],
  build: {
    outDir: "../src/vitruvian/api/static",
    emptyOutDir: true,
    target: "es2022",
    // The content security policy knows no data: scripts, and small files cache well alone.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1000,
  },
  // One table of units is shared with the terminal and lies outside of this folder.
  server: { proxy: { "/api": SERVER }, fs: { allow: [".", "../src/vitruvian/terms"] } },
});
