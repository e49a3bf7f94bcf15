// The hand on the map: pointer and keys, and what is sent to Python for them. What it moves is the view in widget.js.

const NEAR_SITE = 11, NEAR_CANDIDATE = 7, NEAR_DEMAND = 9, SNAP = 12, STEP = 40; // pixels
const DRAG_FROM = 4; // pixels the pointer must go before a click is a drag

class Hand {
  down(event) {
    if (event.button !== 0) return;
    this.canvas.focus({ preventScroll: true });
    this.over.crosshair = false;
    this.canvas.setPointerCapture(event.pointerId);
    const at = this.spot(event), site = this.siteAt(...at);
    this.press = { at, last: at, site, far: false };
    this.settling = false;
    this.over.drag = null;
    event.stopPropagation();
  }

  moved(event) {
    const at = this.spot(event), press = this.press;
    if (!press) return this.hover(at);
    press.far ||= Math.hypot(at[0] - press.at[0], at[1] - press.at[1]) > DRAG_FROM;
    if (!press.far) return;
    this.hideTip();
    const movable = press.site?.status === "existing" && this.model.get("movable");
    if (movable) {
      const metres = this.camera.metres(...at);
      this.over.snap = this.scene.snap(...metres, SNAP / this.camera.scale);
      this.over.drag = { id: press.site.id, at: this.over.snap.at };
      this.pendingDrag = metres;
      this.sendDrag();
    } else {
      this.camera.pan(at[0] - press.last[0], at[1] - press.last[1]);
      this.look();
    }
    press.last = at;
    this.ask();
  }

  answered() {
    this.waiting = false;
    if (this.settling) this.over.drag = null;
    this.settling = false;
    this.hideTip();
    this.ask();
    this.sendDrag();
  }

  // One preview on the way at a time, always of the latest place.
  sendDrag() {
    if (this.waiting || !this.pendingDrag || !this.over.drag) return;
    this.waiting = true;
    this.sendSpot("drag", this.pendingDrag, { id: this.over.drag.id });
    this.pendingDrag = null;
  }

  up(event) {
    const press = this.press, at = this.spot(event);
    this.press = null;
    if (!press) return;
    const dragged = this.over.drag;
    this.over.snap = null;
    this.pendingDrag = null;
    if (dragged) {
      this.select(dragged.id);
      this.settling = true; // the marker stays where it was dropped until the answer comes
      this.sendSpot("drop", this.camera.metres(...at), { id: dragged.id });
    } else if (!press.far) {
      this.click(press.site, at);
    }
    this.ask();
  }

  click(site, at) {
    const editable = this.model.get("editable");
    if (site && editable && site.status !== "existing") return this.send("open", { id: site.id });
    if (site) return this.select(site.id);
    if (editable) return this.sendSpot("add", this.camera.metres(...at));
    this.select("");
  }

  cancel() {
    const dragged = this.over.drag;
    Object.assign(this.over, { drag: null, snap: null });
    Object.assign(this, { press: null, pendingDrag: null });
    if (dragged) this.send("cancel");
    this.ask();
  }

  closeAt(event) {
    event.preventDefault();
    event.stopPropagation();
    const site = this.siteAt(...this.spot(event));
    if (site && this.model.get("editable")) this.closeSite(site);
  }

  closeSite(site) {
    if (site.status === "existing") this.send("close", { id: site.id });
    else if (site.status === "candidate") this.send("forbid", { id: site.id });
    else this.send("open", { id: site.id });
  }

  wheel(event) {
    // A page with a map in it must still scroll: the wheel zooms once the map was clicked, or with Ctrl.
    if (document.activeElement !== this.canvas && !event.ctrlKey) return;
    event.preventDefault();
    event.stopPropagation();
    this.camera.zoom(Math.exp(-Math.sign(event.deltaY) * Math.min(80, Math.abs(event.deltaY)) / 260), ...this.spot(event));
    this.hideTip();
    this.look();
  }

  hover(at) {
    const [x, y] = this.camera.metres(...at);
    const site = this.siteAt(...at);
    const point = site ? -1 : this.scene.nearestDemand(x, y, NEAR_DEMAND / this.camera.scale);
    const inPlace = !site && point < 0 && this.model.get("layers").outlines && this.scene.rings.length > 0;
    const key = site ? `s:${site.id}` : point >= 0 ? `d:${point}` : inPlace ? `p:${at.map((v) => Math.round(v / 12))}` : "";
    this.over.hover = site ? this.scene.place(site) : point >= 0 ? [...this.scene.xy.subarray(2 * point, 2 * point + 2)] : null;
    const editable = this.model.get("editable");
    this.over.snap = editable && !site ? this.scene.snap(x, y, SNAP / this.camera.scale) : null;
    this.canvas.style.cursor = site ? (site.status === "existing" && this.model.get("movable") ? "grab" : "pointer") : editable ? "copy" : "default";
    this.tipAt = at;
    if (key !== this.tipKey) {
      this.tipKey = key;
      this.tip.hidden = true;
      clearTimeout(this.tipTimer);
      const [x0, y0] = this.scene.origin;
      const about = site ? { id: site.id } : inPlace ? { x_m: x + x0, y_m: y + y0 } : { row: point };
      // over land the pointer passes many places: only where it rests is asked about
      if (key) this.tipTimer = setTimeout(() => this.send("hover", { key, ...about }), inPlace ? 250 : 60);
    } else {
      this.placeTip();
    }
    this.ask();
  }

  receive(message, buffers) {
    if (message?.type === "streets") {
      this.scene.streets = pathOf(buffers[0], message.n_vertices, message.n_lines, false);
      this.ask();
    } else if (message?.type === "reached") {
      message.shapes.forEach((shape, k) => this.scene.reached.set(shape.key, pathOf(buffers[k], shape.n_vertices, shape.n_rings, true)));
      // a key that Python has forgotten is not asked for again
      for (const key of message.keys) if (!this.scene.reached.has(key)) this.scene.reached.set(key, null);
      if (this.isReaching && this.isReaching.every((key) => this.scene.reached.has(key))) this.isReaching = null;
      this.ask();
    }
    if (message?.type !== "hover" || message.key !== this.tipKey || !message.lines.length) return;
    this.tip.replaceChildren(...message.lines.map((line, k) => {
      const made = document.createElement(k ? "div" : "b");
      made.textContent = line;
      return made;
    }));
    this.tip.hidden = false;
    this.placeTip();
  }

  placeTip() {
    if (this.tip.hidden || !this.tipAt) return;
    const [x, y] = this.tipAt, { offsetWidth: width, offsetHeight: height } = this.tip;
    this.tip.style.left = `${Math.max(4, x + 14 + width > this.camera.width ? x - width - 14 : x + 14)}px`;
    this.tip.style.top = `${Math.max(4, y + 14 + height > this.camera.height ? y - height - 14 : y + 14)}px`;
  }

  hideTip() {
    clearTimeout(this.tipTimer);
    this.tip.hidden = true;
    this.tipKey = "";
  }

  // keys

  key(event) {
    const { camera, scene, over } = this, editable = this.model.get("editable");
    const step = { ArrowLeft: [1, 0], ArrowRight: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
    const site = over.selected ? scene.byId.get(over.selected) : null;
    const command = event.ctrlKey || event.metaKey;
    let taken = true;
    if (command && event.key.toLowerCase() === "z") this.send(event.shiftKey ? "redo" : "undo");
    else if (command && event.key.toLowerCase() === "y") this.send("redo");
    else if (command || event.altKey) taken = false;
    else if (step && event.shiftKey && site?.status === "existing" && this.model.get("movable")) this.nudge(site, step);
    else if (step) { camera.pan(step[0] * STEP, step[1] * STEP); this.look(); }
    else if (event.key === "+" || event.key === "=") { camera.zoom(1.6); this.look(); }
    else if (event.key === "-") { camera.zoom(1 / 1.6); this.look(); }
    else if (event.key === "0") { camera.fit(scene.bounds); this.look(); }
    else if (event.key === "n" || event.key === "p") this.step(event.key === "n" ? 1 : -1);
    else if ((event.key === "Delete" || event.key === "Backspace") && site && editable) this.closeSite(site);
    else if ((event.key === "Enter" || event.key === " ") && editable) this.sendSpot("add", [camera.x, camera.y]);
    else if (event.key === "Escape") { if (this.press) this.cancel(); else this.select(""); }
    else taken = false;
    // The page around has keys of its own (A, D D ... in JupyterLab): none of them while the map has the focus.
    if (taken || (event.key.length === 1 && !command)) event.stopPropagation();
    if (!taken) return;
    over.crosshair = true;
    event.preventDefault();
    this.ask();
  }

  nudge(site, step) {
    const [x, y] = this.scene.place(site), by = 8 / this.camera.scale;
    const [x0, y0] = this.scene.origin;
    this.send("drop", { id: site.id, x_m: x - step[0] * by + x0, y_m: y + step[1] * by + y0, snap_m: 0 });
  }

  // The next open facility from west to east, brought into view and read out.
  step(by) {
    const open = this.scene.sites.filter((site) => site.status === "existing").sort((a, b) => a.x - b.x);
    if (!open.length) return;
    const at = open.findIndex((site) => site.id === this.over.selected);
    const next = open[(at + by + open.length + (at < 0 && by < 0 ? 1 : 0)) % open.length];
    this.select(next.id);
    const [x, y] = this.scene.place(next), [px, py] = this.camera.px(x, y);
    if (px < 20 || py < 20 || px > this.camera.width - 20 || py > this.camera.height - 20) {
      Object.assign(this.camera, { x, y });
      this.look();
    }
  }
}
