/** Starts a live run, listens to its events, sends it commands, and reconnects to it after a reload. */

import { batch } from "@preact/signals-core";
import { failureOf, requestError } from "./runner.js";
import { inView } from "./folds.js";
import { session } from "../state/storage.js";

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
  /** @type {Record<string, number>} the values of controls at the start of the next run */
  let startValues = {};
  let startValuesFor = "";
  let refreshing = /** @type {"" | "once" | "again"} */ ("");

  function disconnect() {
    source?.close();
    source = null;
  }

  /** Listens to the events of a run until it ends. @param {string} address @param {string} code */
  function listen(address, code) {
    const mine = (source = new EventSource(`${address}/events`));
    batch(() => {
      live.reset();
      live.address.value = address;
      live.status.value = "running";
      state.runStarted();
    });
    let isLost = false;
    mine.onopen = () => {
      if (isLost) live.notice.value = "Reconnected. No loss values were missed.";
      isLost = false;
    };
    mine.onerror = () => {
      if (source !== mine) return;
      if (mine.readyState === EventSource.CLOSED) {
        disconnect();
        void finish(address, code);
      } else {
        isLost = true;
        live.notice.value = "Connection lost. Reconnecting …";
      }
    };
    for (const name of EVENTS) {
      mine.addEventListener(name, (event) => {
        if (source === mine) batch(() => live.handleEvent({ name, value: JSON.parse(event.data) }));
      });
    }
    mine.addEventListener("graph", () => void refresh(address, code));
    // The graph of a pause may be read before the run is known to be paused.
    mine.addEventListener("paused", () => void refresh(address, code));
    mine.addEventListener("diagnostic", () => {
      // The document has the warning with its explanation. A program may warn without end, so there is a limit.
      const { diagnostics } = state.document.value ?? { diagnostics: [] };
      if (state.isLive.value && diagnostics.length < MAX_EXPLAINED) void refresh(address, code);
    });
    mine.addEventListener("moved", (event) => {
      if (source === mine && !refreshing) state.liveValuesArrived(JSON.parse(event.data));
    });
    mine.addEventListener("finished", () => {
      if (source !== mine) return;
      disconnect();
      void finish(address, code);
    });
  }

  const asked = () => {
    const { compact, merged } = state.view.value;
    return `layout=true&compact=${compact}&merged=${merged}`;
  };

  /** @param {string} address @param {string} code @returns {Promise<RunDocument>} the current document, with its layout */
  async function read(address, code) {
    const response = await fetch(address);
    if (!response.ok) throw await requestError(response);
    return inView(await response.json(), code, state.view.value);
  }

  /** Reads the document again; once more if that is asked for while it is read. @param {string} address @param {string} code */
  async function refresh(address, code) {
    if (refreshing) return void (refreshing = "again");
    do {
      refreshing = "once";
      const known = live.diagnostics.value.length;
      // Figures arrive as events.
      const document = await read(`${address}?${asked()}&figures=false`, code).catch(() => null);
      if (!document || live.address.value !== address || live.status.value === "ended") continue;
      batch(() => {
        live.diagnostics.value = live.diagnostics.value.slice(known);
        state.liveDocumentArrived(document, code);
      });
    } while (/** @type {string} */ (refreshing) === "again");
    refreshing = "";
  }

  /** @param {string} address @param {string} code */
  async function finish(address, code) {
    live.status.value = "ended";
    try {
      const document = await read(`${address}?${asked()}`, code);
      if (live.address.value === address) state.documentArrived(document, code);
    } catch (error) {
      if (live.address.value !== address) return;
      live.address.value = null;
      state.runFailed(failureOf(error), code);
    }
  }

  // The cookie says it too, but not in a frame of another site's page.
  let owner = "";

  /** @param {string} path @param {object} body @param {RequestInit} [more] */
  async function post(path, body, more = {}) {
    const headers = { "Content-Type": "application/json", "Gradfn-Owner": owner };
    const response = await fetch(path, { method: "POST", headers, body: JSON.stringify(body), ...more });
    owner = response.headers.get("Gradfn-Owner") ?? owner;
    return response;
  }

  // After a reload the page watches again; else the run ends and gives its place to others.
  addEventListener("pagehide", ({ persisted }) => {
    const address = live.address.value;
    if (!address || persisted) return; // a page that is kept may be gone back to
    // Whatever the status: the stream is closed by now. A beacon would not say who owns the run.
    post(`${address}/commands`, { command: "leave" }, { keepalive: true }).catch(() => {});
  });

  return {
    /** Starts the program in the editor; the previous run is deleted. @param {{paused?: boolean}} [options] */
    async run({ paused = false } = {}) {
      const old = live.address.value;
      disconnect();
      if (old) void fetch(old, { method: "DELETE", headers: { "Gradfn-Owner": owner } });
      const code = state.code.value;
      live.keepCurve();
      if (startValuesFor !== state.origin.value.title) startValues = {};
      state.runStarted();
      live.answers.value = [];
      try {
        const response = await post(RUNS, {
          code,
          paused,
          options: { cuda_on_cpu: true },
          controls: startValues,
          ...(speedOf() ?? {}),
        });
        if (!response.ok) throw await requestError(response);
        const { links } = await response.json();
        session.write(KEPT, JSON.stringify({ address: links.self, code }));
        listen(links.self, code);
      } catch (error) {
        state.runFailed(failureOf(error), code);
      }
    },

    /** Reconnects to the run that the page had before a reload, if the program is the same. */
    async reconnect() {
      const kept = JSON.parse(session.read(KEPT) ?? "null");
      if (!kept || kept.code !== state.code.value) return false;
      const response = await fetch(kept.address).catch(() => null);
      if (!response?.ok) return false;
      listen(kept.address, kept.code);
      return true;
    },

    /** @param {"pause" | "resume" | "step" | "stop"} command @param {"iteration" | "line"} [by] */
    async send(command, by = "iteration") {
      const address = live.address.value;
      if (!address) return;
      const response = await post(`${address}/commands`, command === "step" ? { command, by } : { command });
      if (!response.ok && response.status !== 409) live.notice.value = (await requestError(response)).failure.detail;
    },

    /** The line that the program asked for. @param {string} text */
    async enter(text) {
      const response = await post(`${live.address.value}/commands`, { command: "enter", text });
      if (!response.ok && response.status !== 409) live.notice.value = (await requestError(response)).failure.detail;
    },

    /** Sets a control, now or in the next run. @param {Control} control @param {number} value */
    async set(control, value) {
      startValues = { ...startValues, [control.name]: value };
      startValuesFor = state.origin.value.title;
      if (control.name.includes(".")) delete startValues[control.name];
      if (live.status.value === "ended" || control.applies === "restart") return;
      const body = { command: "set", controls: { [control.name]: value } };
      const response = await post(`${live.address.value}/commands`, body);
      if (!response.ok && response.status !== 409) live.notice.value = (await requestError(response)).failure.detail;
    },

    /** The program has another number now, which the run has too. */
    keepCode() {
      const address = live.address.value;
      if (address) session.write(KEPT, JSON.stringify({ address, code: state.code.value }));
    },

    /** @param {number} speed iterations a second, 0 as fast as it goes */
    async setSpeed(speed) {
      live.speed.value = speed;
      chosenSpeed = speed;
      if (live.status.value !== "ended") await post(`${live.address.value}/commands`, { command: "set", speed });
    },

    /** @param {string} expression */
    async evaluate(expression) {
      const response = await post(`${live.address.value}/evaluate`, { expression });
      const answered = await response.json();
      /** @type {Answer} */
      const answer = response.ok
        ? {
            expression,
            repr: answered.repr,
            error: answered.error ? `${answered.error.type}: ${answered.error.message}` : "",
            stdout: answered.stdout,
            graph: (answered.graph?.functions ?? []).map((/** @type {{name: string}} */ each) => each.name).join(" → "),
          }
        : { expression, repr: null, error: answered.detail ?? answered.title, stdout: "", graph: "" };
      live.answers.value = [...live.answers.value, answer];
    },

    stop() {
      void this.send("stop");
    },

    /** Another program was opened: deletes this run. */
    discard() {
      disconnect();
      const address = live.address.value;
      if (address) void fetch(address, { method: "DELETE", headers: { "Gradfn-Owner": owner } });
      chosenSpeed = null;
      batch(() => {
        live.address.value = null;
        live.status.value = "ended";
        live.reset();
        live.earlier = [];
        live.controls.value = [];
      });
    },
  };
}

/** The speed that the user chose; null for the program's own. @type {number | null} */
let chosenSpeed = null;

function speedOf() {
  return chosenSpeed === null ? null : { speed: chosenSpeed };
}
