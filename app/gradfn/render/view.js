// Drag moves the drawing, Ctrl and the wheel or + and - zoom it, 0 or a double click put it back.
for (const stage of document.querySelectorAll(".gradfn > .stage:not(.can-pan)")) {
  const drawing = stage.querySelector("svg");
  if (!drawing) continue;
  stage.classList.add("can-pan");
  let x = 0, y = 0, scale = 1;
  const place = () => {
    const moved = x !== 0 || y !== 0 || scale !== 1;
    stage.classList.toggle("is-moved", moved);
    drawing.style.transform = moved ? `translate(${x}px, ${y}px) scale(${scale})` : "";
  };
  const zoom = (factor, atX, atY) => {
    const next = Math.min(8, Math.max(0.05, scale * factor));
    x = atX - ((atX - x) * next) / scale;
    y = atY - ((atY - y) * next) / scale;
    scale = next;
    place();
  };
  const reset = () => {
    x = y = 0;
    scale = 1;
    place();
  };
  stage.addEventListener("wheel", (event) => {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    const box = drawing.getBoundingClientRect();
    zoom(Math.exp(-event.deltaY / 300), event.clientX - box.left + x, event.clientY - box.top + y);
  }, { passive: false });
  stage.addEventListener("pointerdown", (event) => {
    if (event.button === 0) stage.setPointerCapture(event.pointerId);
  });
  stage.addEventListener("pointermove", (event) => {
    if (!stage.hasPointerCapture(event.pointerId)) return;
    x += event.movementX;
    y += event.movementY;
    place();
  });
  stage.addEventListener("dblclick", reset);
  stage.addEventListener("keydown", (event) => {
    const steps = { ArrowLeft: [40, 0], ArrowRight: [-40, 0], ArrowUp: [0, 40], ArrowDown: [0, -40] };
    if (event.key in steps) {
      x += steps[event.key][0];
      y += steps[event.key][1];
      place();
    } else if (event.key === "+" || event.key === "-") {
      zoom(event.key === "+" ? 1.25 : 0.8, stage.clientWidth / 2, stage.clientHeight / 2);
    } else if (event.key === "0") {
      reset();
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  });
}
