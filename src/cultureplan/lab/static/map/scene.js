// What is on the map, decoded once, and how metres become pixels.

const MANY = 3000; // from so many dots on they are written as pixels instead of drawn as shapes
const DOT_PX = [1.6, 2.3, 3.1, 4.2]; // radius of each size class when few dots are in view
const LEVEL_RANK = { service_point: 1, branch: 2, head: 3, central: 4 };

// Bytes arrive as a view that may start at any offset; typed arrays need their own copy.
function ownBuffer(view) {
  if (!view || view.byteLength === 0) return new ArrayBuffer(0);
  return view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength);
}

class Scene {
  constructor() {
    this.n = 0;
    this.xy = new Float32Array(0);
    this.sizes = new Uint8Array(0);
    this.values = new Uint8Array(0);
    this.vertices = new Float32Array(0);
    this.rings = new Uint32Array(0);
    this.bounds = [0, 0, 1, 1];
    this.origin = [0, 0];
    this.base = [];
    this.changed = {};
    this.sites = [];
    this.byId = new Map();
    this.asleep = new Set(); // open, but shut at the hour that is looked at
    this.reachedKeys = {};
    this.reached = new Map();
    this.streets = null;
  }

  // Whether people can go to a site now and its layer is on.
  isShown(site, layers) {
    return site.status === "existing" && !this.asleep.has(site.id) && !(site.is_mobile && !layers.mobile);
  }

  setGeometry(view, layout) {
    const buffer = ownBuffer(view);
    const n = layout.n_demand ?? 0, v = layout.n_vertices ?? 0, r = layout.n_rings ?? 0;
    if (buffer.byteLength < 8 * n + 8 * v + 4 * r + n) return;
    this.n = n;
    this.xy = new Float32Array(buffer, 0, 2 * n);
    this.vertices = new Float32Array(buffer, 8 * n, 2 * v);
    this.rings = new Uint32Array(buffer, 8 * (n + v), r);
    this.sizes = new Uint8Array(buffer, 8 * (n + v) + 4 * r, n);
    this.bounds = layout.bounds;
    this.origin = layout.origin;
    this.index = null;
  }

  setValues(view) {
    this.values = new Uint8Array(ownBuffer(view));
  }

  setSites(records) {
    this.base = records;
    this.merge();
  }

  setRadii(view) {
    const radii = new Float32Array(ownBuffer(view));
    if (radii.length === this.base.length) this.base.forEach((site, k) => (site.radius = radii[k]));
  }

  setChanged(changed) {
    this.changed = changed;
    this.merge();
  }

  merge() {
    const known = new Set(this.base.map((site) => site.id));
    const added = Object.values(this.changed).filter((site) => !known.has(site.id));
    this.sites = [...this.base.map((site) => this.changed[site.id] ?? site), ...added];
    this.byId = new Map(this.sites.map((site) => [site.id, site]));
  }

  place(site) {
    return [site.x - this.origin[0], site.y - this.origin[1]];
  }

  // A grid over the demand points, so that the one under the pointer is found without a search of all.
  grid() {
    if (this.index) return this.index;
    const [west, south, east, north] = this.bounds;
    const side = Math.max(1, Math.min(400, Math.ceil(Math.sqrt(this.n / 4))));
    const width = Math.max(east - west, 1) / side, height = Math.max(north - south, 1) / side;
    const cell = (x, y) => {
      const i = Math.min(side - 1, Math.max(0, Math.floor((x - west) / width)));
      const j = Math.min(side - 1, Math.max(0, Math.floor((y - south) / height)));
      return j * side + i;
    };
    const starts = new Uint32Array(side * side + 1), order = new Uint32Array(this.n);
    for (let k = 0; k < this.n; k++) starts[cell(this.xy[2 * k], this.xy[2 * k + 1]) + 1]++;
    for (let c = 0; c < side * side; c++) starts[c + 1] += starts[c];
    const next = starts.slice();
    for (let k = 0; k < this.n; k++) order[next[cell(this.xy[2 * k], this.xy[2 * k + 1])]++] = k;
    this.index = { side, width, height, west, south, starts, order };
    return this.index;
  }

  nearestDemand(x, y, within) {
    const { side, width, height, west, south, starts, order } = this.grid();
    const clamp = (value) => Math.min(side - 1, Math.max(0, value));
    const i0 = clamp(Math.floor((x - within - west) / width)), i1 = clamp(Math.floor((x + within - west) / width));
    const j0 = clamp(Math.floor((y - within - south) / height)), j1 = clamp(Math.floor((y + within - south) / height));
    let best = -1, least = within * within;
    for (let j = j0; j <= j1; j++) {
      for (let k = starts[j * side + i0]; k < starts[j * side + i1 + 1]; k++) {
        const p = order[k], dx = this.xy[2 * p] - x, dy = this.xy[2 * p + 1] - y, square = dx * dx + dy * dy;
        if (square <= least) { least = square; best = p; }
      }
    }
    return best;
  }

  nearestSite(x, y, within, wanted) {
    let best = null, least = within * within;
    for (const site of this.sites) {
      if (!wanted(site)) continue;
      const [sx, sy] = this.place(site), square = (sx - x) ** 2 + (sy - y) ** 2;
      if (square <= least) { least = square; best = site; }
    }
    return best;
  }

  // The same rule as in Python: the nearest candidate within reach, else the nearest demand point, else here.
  snap(x, y, within) {
    const candidate = this.nearestSite(x, y, within, (site) => site.status === "candidate");
    if (candidate) return { at: this.place(candidate), kind: "candidate" };
    const p = this.nearestDemand(x, y, within);
    if (p >= 0) return { at: [this.xy[2 * p], this.xy[2 * p + 1]], kind: "demand" };
    return { at: [x, y], kind: "free" };
  }
}

class Camera {
  constructor() {
    this.x = 0; this.y = 0; this.scale = 1; // metres in the middle, pixels a metre
    this.width = 1; this.height = 1;
  }

  fit(bounds) {
    const [west, south, east, north] = bounds;
    const width = Math.max(east - west, 200), height = Math.max(north - south, 200);
    this.x = (west + east) / 2;
    this.y = (south + north) / 2;
    this.scale = Math.min((this.width - 48) / width, (this.height - 56) / height);
    this.home = this.scale;
  }

  px(x, y) {
    return [(x - this.x) * this.scale + this.width / 2, this.height / 2 - (y - this.y) * this.scale];
  }

  metres(px, py) {
    return [(px - this.width / 2) / this.scale + this.x, (this.height / 2 - py) / this.scale + this.y];
  }

  zoom(factor, px = this.width / 2, py = this.height / 2) {
    const [x, y] = this.metres(px, py);
    const home = this.home || this.scale;
    this.scale = Math.min(home * 4000, Math.max(home / 4, this.scale * factor));
    const [nx, ny] = this.metres(px, py);
    this.x += x - nx;
    this.y += y - ny;
  }

  pan(dx, dy) {
    this.x -= dx / this.scale;
    this.y += dy / this.scale;
  }
}
