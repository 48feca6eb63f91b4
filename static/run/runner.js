/** Runs a program on the server; every failure becomes a message. */

/**
 * @import {Failure, RunDocument} from "../state/types.js"
 * @import {State} from "../state/state.js"
 */

const GRAPH = "/api/v1/graph";

/** @param {State} state */
export function createRunner(state) {
  /** @type {AbortController | null} */
  let current = null;

  return {
    /** Runs the program in the editor; a current run is stopped first. */
    async run() {
      current?.abort();
      const mine = (current = new AbortController());
      const code = state.code.value;
      state.runStarted();
      try {
        const seed = crypto.getRandomValues(new Uint32Array(1))[0] ?? 0;
        const options = { layout: true, steps: true, cuda_on_cpu: true, seed, ...state.view.value };
        const response = await postProgram("", code, { options, signal: mine.signal });
        /** @type {RunDocument} */
        const document = await response.json();
        if (current === mine) state.documentArrived(document, code, seed);
      } catch (error) {
        if (current !== mine) return;
        if (mine.signal.aborted) state.runStopped();
        else state.runFailed(failureOf(error), code);
      } finally {
        if (current === mine) current = null;
      }
    },

    /** The server ends the run when its client goes away. */
    stop() {
      current?.abort();
    },

    /** Discards the current run, because another program was opened. */
    discard() {
      const old = current;
      current = null;
      old?.abort();
      state.running.value = false;
    },
  };
}

/**
 * @param {string} ending "" for the run document, ".svg", ".png", ".dot" or ".layout" for its graph; "/api/v1/…" is asked as it is
 * @param {string} code
 * @param {{options?: object, graph?: string | null, signal?: AbortSignal, more?: object}} [more] `graph`: one that the server keeps
 */
export async function postProgram(ending, code, { options = {}, graph, signal, more = {} } = {}) {
  const body = { code, options, ...(graph ? { graph } : {}), ...more };
  return postJson(ending.startsWith("/") ? ending : GRAPH + ending, body, signal);
}

/** The response; a RequestError where it is not OK. @param {string} address @param {object} body @param {AbortSignal} [signal] */
export async function postJson(address, body, signal) {
  const response = await fetch(address, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
    signal: signal ?? null,
  });
  if (!response.ok) throw await requestError(response);
  return response;
}

/** @param {unknown} error @returns {Failure} */
export function failureOf(error) {
  if (error instanceof RequestError) return error.failure;
  return {
    title: "The server could not be reached",
    detail: error instanceof SyntaxError ? "Its response was cut off." : "No response was received.",
    advice: "Check that it is running and that you are online, then run again.",
  };
}

/** @typedef {{title?: string, detail?: string, errors?: {detail?: string, message?: string, msg?: string}[]}} Problem */

/** The server refused the request or failed. */
class RequestError extends Error {
  /** @param {Response} response @param {Problem} problem */
  constructor(response, problem) {
    super(problem.title);
    const seconds = Number(response.headers.get("Retry-After")) || 1;
    this.failure = {
      title: problem.title || `The server answered ${response.status}`,
      detail: problem.detail || "",
      advice: advice(response.status, seconds),
    };
  }
}

/** The error to throw for a response that is not OK. @param {Response} response */
export async function requestError(response) {
  return new RequestError(response, await problemOf(response));
}

/** @param {number} status @param {number} seconds */
function advice(status, seconds) {
  const wait = seconds === 1 ? "a second" : `${seconds} seconds`;
  if (status === 413) return "Make the program shorter and run again.";
  if (status === 422 || status === 400) return "Correct what the message names, then run again.";
  if (status === 429) return `You have started too many programs: wait ${wait}, then run again.`;
  if (status === 503) return `The server is busy: wait ${wait}, then run again.`;
  return "Run again. If it fails again, see the server’s log.";
}

/** @param {Response} response @returns {Promise<Problem>} */
async function problemOf(response) {
  try {
    return await response.json();
  } catch {
    return {};
  }
}
