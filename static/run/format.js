/** The button that lets the server format the program, as ruff does. */

import { failureOf, postJson } from "./runner.js";

/** @import {State} from "../state/state.js" */

/** @param {HTMLElement} button @param {{state: State, replace: (code: string) => void}} options */
export function createFormat(button, { state, replace }) {
  button.addEventListener("click", async () => {
    const code = state.code.value;
    try {
      const { code: formatted, why } = await (await postJson("/api/v1/format", { code })).json();
      if (state.code.value !== code) return; // it was edited meanwhile
      if (formatted !== null && formatted !== code) replace(formatted);
      state.notice.value =
        formatted === null ? `Not formatted: ${why}` : formatted === code ? "It is formatted already." : "";
    } catch (error) {
      const { title, detail } = failureOf(error);
      state.notice.value = [title, detail].filter(Boolean).join(": ");
    }
  });
}
