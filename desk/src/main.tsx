import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

import { App } from "./App.tsx";
import { preferred, speak } from "./i18n.ts";
import "./kit/theme.css";
import { chosenTheme, wear } from "./theme.ts";

wear(chosenTheme());
await speak(preferred());
const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
}
