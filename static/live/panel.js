/** The panel of a live run: charts, buttons, controls, console. */

import { effect, signal, untracked } from "@preact/signals-core";
import { html, nothing, render } from "lit";
import { drawSeries, drawView, isWide, iterationAt } from "./charts.js";
import { countText, numberText } from "../text/number.js";

/**
 * @import {Live} from "../state/live.js"
 * @import {Control} from "../state/types.js"
 * @typedef {ReturnType<typeof import("../run/live-runner.js").createLiveRunner>} Runner
 * @typedef {{iteration: number, parameters: import("../state/types.js").Training["parameters"]}} Moment
 */

const SPEEDS = [2, 5, 10, 20, 50, 100, 200];
const STEPS = 1000; // of a slider
const MOST_SLIDERS = 3;
const COLOURS = ["intermediate-border", "function-border", "leaf-border", "error-border"];

/** @param {HTMLElement} parent @param {{live: Live, runner: Runner, restart: () => void, trains: () => boolean, moment: () => Moment | null, go: (iteration: number) => void, chosen: (name: string, number: number) => void}} options `chosen`: a control was set; `moment`: where the film is, null at the end; `go` there */
export function createLivePanel(parent, { live, runner, restart, trains, moment: momentOf, go, chosen }) {
  const parts = {
    head: child(parent, "live-head"),
    charts: child(parent, "live-charts"),
    controls: child(parent, "live-controls"),
    console: child(parent, "live-console"),
  };
  let isDue = false;
  /** The scale of the loss as the reader wants it; null until then. */
  const wantsLog = signal(/** @type {boolean | null} */ (null));
  const isLog = {
    get value() {
      return wantsLog.value ?? (void live.points.value, isWide(live.losses));
    },
    set value(wanted) {
      wantsLog.value = wanted;
    },
  };
  /** The iteration under the pointer. */
  const pointed = signal(/** @type {number | null} */ (null));
  const moment = () => (live.status.value === "ended" ? momentOf() : null);
  const isEarlier = () => (moment()?.iteration ?? Infinity) < (live.training.value?.iteration ?? 0);
  const marked = () => pointed.value ?? moment()?.iteration ?? null;
  const readOut = (/** @type {PointerEvent} */ { offsetX, currentTarget }) => {
    const { clientWidth } = /** @type {HTMLElement} */ (currentTarget);
    pointed.value = iterationAt(offsetX, clientWidth, live.losses.length);
  };

  effect(() => {
    parent.hidden = live.address.value === null || !untracked(trains); // one that only reads its input has no charts
  });
  effect(() => void render(head(live, runner, restart, moment()), parts.head));
  effect(() => void render(controls(live, runner, restart, chosen), parts.controls));
  effect(() => void render(consoleOf(live, runner), parts.console));
  effect(() => {
    const views = live.views.value;
    if (live.address.value === null) return void render(nothing, parts.charts);
    render(
      html`${views.map(
        (view, nr) =>
          html`<figure class="chart view"><figcaption>${view.title}${isEarlier() ? ", at the end of the run" : ""}</figcaption><canvas data-view=${nr} role="img"></canvas></figure>`,
      )}
        <figure class="chart strip">
          <figcaption><span id="chart-loss">loss</span>
            <button class="chip" type="button" id="loss-scale" aria-pressed=${String(isLog.value)} @click=${() => (isLog.value = !isLog.value)}>log</button>
          </figcaption><canvas id="loss" role="img" @pointermove=${readOut} @pointerleave=${() => (pointed.value = null)}
            @click=${() => pointed.value !== null && live.status.value === "ended" && go(pointed.value)}></canvas></figure>
        <figure class="chart strip" id="chart-numbers" hidden><figcaption></figcaption><canvas id="numbers" role="img"></canvas></figure>`,
      parts.charts,
    );
  });

  function draw() {
    isDue = false;
    const loss = /** @type {HTMLCanvasElement | null} */ (parts.charts.querySelector("#loss"));
    if (!loss || parent.hidden) return;
    const ghosts = live.earlier.map((ys) => ({ xs: null, ys, colour: "line" })).toReversed();
    loss.dataset["earlier"] = String(ghosts.length);
    drawSeries(loss, [...ghosts, { xs: null, ys: live.losses, colour: "gradient-border" }], {
      isLog: wantsLog.value,
      pointed: marked(),
    });
    drawNumbers(parts.charts, live, marked());
    const at = Math.min(marked() ?? Infinity, live.losses.length - 1);
    const read = live.losses[at];
    const text = read === undefined ? "no loss yet" : `loss ${numberText(read)} at iteration ${at}`;
    loss.setAttribute("aria-label", text);
    loss.dataset["points"] = String(live.losses.length);
    const caption = parts.charts.querySelector("#chart-loss");
    if (caption) caption.textContent = text;
    live.views.value.forEach((view, nr) => {
      const canvas = /** @type {HTMLCanvasElement | null} */ (parts.charts.querySelector(`[data-view="${nr}"]`));
      if (!canvas) return;
      drawView(canvas, view, live.training.value?.views[nr]);
      canvas.setAttribute("aria-label", `${view.title}: ${view.up} over ${view.across}`);
    });
    loss.dataset["frames"] = String(Number(loss.dataset["frames"] ?? 0) + 1);
  }

  const drawSoon = () => {
    if (isDue) return;
    isDue = true;
    requestAnimationFrame(draw);
  };
  effect(() => {
    void [live.points.value, live.views.value, live.training.value, live.address.value, wantsLog.value, marked()];
    drawSoon();
  });
  new ResizeObserver(drawSoon).observe(parent);
  return { redraw: drawSoon };
}

/** A chart of the program's numbers that change; the caption has their names in their colours. @param {HTMLElement} charts @param {Live} live @param {number | null} pointed */
function drawNumbers(charts, live, pointed) {
  const chart = /** @type {HTMLElement} */ (charts.querySelector("#chart-numbers"));
  const moving = live.changingScalars().slice(0, COLOURS.length);
  chart.hidden = moving.length === 0;
  if (chart.hidden) return;
  const lines = moving.map(([name, { xs, ys }], nr) => ({ name, xs, ys, colour: COLOURS[nr] ?? "ink" }));
  const canvas = /** @type {HTMLCanvasElement} */ (chart.querySelector("canvas"));
  drawSeries(canvas, lines, { pointed });
  canvas.setAttribute("aria-label", lines.map(({ name, ys }) => `${name} ${numberText(ys.at(-1) ?? NaN)}`).join(", "));
  const caption = /** @type {HTMLElement} */ (chart.querySelector("figcaption"));
  render(
    lines.map(({ name, colour }) => html`<span class=${colour}>${name}</span> `),
    caption,
  );
}

/** @param {Live} live @param {Runner} runner @param {() => void} restart @param {Moment | null} moment */
function head(live, runner, restart, moment) {
  const status = live.status.value;
  const training = moment ?? live.training.value;
  const words = {
    running: "running",
    paused: `${live.asks.value ? "waits for input in" : "paused before"} line ${live.line.value ?? "?"}`,
    ended: "ended",
  };
  const passes = training ? `iteration ${training.iteration}` : "no backward pass yet";
  const button = (/** @type {string} */ id, /** @type {string} */ text, /** @type {() => void} */ act, on = true) =>
    html`<button class="button" type="button" data-live=${id} ?disabled=${!on} @click=${act}>${text}</button>`;
  return html`
    <h2>Live</h2>
    <p class="live-status"><strong role="status">${words[status]}</strong> · ${passes}</p>
    <div class="live-buttons" role="group" aria-label="Live run">
      ${
        status === "paused"
          ? button("resume", "Resume", () => void runner.send("resume"), !live.asks.value)
          : button("pause", "Pause", () => void runner.send("pause"), status === "running")
      }
      ${button("step", "Step", () => void runner.send("step"), status === "paused" && !live.asks.value)}
      ${button("line", "Line", () => void runner.send("step", "line"), status === "paused" && !live.asks.value)}
      ${button("restart", "Restart", restart)}
    </div>
    ${training ? html`<dl class="live-values">${values(training)}</dl>` : nothing}
    ${live.notice.value ? html`<p class="live-notice" role="status">${live.notice.value}</p>` : nothing}
  `;
}

/** @param {Moment} training */
function values({ parameters }) {
  return Object.entries(parameters)
    .slice(0, 4)
    .map(
      ([name, { value, grad }]) => html`<div>
        <dt>${name}</dt>
        <dd>${shown(value)}</dd>
        <dd class="live-grad" title=${`the gradient of ${name}`}>${shown(grad)}</dd>
      </div>`,
    );
}

/** @param {import("../state/types.js").TensorValue | null} value */
function shown(value) {
  if (!value) return "None";
  if (value.data && value.data.length <= 3) return value.data.map((each) => numberText(Number(each))).join(" ");
  const norm = value.summary?.norm ?? Math.hypot(...(value.data ?? []).map(Number));
  return `‖${value.shape.join("×")}‖ ${numberText(Number(norm))}`;
}

/** @param {Live} live @param {Runner} runner @param {() => void} restart @param {(name: string, number: number) => void} chosen */
function controls(live, runner, restart, chosen) {
  const speed = live.speed.value ?? 0;
  const fastest = SPEEDS.length;
  const position = speed === 0 ? fastest : SPEEDS.findIndex((each) => each >= speed);
  const sliders = live.controls.value
    .toSorted((a, b) => rank(a) - rank(b))
    .map((control) => slider(control, runner, restart, chosen));
  const more = sliders.length - MOST_SLIDERS;
  return html`${sliders.slice(0, MOST_SLIDERS)}
    ${more > 0 ? html`<details class="more-controls"><summary>${countText(more, "more control")}</summary>${sliders.slice(MOST_SLIDERS)}</details>` : nothing}
    <label class="control"
      ><span class="control-name">speed</span>
      <input type="range" min="0" max=${fastest} step="1" .value=${String(position < 0 ? fastest : position)} aria-label="speed"
        @input=${(/** @type {Event} */ event) => void runner.setSpeed(SPEEDS[inputOf(event)] ?? 0)} />
      <output aria-live="off" .value=${speed === 0 ? "full" : `${speed}/s`}></output>
    </label>`;
}

/** The learning rate first: what most want to change. @param {Control} control */
const rank = ({ name }) => (/(^|[._])(lr|learning_rate|eta|alpha)$/.test(name) ? 0 : 1);

/** @param {Control} control @param {Runner} runner @param {() => void} restart @param {(name: string, number: number) => void} chosen */
function slider(control, runner, restart, chosen) {
  const { name, low, high, scale, kind, applies, value } = control;
  if (low === null || high === null) return nothing;
  const isLog = scale === "log" && low > 0;
  const [from, to] = isLog ? [Math.log(low), Math.log(high)] : [low, high];
  const valueAt = (/** @type {number} */ place) => {
    const plain = from + (place / STEPS) * (to - from);
    const exact = isLog ? Math.exp(plain) : plain;
    return kind === "int" ? Math.round(exact) : Number(exact.toPrecision(3));
  };
  const place = Math.round((((isLog ? Math.log(Math.max(value, low)) : value) - from) / (to - from)) * STEPS);
  const set = (/** @type {Event} */ event) => {
    const wanted = valueAt(inputOf(event));
    const shown = /** @type {HTMLElement} */ (event.target).nextElementSibling;
    if (shown instanceof HTMLOutputElement) shown.value = textOf(control, wanted);
    void runner.set(control, wanted);
    chosen(name, wanted);
  };
  const done = () => {
    if (applies === "restart") restart();
  };
  const hint =
    applies === "restart"
      ? "takes effect in a new run, which starts when you release the slider"
      : "takes effect at the next line";
  return html`<label class="control" title=${`${name}: ${hint}`}
    ><span class="control-name">${name.split(".").at(-1)}</span>
    <input type="range" min="0" max=${STEPS} .value=${String(place)} aria-label=${name} data-control=${name} @input=${set} @change=${done} />
    <output aria-live="off" .value=${textOf(control, value)}></output>
  </label>`;
}

/** @param {Control} control @param {number} value */
function textOf({ kind }, value) {
  return kind === "int" ? String(value) : numberText(value);
}

/** @param {Live} live @param {Runner} runner */
function consoleOf(live, runner) {
  const canAsk = live.status.value !== "running";
  const ask = (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    const field = /** @type {HTMLInputElement} */ (
      /** @type {HTMLFormElement} */ (event.target).elements.namedItem("expression")
    );
    if (field.value.trim()) void runner.evaluate(field.value);
    field.value = "";
  };
  return html`${live.answers.value.slice(-20).map(
    ({ expression, repr, error, stdout, graph }) => html`<div class="answer">
        <code>&gt;&gt;&gt; ${expression}</code>
        ${stdout ? html`<pre>${stdout}</pre>` : nothing}${repr ? html`<pre>${repr}</pre>` : nothing}
        ${error ? html`<pre class="stderr">${error}</pre>` : nothing}${graph ? html`<p class="muted">${graph}</p>` : nothing}
      </div>`,
  )}
    <form class="ask" @submit=${ask}>
      <span aria-hidden="true">&gt;&gt;&gt;</span>
      <input name="expression" autocomplete="off" spellcheck="false" maxlength="2000" aria-label="Expression to evaluate"
        placeholder=${canAsk ? "w.grad, loss.grad_fn.next_functions …" : "pause to evaluate expressions"} ?disabled=${!canAsk} />
    </form>`;
}

/** @param {Event} event */
function inputOf(event) {
  return Number(/** @type {HTMLInputElement} */ (event.target).value);
}

/** @param {HTMLElement} parent @param {string} name */
function child(parent, name) {
  const element = document.createElement("div");
  element.className = name;
  parent.append(element);
  return element;
}
