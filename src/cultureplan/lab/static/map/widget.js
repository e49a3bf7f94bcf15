// The view: listens to the model, asks for a frame, and tells Python what was wanted.
// Nothing is decided here: Python snaps, measures and answers with colours and changed sites.

const MOST_ASKED = 6; // isochrones a message

function element(parent, tag, name, attributes = {}) {
  const made = document.createElement(tag);
  if (name) made.className = name;
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  parent.append(made);
  return made;
}

class MapView extends Hand {
  constructor(model, root) {
    super();
    this.model = model;
    this.root = root;
    this.over = { selected: model.get("selected") };
    this.scene = new Scene();
    this.camera = new Camera();
    this.frames = 0;
    this.asked = 0;
    this.waiting = false;
    this.build();
    this.painter = new Painter(this.canvas, this.scene, this.camera, this.styleFrom());
    this.read();
    this.listen();
    this.observer = new ResizeObserver(() => this.resize());
    this.observer.observe(this.stage);
    this.words();
  }

  build() {
    this.box = element(this.root, "div", "cp-map", { "data-lm-suppress-shortcuts": "true" });
    this.stage = element(this.box, "div", "cp-map-stage");
    this.canvas = element(this.stage, "canvas", "cp-map-canvas", { tabindex: "0", role: "application" });
    this.buttons = element(this.stage, "div", "cp-map-buttons");
    this.button = {};
    for (const [name, sign] of [["zoom_in", "+"], ["zoom_out", "\u2212"], ["fit", "\u2922"]]) {
      this.button[name] = element(this.buttons, "button", "", { type: "button" });
      this.button[name].textContent = sign;
    }
    this.tip = element(this.stage, "div", "cp-map-tip", { role: "status" });
    this.tip.hidden = true;
    this.scale = element(this.stage, "div", "cp-map-scale");
    this.notice = element(this.stage, "div", "cp-map-notice", { role: "alert" });
    this.legend = element(this.box, "ul", "cp-map-legend");
    this.status = element(this.box, "p", "cp-map-status", { "aria-live": "polite" });
    this.spoken = element(this.box, "p", "cp-map-spoken", { "aria-live": "polite" });
    this.help = element(this.box, "p", "cp-map-help");
    this.help.id = `cp-map-help-${Math.random().toString(36).slice(2)}`;
    this.canvas.setAttribute("aria-describedby", this.help.id);
  }

  styleFrom() {
    const { model } = this;
    return { colours: model.get("colours"), palette: model.get("palette"), layers: model.get("layers") };
  }

  // Every trait, as when the view is made; later only what changed.
  read() {
    this.scene.setGeometry(this.model.get("geometry"), this.model.get("layout_m"));
    this.scene.setSites(this.model.get("sites"));
    this.scene.setRadii(this.model.get("radii"));
    this.scene.setChanged(this.model.get("changed"));
    this.scene.setValues(this.model.get("values"));
    this.scene.asleep = new Set(this.model.get("asleep"));
    this.scene.reachedKeys = this.model.get("reached");
  }

  listen() {
    const { model, scene } = this;
    this.handlers = {
      "change:geometry": () => { scene.setGeometry(model.get("geometry"), model.get("layout_m")); this.camera.fit(scene.bounds); },
      "change:sites": () => { scene.setSites(model.get("sites")); scene.setRadii(model.get("radii")); },
      "change:radii": () => scene.setRadii(model.get("radii")),
      "change:changed": () => scene.setChanged(model.get("changed")),
      "change:values": () => scene.setValues(model.get("values")),
      "change:palette": () => { this.painter.style = this.styleFrom(); },
      "change:layers": () => { this.painter.style = this.styleFrom(); this.ask(); },
      "change:asleep": () => { scene.asleep = new Set(model.get("asleep")); },
      "change:reached": () => { scene.reachedKeys = model.get("reached"); this.ask(); },
      "change:view": () => { if (this.follow()) this.ask(); },
      "change:spoken": () => { this.spoken.textContent = model.get("spoken"); },
      "change:selected": () => { this.over.selected = model.get("selected"); this.ask(); },
      "change:labels": () => this.words(),
      "change:legend": () => this.drawLegend(),
      "change:status": () => { this.status.textContent = model.get("status"); },
      "change:notice": () => this.showNotice(),
      "change:height": () => this.resize(),
      // All of a change arrives with its tick: one frame for it, and the next drag message may go.
      "change:tick": () => this.answered(),
      "msg:custom": (message, buffers) => this.receive(message, buffers),
    };
    for (const [name, handler] of Object.entries(this.handlers)) model.on(name, handler);
    const on = (target, name, handler, options) => target.addEventListener(name, handler, options);
    on(this.canvas, "pointerdown", (event) => this.down(event));
    on(this.canvas, "pointermove", (event) => this.moved(event));
    on(this.canvas, "pointerup", (event) => this.up(event));
    // JupyterLab takes the focus for its cell when the mouse goes down in it: keys are for the map after a click.
    on(this.canvas, "click", () => this.canvas.focus({ preventScroll: true }));
    on(this.canvas, "pointercancel", () => this.cancel());
    on(this.canvas, "pointerleave", () => { if (!this.press) { Object.assign(this.over, { snap: null, hover: null }); this.hideTip(); this.ask(); } });
    on(this.canvas, "contextmenu", (event) => this.closeAt(event));
    on(this.canvas, "wheel", (event) => this.wheel(event), { passive: false });
    on(this.canvas, "keydown", (event) => this.key(event));
    on(this.canvas, "focus", () => { this.over.crosshair = this.canvas.matches(":focus-visible"); this.ask(); });
    on(this.canvas, "blur", () => { this.over.crosshair = false; this.ask(); });
    on(this.button.zoom_in, "click", () => { this.camera.zoom(1.6); this.look(); });
    on(this.button.zoom_out, "click", () => { this.camera.zoom(1 / 1.6); this.look(); });
    on(this.button.fit, "click", () => { this.camera.fit(this.scene.bounds); this.look(); });
  }

  remove() {
    for (const [name, handler] of Object.entries(this.handlers)) this.model.off(name, handler);
    this.observer.disconnect();
    cancelAnimationFrame(this.asked);
  }

  resize() {
    const width = this.stage.clientWidth, height = this.model.get("height");
    if (width === 0 || (width === this.camera.width && height === this.camera.height)) return;
    const first = this.camera.width === 1;
    this.painter.resize(width, height);
    if (first) { this.camera.fit(this.scene.bounds); this.follow(); }
    this.draw(); // at once: a canvas that was resized is empty
  }

  ask() {
    if (!this.asked) this.asked = requestAnimationFrame(() => { this.asked = 0; this.draw(); });
  }

  // Somebody looks elsewhere: drawn in the next frame, and told to the maps that are linked to this one.
  look() {
    this.hasLooked = true;
    this.ask();
  }

  tellView() {
    this.hasLooked = false;
    const { x, y, scale } = this.camera, [x0, y0] = this.scene.origin;
    this.model.set("view", { x_m: x + x0, y_m: y + y0, scale });
    this.model.save_changes();
  }

  // Look where the model says; return whether that is elsewhere.
  follow() {
    const { x_m, y_m, scale } = this.model.get("view") ?? {}, [x0, y0] = this.scene.origin, camera = this.camera;
    if (camera.width === 1) return false;
    if (!(scale > 0)) { camera.fit(this.scene.bounds); return true; }
    if (camera.x === x_m - x0 && camera.y === y_m - y0 && camera.scale === scale) return false;
    Object.assign(camera, { x: x_m - x0, y: y_m - y0, scale });
    return true;
  }

  // What a layer needs and Python has not sent yet: isochrones of the facilities in view, a few at a time.
  askForLayers() {
    const { scene, camera, over } = this, layers = this.model.get("layers");
    if (layers.streets && !scene.streets && !this.hasAskedStreets) {
      this.hasAskedStreets = true;
      this.send("streets");
    }
    if (!layers.isochrones || this.isReaching || over.drag) return;
    const keys = [];
    for (const site of scene.sites) {
      const key = scene.reachedKeys[site.id];
      if (!key || scene.reached.has(key)) continue;
      const [px, py] = this.painter.at(site, over);
      if (px < -100 || py < -100 || px > camera.width + 100 || py > camera.height + 100) continue;
      if (keys.push(key) === MOST_ASKED) break;
    }
    if (!keys.length) return;
    this.isReaching = keys;
    this.send("reached", { keys });
  }

  draw() {
    if (this.camera.width === 1) return;
    if (this.hasLooked) this.tellView();
    this.painter.draw(this.over);
    this.askForLayers();
    this.drawScale();
    const { x, y, scale } = this.camera, [x0, y0] = this.scene.origin;
    const data = this.canvas.dataset;
    data.frames = ++this.frames;
    data.loading = Boolean(this.isReaching) || (this.painter.style.layers.streets && !this.scene.streets);
    data.tick = this.model.get("tick");
    data.view = [x + x0, y + y0, scale].join(",");
  }

  // words

  words() {
    const labels = this.model.get("labels");
    for (const [name, button] of Object.entries(this.button)) {
      button.title = labels[name];
      button.setAttribute("aria-label", labels[name]);
    }
    this.box.lang = labels.lang;
    this.canvas.setAttribute("aria-label", labels.map);
    this.help.textContent = labels.help;
    this.status.textContent = this.model.get("status");
    this.drawLegend();
    this.showNotice();
    this.ask();
  }

  drawLegend() {
    this.legend.replaceChildren();
    for (const entry of this.model.get("legend")) {
      const item = element(this.legend, "li", "");
      const sign = element(item, "canvas", "cp-map-sign", { "aria-hidden": "true", width: 28, height: 28 });
      this.sign(sign.getContext("2d"), entry);
      element(item, "span", "").textContent = entry.label;
      if (entry.persons) element(item, "b", "").textContent = entry.persons;
    }
  }

  sign(ctx, entry) {
    ctx.scale(2, 2);
    if (entry.shape === "link") {
      ctx.beginPath();
      ctx.moveTo(1, 11); ctx.lineTo(13, 3);
      ctx.strokeStyle = entry.colour;
      ctx.globalAlpha = 0.6;
      ctx.lineWidth = 1.5;
      ctx.stroke();
    } else if (entry.shape === "isochrone") {
      ctx.fillStyle = ctx.strokeStyle = entry.colour;
      ctx.globalAlpha = 0.25;
      ctx.fillRect(1, 3, 12, 8);
      ctx.globalAlpha = 0.8;
      ctx.strokeRect(1, 3, 12, 8);
    } else if (entry.shape === "circle") {
      ring(ctx, 7, 7, 5, entry.colour, 1);
      ctx.globalAlpha = 0.25;
      ctx.fillStyle = entry.colour;
      ctx.fill();
    } else if (["candidate", "closed", "forbidden", "required"].includes(entry.shape)) {
      const site = { status: entry.shape === "closed" ? "closed" : "candidate", level: "service_point" };
      site[`is_${entry.shape}`] = true;
      this.painter.marker.call({ ctx, style: this.styleFrom() }, 7, 7, site, 1);
    } else {
      ctx.beginPath();
      shape(ctx, 7, 7, entry.shape === "central" ? 6.5 : entry.shape ? 4.5 : 5, entry.shape);
      ctx.fillStyle = entry.colour;
      ctx.fill();
    }
  }

  showNotice() {
    this.notice.textContent = this.model.get("notice");
    this.notice.hidden = !this.notice.textContent;
  }

  drawScale() {
    const labels = this.model.get("labels"), length = scaleLength(1 / this.camera.scale, 130);
    const words = length >= 1000 ? labels.kilometres.replace("{n}", length / 1000) : labels.metres.replace("{n}", length);
    if (this.scale.textContent !== words) this.scale.textContent = words;
    this.scale.style.width = `${length * this.camera.scale}px`;
  }

  // what the pointer is on

  spot(event) {
    const box = this.canvas.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  }

  siteAt(px, py, wanted = (site) => site.status !== "closed" || this.scene.changed[site.id]) {
    const [x, y] = this.camera.metres(px, py);
    const gap = (site) => Math.hypot(...this.scene.place(site).map((value, k) => value - (k ? y : x)));
    const open = this.scene.nearestSite(x, y, NEAR_SITE / this.camera.scale, (site) => site.status === "existing");
    const other = this.scene.nearestSite(x, y, NEAR_CANDIDATE / this.camera.scale, (site) => site.status !== "existing" && wanted(site));
    return open && other ? (gap(other) < gap(open) ? other : open) : open ?? other;
  }

  send(type, fields = {}) {
    this.model.send({ type, ...fields });
  }

  sendSpot(type, at, fields = {}) {
    const [x0, y0] = this.scene.origin;
    this.send(type, { x_m: at[0] + x0, y_m: at[1] + y0, snap_m: SNAP / this.camera.scale, ...fields });
  }

  select(id) {
    this.over.selected = id;
    if (this.model.get("selected") === id) return;
    this.model.set("selected", id);
    this.model.save_changes();
  }
}

export default {
  render({ model, el }) {
    const view = new MapView(model, el);
    return () => view.remove();
  },
};
