/** The state of a live run, built from its events. */

import { batch, signal } from "@preact/signals-core";

/**
 * @import {Control, Diagnostic, Figure, StreamEvent, Training, View} from "./types.js"
 * @typedef {{expression: string, repr: string | null, error: string, stdout: string, graph: string}} Answer
 * @typedef {"running" | "paused" | "ended"} LiveStatus
 */

const MAX_DIAGNOSTICS = 50; // that the document does not have yet
const MAX_EARLIER = 3;
const MAX_KEPT = 4000; // points of a scalar; beyond it, every second one is dropped

/** The live run that the page shows. */
export class Live {
  /** The address of the run, null if there is none. */
  address = signal(/** @type {string | null} */ (null));
  status = signal(/** @type {LiveStatus} */ ("ended"));
  line = signal(/** @type {number | null} */ (null));
  /** Whether the program waits in that line for a line of input. */
  asks = signal(false);
  training = signal(/** @type {Training | null} */ (null));
  /** The loss of every backward pass; it is appended to, and `points` is its length. */
  losses = /** @type {number[]} */ ([]);
  points = signal(0);
  /** The losses of the runs before this one, of the same program, the last one first. @type {number[][]} */
  earlier = [];
  /** The program's own numbers over the iterations. @type {Map<string, {xs: number[], ys: number[]}>} */
  scalars = new Map();
  views = signal(/** @type {View[]} */ ([]));
  controls = signal(/** @type {Control[]} */ ([]));
  speed = signal(/** @type {number | null} */ (null));
  stdout = signal("");
  stderr = signal("");
  figures = signal(/** @type {Figure[]} */ ([]));
  /** Warnings that came after the document on the page was read. */
  diagnostics = signal(/** @type {Diagnostic[]} */ ([]));
  answers = signal(/** @type {Answer[]} */ ([]));
  /** A message about the connection, "" if it is fine. */
  notice = signal("");

  /** Another run of the same program begins: the curve of this one stays, behind the new one. */
  keepCurve() {
    if (this.losses.length > 1) this.earlier = [this.losses, ...this.earlier].slice(0, MAX_EARLIER);
  }

  reset() {
    batch(() => {
      this.line.value = null;
      this.asks.value = false;
      this.training.value = null;
      this.losses = [];
      this.points.value = 0;
      this.scalars = new Map();
      this.views.value = [];
      this.stdout.value = "";
      this.stderr.value = "";
      this.figures.value = [];
      this.diagnostics.value = [];
      this.notice.value = "";
    });
  }

  /** @param {StreamEvent} event */
  handleEvent({ name, value }) {
    switch (name) {
      case "curve":
        value.values.forEach((each, nr) => {
          this.losses[value.first + nr] = Number(each);
        });
        this.points.value = this.losses.length;
        break;
      case "state":
        this.training.value = value;
        for (const [scalar, now] of Object.entries(value.scalars)) this.#keep(scalar, value.iteration, Number(now));
        break;
      case "views":
        this.views.value = value.views;
        break;
      case "controls":
        this.controls.value = value.controls;
        this.speed.value = value.speed;
        break;
      case "stdout":
        this.stdout.value += value.text;
        break;
      case "stderr":
        this.stderr.value += value.text;
        break;
      case "figure":
        this.figures.value = [...this.figures.value, value];
        break;
      case "diagnostic":
        if (this.diagnostics.value.length < MAX_DIAGNOSTICS)
          this.diagnostics.value = [...this.diagnostics.value, value];
        break;
      case "paused":
        this.status.value = "paused";
        this.line.value = value.line;
        this.asks.value = value.asks;
        break;
      case "resumed":
        this.status.value = "running";
        this.asks.value = false;
        break;
      case "reset":
        this.reset();
        break;
    }
  }

  /** @param {string} name @param {number} iteration @param {number} now */
  #keep(name, iteration, now) {
    const kept = this.scalars.get(name) ?? { xs: [], ys: [] };
    this.scalars.set(name, kept);
    if (kept.xs.at(-1) === iteration) return;
    kept.xs.push(iteration);
    kept.ys.push(now);
    if (kept.xs.length <= MAX_KEPT) return;
    kept.xs = kept.xs.filter((_, nr) => nr % 2 === 0);
    kept.ys = kept.ys.filter((_, nr) => nr % 2 === 0);
  }

  /** Scalars that change, except counters and controls. */
  changingScalars() {
    const set = new Set(this.controls.value.map(({ name }) => name));
    return [...this.scalars].filter(([name, { ys }]) => {
      const counts = ys.every((each, nr) => Number.isInteger(each) && each >= (ys[nr - 1] ?? each));
      return !set.has(name) && !counts && ys.some((each) => each !== ys[0]);
    });
  }
}
