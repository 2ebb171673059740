import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

export default defineConfig({
  plugins: [react()],
  base: "/bigcommerce/static/",
  build: {
    manifest: true,
    sourcemap: false,
    chunkSizeWarningLimit: 700, // one chunk on purpose: BigDesign is used by every screen
    rollupOptions: { input: "src/main.tsx" },
  },
});
