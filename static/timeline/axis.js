/** The time axis: steps, passes, iterations, prints and cuts as they follow each other, and the loss on it. */

import { effect } from "@preact/signals-core";

/**
 * @import {Film} from "../state/film.js"
 * @import {RunDocument} from "../state/types.js"
 * @import {State} from "../state/state.js"
 */

const THUMB = 16; // pixels of the slider's thumb: its middle is at the station
const MOST_TICKS = 600;

/** @param {HTMLCanvasElement} canvas under the slider @param {{state: State}} options */
export function createAxis(canvas, { state }) {
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));

  function draw() {
    const film = state.film.value;
    const document = state.document.value;
    const { clientWidth: width, clientHeight: height } = canvas;
    if (!film || !document || !width) return;
    canvas.width = width * devicePixelRatio;
    canvas.height = height * devicePixelRatio;
    context.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
    const xOf = (/** @type {number} */ station) =>
      THUMB / 2 + ((width - THUMB) * station) / Math.max(1, film.length - 1);
    const paint = { context, film, document, xOf, width, height, colour: colourIn(canvas) };
    drawBands(paint);
    drawTicks(paint);
    drawLoss(paint);
  }

  new ResizeObserver(draw).observe(canvas);
  effect(() => {
    void state.film.value;
    draw();
  });
  return { redraw: draw };
}

/** @typedef {{context: CanvasRenderingContext2D, film: Film, document: RunDocument, xOf: (station: number) => number, width: number, height: number, colour: (name: string) => string}} Paint */

/** Steps forward in blue, passes in orange. @param {Paint} paint */
function drawBands({ context, film, xOf, height, colour }) {
  const [top, thick] = [height / 2 - 4, 8];
  context.fillStyle = colour("--intermediate-fill");
  context.fillRect(xOf(0), top, xOf(film.length - 1) - xOf(0), thick);
  context.fillStyle = colour("--gradient-fill");
  context.strokeStyle = colour("--gradient-border");
  context.setLineDash([5, 3]);
  for (const { start, length } of film.passes) {
    const [from, to] = [xOf(start - 0.5), xOf(start + length - 0.5)];
    context.fillRect(from, top, to - from, thick);
    context.beginPath();
    context.moveTo(from, top + thick / 2);
    context.lineTo(to, top + thick / 2);
    context.stroke();
  }
  context.setLineDash([]);
}

/** Each step; taller where an iteration begins, broken where a history was cut, a dot where something was printed. @param {Paint} paint */
function drawTicks({ context, film, document, xOf, height, colour }) {
  const steps = document.steps ?? [];
  if (steps.length > MOST_TICKS) return;
  const cuts = new Set(document.cuts.map(({ step }) => step));
  steps.forEach(({ iteration, printed }, position) => {
    const x = xOf(film.endOf(position));
    const begins = iteration !== null && iteration !== steps[position - 1]?.iteration;
    const isCut = cuts.has(position);
    const reach = isCut || begins ? 9 : 5;
    context.fillStyle = colour(begins || isCut ? "--ink" : "--control");
    context.fillRect(x - 0.5, height / 2 - reach, 1, 2 * reach);
    if (isCut) context.clearRect(x - 1, height / 2 - 3, 2, 6);
    if (!printed) return;
    context.beginPath();
    context.arc(x, height / 2 + 10, 1.8, 0, 2 * Math.PI);
    context.fill();
  });
}

/** The loss of each pass, from its lowest to its highest. @param {Paint} paint */
function drawLoss({ context, film, document, xOf, height, colour }) {
  const points = film.passes.flatMap(({ start, pass }) => {
    const loss = Number(document.backward[pass]?.root_values[0]?.data?.[0]);
    return Number.isFinite(loss) ? [{ x: xOf(start), loss }] : [];
  });
  if (points.length < 3) return;
  const losses = points.map(({ loss }) => loss);
  const [least, most] = [Math.min(...losses), Math.max(...losses)];
  context.strokeStyle = colour("--ink");
  context.lineWidth = 1.2;
  context.beginPath();
  for (const { x, loss } of points)
    context.lineTo(x, height - 3 - ((loss - least) / (most - least || 1)) * (height - 6));
  context.stroke();
}

/** @param {Element} element @returns {(name: string) => string} what a variable of the theme is here */
function colourIn(element) {
  const probe = document.createElement("i");
  element.after(probe);
  const colours = new Map();
  const style = getComputedStyle(probe);
  const colour = (/** @type {string} */ name) => {
    if (!colours.has(name)) {
      probe.style.color = `var(${name})`;
      colours.set(name, style.color);
    }
    return colours.get(name);
  };
  queueMicrotask(() => probe.remove());
  return colour;
}
