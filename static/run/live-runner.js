/** Starts a live run, follows it, gives it orders, and finds it again after a reload. */

import { batch } from "@preact/signals-core";
import { failureOf, refusedBy } from "./runner.js";

/**
 * @import {Control, RunDocument, StreamEvent} from "../state/types.js"
 * @import {State} from "../state/state.js"
 * @import {Answer, Live} from "../state/live.js"
 */

const RUNS = "/api/v1/runs";
const KEPT = "gradfn-live";
const MAX_EXPLAINED = 50; // warnings for which the document is read again

/** @type {StreamEvent["name"][]} */
const EVENTS = [
  "reset",
  "started",
  "curve",
  "state",
  "views",
  "controls",
  "stdout",
  "stderr",
  "figure",
  "diagnostic",
  "paused",
  "resumed",
];

/** @param {State} state @param {Live} live */
export function createLiveRunner(state, live) {
  /** @type {EventSource | null} */
  let source = null;
  /** @type {Record<string, number>} values that the next run begins with */
  let wanted = {};
  let wantedFor = "";
  let looking = /** @type {"" | "once" | "again"} */ ("");

  function leave() {
    source?.close();
    source = null;
  }

  /** Follows a run to its end. @param {string} address @param {string} code */
  function follow(address, code) {
    const mine = (source = new EventSource(`${address}/events`));
    batch(() => {
      live.forget();
      live.address.value = address;
      live.status.value = "running";
      state.runStarted();
    });
    let lost = false;
    mine.onopen = () => {
      if (lost) live.notice.value = "Connected again; nothing of the loss is missing.";
      lost = false;
    };
    mine.onerror = () => {
      if (source !== mine) return;
      if (mine.readyState === EventSource.CLOSED) {
        leave();
        void finish(address, code);
      } else {
        lost = true;
        live.notice.value = "The connection was lost; trying again …";
      }
    };
    for (const name of EVENTS) {
      mine.addEventListener(name, (event) => {
        if (source === mine) batch(() => live.hear({ name, value: JSON.parse(event.data) }));
      });
    }
    mine.addEventListener("graph", () => void look(address, code));
    mine.addEventListener("diagnostic", () => {
      // The document has the same warning with its explanation; a program that never stops warning is not followed.
      const { diagnostics } = state.document.value ?? { diagnostics: [] };
      if (state.isLive.value && diagnostics.length < MAX_EXPLAINED) void look(address, code);
    });
    mine.addEventListener("moved", (event) => {
      if (source === mine && !looking) state.graphMoved(JSON.parse(event.data));
    });
    mine.addEventListener("finished", () => {
      if (source !== mine) return;
      leave();
      void finish(address, code);
    });
  }

  /** @param {string} address @returns {Promise<RunDocument>} the run as it stands, drawn */
  async function read(address) {
    const response = await fetch(address);
    if (!response.ok) throw await refusedBy(response);
    return response.json();
  }

  /** The graph looks new; what looks new meanwhile is read after that. @param {string} address @param {string} code */
  async function look(address, code) {
    if (looking) return void (looking = "again");
    do {
      looking = "once";
      const known = live.diagnostics.value.length;
      // Figures came by themselves.
      const document = await read(`${address}?picture=true&figures=false`).catch(() => null);
      if (!document || live.address.value !== address || live.status.value === "ended") continue;
      batch(() => {
        live.diagnostics.value = live.diagnostics.value.slice(known);
        state.graphSeen(document, code);
      });
    } while (/** @type {string} */ (looking) === "again");
    looking = "";
  }

  /** @param {string} address @param {string} code */
  async function finish(address, code) {
    live.status.value = "ended";
    try {
      const document = await read(`${address}?picture=true`);
      if (live.address.value === address) state.documentArrived(document, code);
    } catch (error) {
      if (live.address.value !== address) return;
      live.address.value = null;
      state.runFailed(failureOf(error), code);
    }
  }

  /** @param {string} path @param {object} body */
  async function post(path, body) {
    const headers = { "Content-Type": "application/json" };
    return fetch(path, { method: "POST", headers, body: JSON.stringify(body) });
  }

  return {
    /** Starts what is in the editor; the last run is let go. @param {{paused?: boolean}} [options] */
    async run({ paused = false } = {}) {
      const old = live.address.value;
      leave();
      if (old) void fetch(old, { method: "DELETE" });
      const code = state.code.value;
      if (wantedFor !== state.origin.value.title) wanted = {};
      state.runStarted();
      live.answers.value = [];
      try {
        const response = await post(RUNS, { code, paused, controls: wanted, ...(speedOf() ?? {}) });
        if (!response.ok) throw await refusedBy(response);
        const { links } = await response.json();
        sessionStorage.setItem(KEPT, JSON.stringify({ address: links.self, code }));
        follow(links.self, code);
      } catch (error) {
        state.runFailed(failureOf(error), code);
      }
    },

    /** The run that was on this page before a reload, if it was of this program. */
    async findAgain() {
      const kept = JSON.parse(sessionStorage.getItem(KEPT) ?? "null");
      if (!kept || kept.code !== state.code.value) return false;
      const response = await fetch(kept.address).catch(() => null);
      if (!response?.ok) return false;
      follow(kept.address, kept.code);
      return true;
    },

    /** @param {"pause" | "resume" | "step" | "stop"} command @param {"iteration" | "line"} [by] */
    async order(command, by = "iteration") {
      const address = live.address.value;
      if (!address) return;
      const response = await post(`${address}/commands`, command === "step" ? { command, by } : { command });
      if (!response.ok && response.status !== 409) live.notice.value = (await refusedBy(response)).failure.detail;
    },

    /** Gives a control a value, now or in the next run. @param {Control} control @param {number} value */
    async set(control, value) {
      wanted = { ...wanted, [control.name]: value };
      wantedFor = state.origin.value.title;
      if (control.name.includes(".")) delete wanted[control.name];
      if (live.status.value === "ended" || control.applies === "restart") return;
      const body = { command: "set", controls: { [control.name]: value } };
      const response = await post(`${live.address.value}/commands`, body);
      if (!response.ok && response.status !== 409) live.notice.value = (await refusedBy(response)).failure.detail;
    },

    /** @param {number} speed iterations a second, 0 as fast as it goes */
    async setSpeed(speed) {
      live.speed.value = speed;
      chosenSpeed = speed;
      if (live.status.value !== "ended") await post(`${live.address.value}/commands`, { command: "set", speed });
    },

    /** @param {string} expression */
    async ask(expression) {
      const response = await post(`${live.address.value}/evaluate`, { expression });
      const told = await response.json();
      /** @type {Answer} */
      const answer = response.ok
        ? {
            expression,
            repr: told.repr,
            error: told.error ? `${told.error.type}: ${told.error.message}` : "",
            stdout: told.stdout,
            graph: (told.graph?.functions ?? []).map((/** @type {{name: string}} */ each) => each.name).join(" → "),
          }
        : { expression, repr: null, error: told.detail ?? told.title, stdout: "", graph: "" };
      live.answers.value = [...live.answers.value, answer];
    },

    stop() {
      void this.order("stop");
    },

    /** Another program was opened: this one is nobody's any more. */
    forget() {
      leave();
      const address = live.address.value;
      if (address) void fetch(address, { method: "DELETE" });
      chosenSpeed = null;
      batch(() => {
        live.address.value = null;
        live.status.value = "ended";
        live.forget();
        live.controls.value = [];
      });
    },
  };
}

/** What the reader chose; the program's own speed until then. @type {number | null} */
let chosenSpeed = null;

function speedOf() {
  return chosenSpeed === null ? null : { speed: chosenSpeed };
}
