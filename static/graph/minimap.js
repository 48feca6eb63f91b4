/** A minimap of a drawing that does not fit, with the visible part outlined. A click moves there. */

/**
 * @import {Box, Picture} from "../picture/picture.js"
 */

const MOST_WIDE = 116;
const LEAST_WIDE = 30;
const HEIGHT = 110;
const MARGIN = 5;

/** @param {HTMLElement} parent @param {{goTo: (x: number, y: number) => void}} options */
export function createMinimap(parent, { goTo }) {
  const canvas = document.createElement("canvas");
  canvas.className = "minimap";
  canvas.setAttribute("aria-hidden", "true");
  canvas.hidden = true;
  parent.append(canvas);
  let scale = 1;
  let left = 0;
  let top = 0;

  canvas.addEventListener("pointerdown", move);
  canvas.addEventListener("pointermove", (event) => {
    if (event.buttons === 1) move(event);
  });

  /** @param {PointerEvent} event */
  function move(event) {
    goTo((event.offsetX - left) / scale, (event.offsetY - top) / scale);
  }

  /** @param {Picture} picture @param {Box} seen */
  function draw(picture, seen) {
    const box = picture.nodes.length ? picture.box : null;
    const wouldCover = parent.clientHeight < 3 * HEIGHT; // on a small stage it would hide too much
    canvas.hidden = !box || wouldCover || contains(seen, box);
    if (!box || canvas.hidden) return;
    // As narrow as the graph: what it covers is beside a tall one.
    const width = Math.max(LEAST_WIDE, Math.min(MOST_WIDE, (HEIGHT * box.width) / box.height + 2 * MARGIN));
    canvas.style.width = `${width}px`;
    canvas.style.height = `${HEIGHT}px`;
    scale = Math.min((width - 2 * MARGIN) / box.width, (HEIGHT - 2 * MARGIN) / box.height);
    left = (width - box.width * scale) / 2 - box.x * scale;
    top = (HEIGHT - box.height * scale) / 2 - box.y * scale;

    canvas.width = width * devicePixelRatio;
    canvas.height = HEIGHT * devicePixelRatio;
    const context = canvas.getContext("2d");
    if (!context) return;
    context.setTransform(
      devicePixelRatio * scale,
      0,
      0,
      devicePixelRatio * scale,
      devicePixelRatio * left,
      devicePixelRatio * top,
    );
    const { color, outlineColor } = getComputedStyle(canvas);
    context.fillStyle = color;
    for (const { box: part } of picture.nodes) {
      const least = 1.5 / scale;
      context.fillRect(part.x, part.y, Math.max(part.width, least), Math.max(part.height, least));
    }
    context.strokeStyle = outlineColor;
    context.lineWidth = 1.5 / scale;
    context.strokeRect(seen.x, seen.y, seen.width, seen.height);
  }

  return { draw };
}

/** @param {Box} outer @param {Box} inner */
function contains(outer, inner) {
  return (
    outer.x <= inner.x &&
    outer.y <= inner.y &&
    outer.x + outer.width >= inner.x + inner.width &&
    outer.y + outer.height >= inner.y + inner.height
  );
}
