// Drag moves the drawing, Ctrl and the wheel or + and - zoom it, 0 or a double click put it back.
// A click or Enter on a box shows its card; backward passes are played over the picture.
for (const stage of document.querySelectorAll(".gradfn > .stage:not(.can-pan)")) {
  let drawing = stage.querySelector("svg");
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
  let moved = 0;
  stage.addEventListener("pointerdown", (event) => {
    moved = 0;
    if (event.button === 0) stage.setPointerCapture(event.pointerId);
  });
  stage.addEventListener("pointerup", (event) => {
    if (moved > 4) return;
    const under = stage.getRootNode().elementFromPoint(event.clientX, event.clientY);
    const title = under?.closest("text") && !under.closest("g.node") && under.closest("g.frame");
    press(under?.closest("g.node") ?? title);
  });
  stage.addEventListener("pointermove", (event) => {
    if (!stage.hasPointerCapture(event.pointerId)) return;
    moved += Math.abs(event.movementX) + Math.abs(event.movementY);
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

  const root = stage.parentElement;
  const data = root.querySelector('script[type="application/json"]');
  const { cards, passes, homes } = data ? JSON.parse(data.textContent) : { cards: {}, passes: [], homes: {} };
  const card = root.querySelector(".card");
  const add = (parent, tag, text, properties = {}) => {
    const made = Object.assign(document.createElement(tag), { textContent: text, ...properties });
    parent.append(made);
    return made;
  };
  const idOf = (box) => box.id.replace(/-use\d+$/, "");
  const templates = new Map([...root.querySelectorAll("template[data-fold]")].map((each) => [each.dataset.fold, each]));
  const whole = drawing.cloneNode(true);
  let boxes = [];
  function press(box) {
    const template = box && templates.get(box.id);
    if (!template) return openCard(box);
    look(box.classList.contains("frame") ? template.dataset.within : box.id);
    (drawing.querySelector(`[id="${CSS.escape(box.id)}"]`) ?? stage).focus();
  }
  // The picture in which this fold is open; without one, the first.
  function look(fold) {
    const picture = fold ? templates.get(fold).content.querySelector("svg").cloneNode(true) : whole.cloneNode(true);
    drawing.replaceWith(picture);
    drawing = picture;
    reset();
    openCard(null);
    prepare();
    show(Number(slider?.value ?? 0));
  }
  function prepare() {
    boxes = [...drawing.querySelectorAll("g.node:not(.legend)")];
    const frames = [...drawing.querySelectorAll("g.frame")].filter((frame) => templates.has(frame.id));
    for (const box of [...boxes, ...frames]) {
      const fold = templates.has(box.id);
      if (!fold && !(idOf(box) in cards)) continue;
      const name = fold ? box.querySelector("text")?.textContent ?? "fold" : cards[idOf(box)][0];
      box.setAttribute("tabindex", "0");
      box.setAttribute("role", "button");
      box.setAttribute("aria-label", name);
      if (fold) box.setAttribute("aria-expanded", String(box.classList.contains("frame")));
      box.addEventListener("keydown", (event) => {
        if (event.key !== "Enter" && event.key !== " ") return;
        event.preventDefault();
        event.stopPropagation();
        press(box);
      });
    }
  }
  function openCard(box) {
    for (const each of boxes) each.classList.toggle("is-open", each === box);
    card?.replaceChildren();
    if (!card) return;
    card.hidden = !box || !(idOf(box) in cards);
    if (card.hidden) return;
    const [title, rows] = cards[idOf(box)];
    add(card, "b", title);
    const list = add(card, "dl", "");
    for (const [key, text] of rows) {
      add(list, "dt", key);
      add(list, "dd", text);
    }
  }
  const film = root.querySelector(".film");
  let slider = null;
  let show = () => {};
  prepare();
  if (!film || !passes.length) continue;
  film.hidden = false;
  const frames = passes.flatMap(({ title, frames }) => frames.map(([id, text], at) => ({ title, id, text, before: frames.slice(0, at) })));
  const play = add(film, "button", "Play backward", { type: "button" });
  slider = add(film, "input", "", { type: "range", min: 0, max: frames.length, value: 0 });
  slider.setAttribute("aria-label", "Place in the backward passes");
  const caption = add(film, "span", "");
  let timer = 0;
  show = (at) => {
    slider.value = at;
    const frame = frames[at - 1];
    const reached = new Set(frame?.before.flatMap(([id]) => [id, ...(homes[id] ?? [])]));
    const now = frame ? [frame.id, ...(homes[frame.id] ?? [])] : [];
    for (const box of boxes) {
      box.classList.toggle("is-now", now.includes(idOf(box)));
      box.classList.toggle("is-reached", reached.has(idOf(box)));
    }
    caption.textContent = frame ? `${frame.title}: ${frame.text}` : "";
  };
  const stop = () => {
    clearInterval(timer);
    timer = 0;
    play.textContent = "Play backward";
  };
  slider.addEventListener("input", () => {
    stop();
    show(Number(slider.value));
  });
  play.addEventListener("click", () => {
    if (timer) return stop();
    play.textContent = "Pause";
    if (Number(slider.value) === frames.length) show(0);
    const next = () => {
      show(Number(slider.value) + 1);
      if (Number(slider.value) === frames.length || !root.isConnected) stop();
    };
    timer = setInterval(next, 600);
    next();
  });
}
