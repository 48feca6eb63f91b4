/** Light or dark theme: the system's setting, until the user chooses one, which is stored. */

import { local } from "../state/storage.js";

const KEY = "gradfn:theme";

/** @param {HTMLElement} button @param {{changed: () => void}} options */
export function createTheme(button, { changed }) {
  const root = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)");
  const isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : system.matches);
  const tell = () => {
    button.setAttribute("aria-pressed", String(isDark()));
    changed();
  };

  button.addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    local.write(KEY, root.dataset.theme);
    tell();
  });
  system.addEventListener("change", tell);
  tell();
}
