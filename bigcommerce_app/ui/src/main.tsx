import { GlobalStyles } from "@bigcommerce/big-design";
import { theme as bigDesign } from "@bigcommerce/big-design-theme";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { StyleSheetManager, ThemeProvider } from "styled-components";

import { App } from "./App";
import { readConfig } from "./config";

const ROOT = "root";

// BigDesign's blue text on the blue that lies behind it on hover is a little too pale for WCAG AA.
const theme = { ...bigDesign, colors: { ...bigDesign.colors, primary10: "#F5F7FF" } };

const config = readConfig(document);
const root = document.getElementById(ROOT) ?? document.body.appendChild(Object.assign(document.createElement("div"), { id: ROOT }));
// The page's policy may allow styles by nonce only; it is the one of the script that loaded us.
const nonce = document.querySelector<HTMLScriptElement>("script[nonce]")?.nonce;

createRoot(root).render(
  <StrictMode>
    <StyleSheetManager nonce={nonce}>
      <ThemeProvider theme={theme}>
        <GlobalStyles />
        <App config={config} />
      </ThemeProvider>
    </StyleSheetManager>
  </StrictMode>,
);
