/** Pan and zoom over a drawing. One unit of the drawing is one pixel at scale 1. */

import { select } from "d3-selection";
import { zoom, zoomIdentity } from "d3-zoom";

/** @import {Box} from "../picture/picture.js" */

const LEAST_FIRST = 0.8; // below it labels are under 10 pixels: panning is better
const MOST_FIT = document.body?.classList.contains("presented") ? 3 : 1.5;
const MARGIN = 24;
const ABOVE = 44; // for the bars over the drawing
const BELOW = 64; // for the buttons under it
const STEP = 1.25;
// With more, moving every element in each frame is slow: the layer is moved until the gesture ends.
const MANY_NODES = 200;

/**
 * @param {HTMLElement} stage what listens to the pointer
 * @param {SVGSVGElement} svg
 * @param {SVGGElement} world what moves inside it
 * @param {{moved: () => void}} options
 */
export function createViewport(stage, svg, world, { moved }) {
  /** @type {Box} */
  let whole = { x: 0, y: 0, width: 0, height: 0 };
  let main = whole;
  let many = false;
  let touched = false; // whether the user has moved it since it was fitted
  let now = zoomIdentity;
  let written = zoomIdentity;

  const target = select(stage);
  /** @type {import("d3-zoom").ZoomBehavior<HTMLElement, unknown>} */
  const behaviour = zoom();
  behaviour.scaleExtent([0.05, 4]).on("zoom", ({ transform, sourceEvent }) => {
    now = transform;
    if (sourceEvent) touched = true;
    if (many && sourceEvent) shiftLayer();
    else write();
    moved();
  });
  behaviour.on("end", write);
  behaviour.clickDistance(4);
  target.call(behaviour).on("dblclick.zoom", null);

  function write() {
    written = now;
    world.setAttribute("transform", now.toString());
    svg.style.removeProperty("transform");
  }

  function shiftLayer() {
    const scale = now.k / written.k;
    const x = now.x - written.x * scale;
    const y = now.y - written.y * scale;
    svg.style.setProperty("transform", `translate(${x}px, ${y}px) scale(${scale})`);
  }

  function size() {
    return { width: stage.clientWidth, height: stage.clientHeight };
  }

  /** The scale at which the whole box is visible. @param {Box} box */
  function wantedScale(box) {
    const { width, height } = size();
    return Math.min((width - 2 * MARGIN) / box.width, (height - ABOVE - BELOW) / box.height);
  }

  /** All of it. */
  const fit = () => fitAtLeast(0);

  /** As large as can be read, if not all of it fits. */
  const fitFirst = () => fitAtLeast(LEAST_FIRST);

  /** @param {number} least */
  function fitAtLeast(least) {
    const { width, height } = size();
    if (!width || !height || !whole.width) return;
    const box = wantedScale(whole) < least ? main : whole;
    const k = Math.max(least, Math.min(MOST_FIT, wantedScale(box)));
    const x = (width - box.width * k) / 2;
    // A drawing that does not fit is shown from its top, where the leaves are.
    const y = Math.max((height + ABOVE - BELOW - box.height * k) / 2, ABOVE);
    target.call(behaviour.transform, zoomIdentity.translate(x - box.x * k, y - box.y * k).scale(k));
    touched = false;
  }

  new ResizeObserver(() => {
    if (!touched) fitFirst();
    else moved();
  }).observe(stage);

  return {
    fit,
    larger: () => target.call(behaviour.scaleBy, STEP),
    smaller: () => target.call(behaviour.scaleBy, 1 / STEP),
    /**
     * Shows another drawing; the view stays where it is if the drawing has the same size, and goes along
     * with a fold that was opened or closed.
     * @param {Box} box @param {Box} part what is shown if not all of it fits
     * @param {{nodes: number, isSameGraph: boolean, shift: [number, number] | null}} how
     */
    show(box, part, { nodes, isSameGraph, shift }) {
      const same = Math.abs(box.width - whole.width) < 1 && Math.abs(box.height - whole.height) < 1;
      whole = box;
      main = part;
      many = nodes > MANY_NODES;
      behaviour.translateExtent([
        [box.x - 2000, box.y - 2000],
        [box.x + box.width + 2000, box.y + box.height + 2000],
      ]);
      if (shift) {
        touched = true;
        target.call(behaviour.transform, now.translate(-shift[0], -shift[1]));
      } else if (!isSameGraph && (!same || !touched)) fitFirst();
      else if (isSameGraph && !same) fitFirst();
    },
    /** Moves the view by the least that makes the whole box visible. @param {Box} part */
    reveal(part) {
      const { width, height } = size();
      const x = push(now.applyX(part.x), part.width * now.k, width);
      const y = push(now.applyY(part.y), part.height * now.k, height);
      if (x || y) target.call(behaviour.translateBy, x / now.k, y / now.k);
    },
    /** Whether part of the box is visible. @param {Box} part */
    shows(part) {
      const { width, height } = size();
      const [left, top] = now.apply([part.x, part.y]);
      return left < width && top < height && left + part.width * now.k > 0 && top + part.height * now.k > 0;
    },
    /** Centres the view on a point. @param {number} x @param {number} y */
    centre(x, y) {
      touched = true;
      target.call(behaviour.translateTo, x, y);
    },
    /** The visible part of the drawing, in its own units. @returns {Box} */
    seen() {
      const { width, height } = size();
      const [x, y] = now.invert([0, 0]);
      return { x, y, width: width / now.k, height: height / now.k };
    },
  };
}

/** How far to move something so that it lies inside. @param {number} start @param {number} length @param {number} room */
function push(start, length, room) {
  if (start < MARGIN) return MARGIN - start;
  if (start + length > room - MARGIN) return Math.max(room - MARGIN - start - length, MARGIN - start);
  return 0;
}
