/** Runs a program on the server; every way that can go wrong is put in words. */

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
    /** Runs what is in the editor; a run under way is stopped first. */
    async run() {
      current?.abort();
      const mine = (current = new AbortController());
      const code = state.code.value;
      state.runStarted();
      try {
        const response = await postProgram("", code, mine.signal);
        /** @type {RunDocument} */
        const document = await response.json();
        if (current === mine) state.documentArrived(document, code);
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

    /** Forgets a run under way, because another program was opened. */
    forget() {
      const old = current;
      current = null;
      old?.abort();
      state.running.value = false;
    },
  };
}

/**
 * @param {string} ending "" for the run document, ".svg", ".png" or ".dot" for a picture
 * @param {string} code
 * @param {AbortSignal} [signal]
 */
export async function postProgram(ending, code, signal) {
  const options = ending ? {} : { picture: true, steps: true };
  const response = await fetch(GRAPH + ending, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ code, options }),
    signal: signal ?? null,
  });
  if (!response.ok) throw await refusedBy(response);
  return response;
}

/** @param {unknown} error @returns {Failure} */
export function failureOf(error) {
  if (error instanceof Refused) return error.failure;
  return {
    title: "The server could not be reached",
    detail: error instanceof SyntaxError ? "Its answer broke off before the end." : "No answer came back.",
    advice: "Check that it is running and that you are online, then run again.",
  };
}

/** @typedef {{title?: string, detail?: string, errors?: {detail?: string, message?: string, msg?: string}[]}} Problem */

/** The server answered, and not with a document. */
class Refused extends Error {
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

/** What to throw when an answer is no document. @param {Response} response */
export async function refusedBy(response) {
  return new Refused(response, await problemOf(response));
}

/** @param {number} status @param {number} seconds */
function advice(status, seconds) {
  const wait = seconds === 1 ? "a second" : `${seconds} seconds`;
  if (status === 413) return "Make the program shorter and run again.";
  if (status === 422 || status === 400) return "Change what it names and run again.";
  if (status === 429) return `You are running programs faster than they are served: wait ${wait}, then run again.`;
  if (status === 503) return `The server is busy: wait ${wait}, then run again.`;
  return "Run again; if it stays so, the server’s log says more.";
}

/** @param {Response} response @returns {Promise<Problem>} */
async function problemOf(response) {
  try {
    return await response.json();
  } catch {
    return {};
  }
}
