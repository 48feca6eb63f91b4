/** Dividers between the panes, moved by pointer or arrow keys; the widths are stored. */

import { local } from "../state/storage.js";

const KEY = "gradfn:widths";
const STEP = 24;
const LEAST = 260;

/** @param {HTMLElement} panes the grid @param {{code: HTMLElement, details: HTMLElement}} bars */
export function createDividers(panes, bars) {
  /** @type {Record<string, number>} */
  const widths = read();
  const sides = { code: ".code-pane", details: ".details-pane" };

  for (const [side, bar] of Object.entries(bars)) {
    const pane = /** @type {HTMLElement} */ (panes.querySelector(sides[/** @type {"code" | "details"} */ (side)]));
    const sign = side === "code" ? 1 : -1;

    /** @param {number} wanted */
    const set = (wanted) => {
      const width = Math.round(Math.max(LEAST, Math.min(wanted, panes.clientWidth * 0.45)));
      widths[side] = width;
      panes.style.setProperty(`--${side}-width`, `${width}px`);
      bar.setAttribute("aria-valuenow", String(width));
    };
    const tellLimits = () => {
      bar.setAttribute("aria-valuemin", String(LEAST));
      bar.setAttribute("aria-valuemax", String(Math.round(panes.clientWidth * 0.45)));
      bar.setAttribute("aria-valuenow", String(Math.round(pane.clientWidth)));
    };

    bar.addEventListener("pointerdown", (event) => {
      bar.setPointerCapture(event.pointerId);
      event.preventDefault();
    });
    bar.addEventListener("pointermove", (event) => {
      if (!bar.hasPointerCapture(event.pointerId)) return;
      const { left, right } = panes.getBoundingClientRect();
      set(side === "code" ? event.clientX - left : right - event.clientX);
    });
    bar.addEventListener("pointerup", () => write(widths));
    bar.addEventListener("dblclick", () => {
      delete widths[side];
      panes.style.removeProperty(`--${side}-width`);
      write(widths);
      tellLimits();
    });
    bar.addEventListener("keydown", (event) => {
      const direction = { ArrowRight: sign, ArrowLeft: -sign }[event.key];
      if (!direction) return;
      event.preventDefault();
      set(pane.clientWidth + direction * STEP);
      write(widths);
    });
    if (widths[side]) set(widths[side]);
    tellLimits();
  }
}

/** @returns {Record<string, number>} */
function read() {
  try {
    const kept = JSON.parse(local.read(KEY) ?? "{}");
    return Object.fromEntries(Object.entries(kept).filter(([, width]) => Number.isFinite(width)));
  } catch {
    return {};
  }
}

/** @param {Record<string, number>} widths */
const write = (widths) => local.write(KEY, JSON.stringify(widths));
