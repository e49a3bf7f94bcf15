// Drawing: everything in one pass, asked for by whoever changed something, done when the browser draws next.

class Painter {
  constructor(canvas, scene, camera, style) {
    this.canvas = canvas;
    this.ctx = canvas.getContext("2d");
    this.scene = scene;
    this.camera = camera;
    this.style = style; // colours, palette, layers
    this.dots = document.createElement("canvas");
    this.stamps = new Map();
  }

  resize(width, height) {
    const ratio = window.devicePixelRatio || 1;
    this.ratio = ratio;
    this.camera.width = width;
    this.camera.height = height;
    for (const canvas of [this.canvas, this.dots]) {
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(height * ratio);
    }
    this.canvas.style.height = `${height}px`;
    this.image = null;
  }

  draw(over) {
    const { ctx, camera, style } = this;
    ctx.setTransform(this.ratio, 0, 0, this.ratio, 0, 0);
    ctx.fillStyle = style.colours.sea;
    ctx.fillRect(0, 0, camera.width, camera.height);
    if (style.layers.outlines) this.outlines();
    if (style.layers.streets) drawStreets(this);
    if (style.layers.isochrones) drawReached(this, over);
    if (style.layers.circles) this.circles(over);
    if (style.layers.people) this.people();
    if (style.layers.links) drawLinks(this, over);
    this.sites(over);
    this.overlay(over);
  }

  outlines() {
    const { ctx, camera, scene, style } = this;
    if (scene.rings.length === 0) return;
    ctx.beginPath();
    for (let r = 0; r < scene.rings.length; r++) {
      const end = r + 1 < scene.rings.length ? scene.rings[r + 1] : scene.vertices.length / 2;
      for (let v = scene.rings[r]; v < end; v++) {
        const [x, y] = camera.px(scene.vertices[2 * v], scene.vertices[2 * v + 1]);
        if (v === scene.rings[r]) ctx.moveTo(x, y); else ctx.lineTo(x, y);
      }
      ctx.closePath();
    }
    ctx.fillStyle = style.colours.land;
    ctx.fill("evenodd");
    ctx.strokeStyle = style.colours.land_edge;
    ctx.lineWidth = 0.8;
    ctx.stroke();
  }

  // One path a settlement type: circles that overlap are one area, as the people in them are counted once.
  circles(over) {
    const { ctx, camera, scene, style } = this;
    for (const [settlement, colour] of Object.entries(style.colours.settlements)) {
      ctx.beginPath();
      for (const site of scene.sites) {
        if (!(site.radius > 0) || site.settlement !== settlement || !scene.isShown(site, style.layers)) continue;
        const [x, y] = this.at(site, over), radius = site.radius * camera.scale;
        if (x + radius < 0 || y + radius < 0 || x - radius > camera.width || y - radius > camera.height) continue;
        ctx.moveTo(x + radius, y);
        ctx.arc(x, y, radius, 0, 2 * Math.PI);
      }
      ctx.fillStyle = colour;
      ctx.globalAlpha = 0.13;
      ctx.fill();
      ctx.globalAlpha = 0.65;
      ctx.strokeStyle = colour;
      ctx.lineWidth = 0.9;
      ctx.stroke();
      ctx.globalAlpha = 1;
    }
  }

  dotRadius(size) {
    const { camera, scene } = this;
    const crowd = Math.min(1, Math.sqrt(2500 / Math.max(scene.n, 1)));
    const closer = Math.sqrt(camera.scale / (camera.home || camera.scale));
    return Math.min(9, Math.max(0.75, DOT_PX[size] * Math.max(0.35, crowd) * Math.min(3, Math.max(0.7, closer))));
  }

  people() {
    if (this.scene.n > MANY) this.peopleAsPixels(); else this.peopleAsShapes();
  }

  peopleAsShapes() {
    const { ctx, camera, scene, style } = this;
    const paths = style.palette.map(() => new Path2D());
    for (let k = 0; k < scene.n; k++) {
      const x = (scene.xy[2 * k] - camera.x) * camera.scale + camera.width / 2;
      const y = camera.height / 2 - (scene.xy[2 * k + 1] - camera.y) * camera.scale;
      if (x < -9 || y < -9 || x > camera.width + 9 || y > camera.height + 9) continue;
      const radius = this.dotRadius(scene.sizes[k]), path = paths[scene.values[k] ?? 0];
      path.moveTo(x + radius, y);
      path.arc(x, y, radius, 0, 2 * Math.PI);
    }
    paths.forEach((path, k) => {
      ctx.fillStyle = style.palette[k];
      ctx.fill(path);
      ctx.strokeStyle = "rgba(255, 255, 255, 0.75)";
      ctx.lineWidth = 0.5;
      ctx.stroke(path);
    });
  }

  // Offsets of the pixels of a disc, for one radius and one width of the picture.
  stamp(radius, width) {
    const key = `${radius.toFixed(2)}:${width}`;
    if (!this.stamps.has(key)) {
      const reach = Math.ceil(radius), offsets = [];
      for (let dy = -reach; dy <= reach; dy++) {
        for (let dx = -reach; dx <= reach; dx++) {
          if (dx * dx + dy * dy <= radius * radius + 0.25) offsets.push(dy * width + dx);
        }
      }
      if (this.stamps.size > 64) this.stamps.clear();
      this.stamps.set(key, { reach, offsets: Int32Array.from(offsets) });
    }
    return this.stamps.get(key);
  }

  peopleAsPixels() {
    const { ctx, camera, scene, style, dots, ratio } = this;
    const width = dots.width, height = dots.height, context = dots.getContext("2d");
    if (!this.image) {
      this.image = context.createImageData(width, height);
      this.pixels = new Uint32Array(this.image.data.buffer);
    }
    const pixels = this.pixels, xy = scene.xy, values = scene.values;
    pixels.fill(0);
    const colours = style.palette.map(littleEndian);
    const stamps = DOT_PX.map((_, size) => this.stamp(this.dotRadius(size) * ratio, width));
    const scale = camera.scale * ratio, left = (camera.width / 2) * ratio - camera.x * scale;
    const top = (camera.height / 2) * ratio + camera.y * scale;
    for (let k = 0; k < scene.n; k++) {
      const x = (xy[2 * k] * scale + left) | 0, y = (top - xy[2 * k + 1] * scale) | 0;
      const { reach, offsets } = stamps[scene.sizes[k]];
      if (x < reach || y < reach || x >= width - reach || y >= height - reach) continue;
      const at = y * width + x, colour = colours[values[k]];
      for (let o = 0; o < offsets.length; o++) pixels[at + offsets[o]] = colour;
    }
    context.putImageData(this.image, 0, 0);
    ctx.drawImage(dots, 0, 0, camera.width, camera.height);
  }

  at(site, over) {
    const dragged = over.drag && over.drag.id === site.id && over.drag.at;
    return this.camera.px(...(dragged || this.scene.place(site)));
  }

  sites(over) {
    const { camera, scene, style } = this;
    const open = scene.sites.filter((site) => site.status === "existing").length;
    const size = Math.min(1.25, Math.max(0.6, Math.sqrt(150 / Math.max(open, 1))));
    const order = (site) => (site.status === "existing" ? LEVEL_RANK[site.level] ?? 1 : 0);
    for (const site of [...scene.sites].sort((a, b) => order(a) - order(b))) {
      if (site.status === "candidate" && !style.layers.candidates) continue;
      if (site.is_mobile && site.status === "existing" && !style.layers.mobile) continue;
      if (site.status === "closed" && !this.scene.changed[site.id]) continue; // closed before anybody planned
      const [x, y] = this.at(site, over);
      if (x < -20 || y < -20 || x > camera.width + 20 || y > camera.height + 20) continue;
      this.marker(x, y, site, size);
    }
  }

  marker(x, y, site, size) {
    const { ctx, style } = this;
    const rank = LEVEL_RANK[site.level] ?? 1, radius = [0, 3.5, 4.8, 6, 9.5][rank] * size;
    ctx.beginPath();
    if (site.status === "candidate") {
      ctx.arc(x, y, 4.6, 0, 2 * Math.PI); // open, so that the people who live there are seen
      ctx.strokeStyle = site.is_forbidden ? style.colours.lost : style.colours.proposed;
      ctx.lineWidth = 1.4;
      ctx.stroke();
      if (site.is_forbidden) cross(ctx, x, y, 5);
      if (site.is_required) { ctx.beginPath(); ctx.arc(x, y, 2.2, 0, 2 * Math.PI); ctx.fillStyle = style.colours.proposed; ctx.fill(); }
      return;
    }
    shape(ctx, x, y, radius, site.is_mobile ? "mobile" : site.level);
    ctx.fillStyle = site.is_new ? style.colours.proposed : style.colours.ink;
    if (this.scene?.asleep.has(site.id)) ctx.fillStyle = style.colours.asleep;
    if (site.status === "closed") ctx.fillStyle = "rgba(255, 255, 255, 0.9)";
    ctx.fill();
    ctx.strokeStyle = site.status === "closed" ? style.colours.lost : "#ffffff";
    ctx.lineWidth = 1.2;
    ctx.stroke();
    if (site.status === "closed") { ctx.strokeStyle = style.colours.lost; cross(ctx, x, y, radius + 1); }
  }

  overlay(over) {
    const { ctx, camera, scene, style } = this;
    const selected = over.selected && scene.byId.get(over.selected);
    if (selected) ring(ctx, ...this.at(selected, over), 13, style.colours.ink, 2.5);
    if (over.hover) ring(ctx, ...camera.px(...over.hover), 8, style.colours.ink, 1.2);
    const snap = over.snap;
    if (snap) {
      const [x, y] = camera.px(...snap.at), colour = style.colours.proposed;
      if (snap.kind === "free") {
        ctx.beginPath();
        ctx.moveTo(x - 9, y); ctx.lineTo(x + 9, y); ctx.moveTo(x, y - 9); ctx.lineTo(x, y + 9);
        ctx.strokeStyle = colour;
        ctx.lineWidth = 1.4;
        ctx.stroke();
      } else {
        ring(ctx, x, y, snap.kind === "candidate" ? 10 : 7, colour, 2);
      }
    }
    if (over.crosshair) {
      ring(ctx, camera.width / 2, camera.height / 2, 6, style.colours.ink, 1.2);
    }
  }
}

function shape(ctx, x, y, radius, level) {
  if (level === "central") return star(ctx, x, y, radius);
  if (level === "head") return ctx.rect(x - radius, y - radius, 2 * radius, 2 * radius);
  if (level === "mobile") {
    ctx.moveTo(x, y - 1.3 * radius); ctx.lineTo(x + 1.2 * radius, y + radius); ctx.lineTo(x - 1.2 * radius, y + radius);
    return ctx.closePath();
  }
  if (level === "branch") {
    ctx.moveTo(x, y - 1.2 * radius); ctx.lineTo(x + 1.2 * radius, y);
    ctx.lineTo(x, y + 1.2 * radius); ctx.lineTo(x - 1.2 * radius, y);
    return ctx.closePath();
  }
  return ctx.arc(x, y, radius, 0, 2 * Math.PI);
}

function star(ctx, x, y, radius) {
  for (let k = 0; k < 10; k++) {
    const r = k % 2 ? 0.45 * radius : radius, angle = (k * Math.PI) / 5 - Math.PI / 2;
    if (k) ctx.lineTo(x + r * Math.cos(angle), y + r * Math.sin(angle));
    else ctx.moveTo(x + r * Math.cos(angle), y + r * Math.sin(angle));
  }
  ctx.closePath();
}

function ring(ctx, x, y, radius, colour, width) {
  ctx.beginPath();
  ctx.arc(x, y, radius, 0, 2 * Math.PI);
  ctx.strokeStyle = "rgba(255, 255, 255, 0.9)";
  ctx.lineWidth = width + 2;
  ctx.stroke();
  ctx.strokeStyle = colour;
  ctx.lineWidth = width;
  ctx.stroke();
}

function cross(ctx, x, y, radius) {
  ctx.beginPath();
  ctx.moveTo(x - radius, y - radius); ctx.lineTo(x + radius, y + radius);
  ctx.moveTo(x - radius, y + radius); ctx.lineTo(x + radius, y - radius);
  ctx.lineWidth = 1.6;
  ctx.stroke();
}

// "#rrggbb" as the bytes of an opaque pixel.
function littleEndian(colour) {
  const value = parseInt(colour.slice(1), 16);
  return (255 << 24 | (value & 255) << 16 | (value & 0xff00) | value >> 16) >>> 0;
}

// The longest of 1, 2, 5 x 10^n metres that fits.
function scaleLength(metresPerPx, most) {
  const room = metresPerPx * most, power = 10 ** Math.floor(Math.log10(room));
  return [5, 2, 1].map((k) => k * power).find((length) => length <= room) ?? power;
}
