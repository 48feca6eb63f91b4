/** The path of an arrow: cubic Bézier curves, as numbers. No DOM. */

/** @typedef {[number, number]} Point */

const SAMPLES = 12; // of each curve

/** @param {Point[]} points a start, and three for each curve */
export function pathData(points) {
  const [first, ...rest] = points;
  if (!first) return "";
  const curves = Array.from({ length: rest.length / 3 }, (_, nr) =>
    rest
      .slice(3 * nr, 3 * nr + 3)
      .flat()
      .join(" "),
  );
  return `M${first.join(" ")}${curves.map((each) => `C${each}`).join("")}`;
}

/** The same path in so many curves: two paths of as many can be turned into each other. @param {Point[]} points @param {number} wanted */
export function inCurves(points, wanted) {
  const split = [...points];
  for (let count = (points.length - 1) / 3; count < wanted; count += 1) {
    const at = 3 * (count % Math.max(1, (points.length - 1) / 3));
    split.splice(at, 4, ...halves(/** @type {[Point, Point, Point, Point]} */ (split.slice(at, at + 4))));
  }
  return split;
}

/** By de Casteljau. @param {[Point, Point, Point, Point]} curve @returns {Point[]} */
function halves([a, b, c, d]) {
  const [ab, bc, cd] = [between(a, b), between(b, c), between(c, d)];
  const [abc, bcd] = [between(ab, bc), between(bc, cd)];
  return [a, ab, abc, between(abc, bcd), bcd, cd, d];
}

/** @param {Point} a @param {Point} b @returns {Point} */
const between = (a, b) => [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];

/** The point at a share of the length, from 0 to 1. @param {Point[]} points @returns {(share: number) => Point} */
export function pointsAlong(points) {
  const line = sampled(points);
  const lengths = [0];
  line.forEach(([x, y], nr) => {
    const before = line[nr - 1];
    if (before) lengths.push((lengths.at(-1) ?? 0) + Math.hypot(x - before[0], y - before[1]));
  });
  const whole = lengths.at(-1) ?? 0;
  return (share) => {
    const wanted = share * whole;
    const next = Math.max(
      1,
      lengths.findIndex((each) => each >= wanted),
    );
    const [from, to] = [line[next - 1], line[next]];
    if (!from || !to) return line[0] ?? [0, 0];
    const start = /** @type {number} */ (lengths[next - 1]);
    const part = (wanted - start) / /** @type {number} */ (lengths[next] - start || 1);
    return [from[0] + (to[0] - from[0]) * part, from[1] + (to[1] - from[1]) * part];
  };
}

/** @param {Point[]} points @returns {Point[]} */
function sampled(points) {
  const line = points.slice(0, 1);
  for (let at = 0; at + 3 < points.length; at += 3) {
    const [a, b, c, d] = /** @type {[Point, Point, Point, Point]} */ (points.slice(at, at + 4));
    for (let nr = 1; nr <= SAMPLES; nr += 1) {
      const t = nr / SAMPLES;
      const weights = [(1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t ** 2 * (1 - t), t ** 3];
      const sum = (/** @type {0 | 1} */ axis) =>
        [a, b, c, d].reduce((all, each, k) => all + each[axis] * /** @type {number} */ (weights[k]), 0);
      line.push([sum(0), sum(1)]);
    }
  }
  return line;
}
