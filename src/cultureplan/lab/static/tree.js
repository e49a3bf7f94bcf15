// The tree of the service network: one line a facility, folded and unfolded here, chosen together with the map.

const SIGNS = { central: "\u2605", head: "\u25a0", branch: "\u25c6", service_point: "\u25cf" };
const FEW = 60; // up to so many facilities all are unfolded to begin with

function add(parent, tag, name = "", attributes = {}) {
  const made = document.createElement(tag);
  if (name) made.className = name;
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  parent.append(made);
  return made;
}

class Tree {
  constructor(model, root) {
    this.model = model;
    this.folded = null; // ids whose children are not shown
    this.box = add(root, "div", "cp-tree", { "data-lm-suppress-shortcuts": "true" });
    this.find = add(this.box, "input", "cp-tree-find", { type: "search" });
    this.list = add(this.box, "div", "cp-tree-list", { role: "tree", tabindex: "0" });
    this.handlers = {
      "change:rows": () => this.draw(),
      "change:labels": () => this.words(),
      "change:selected": () => this.show(),
      "change:height": () => this.words(),
    };
    for (const [name, handler] of Object.entries(this.handlers)) model.on(name, handler);
    this.find.addEventListener("input", () => this.draw());
    this.list.addEventListener("click", (event) => this.click(event));
    this.list.addEventListener("keydown", (event) => this.key(event));
    this.words();
    this.draw();
    this.show();
    // What is chosen can be brought into view once the list has its height.
    this.observer = new ResizeObserver(() => { if (this.list.clientHeight) { this.observer.disconnect(); this.show(); } });
    this.observer.observe(this.list);
  }

  remove() {
    this.observer.disconnect();
    for (const [name, handler] of Object.entries(this.handlers)) this.model.off(name, handler);
  }

  words() {
    const labels = this.model.get("labels");
    this.find.placeholder = labels.find ?? "";
    this.find.setAttribute("aria-label", labels.find ?? "");
    this.list.setAttribute("aria-label", labels.tree ?? "");
    this.list.style.height = `${this.model.get("height")}px`;
    this.box.lang = labels.lang ?? "en";
  }

  // Who has children, and below whom each line hangs.
  read() {
    this.rows = this.model.get("rows");
    this.parent = new Map();
    this.hasChildren = new Set();
    const chain = [];
    for (const row of this.rows) {
      chain.length = row.depth;
      const above = chain[row.depth - 1];
      this.parent.set(row.id, above);
      if (above !== undefined) this.hasChildren.add(above);
      chain[row.depth] = row.id;
    }
    if (this.folded === null && this.rows.length) {
      const few = this.rows.length <= FEW;
      const wide = (row) => this.hasChildren.has(row.id) && row.depth > 0;
      this.folded = new Set(few ? [] : this.rows.filter(wide).map((row) => row.id));
    }
  }

  isShown(row) {
    for (let above = this.parent.get(row.id); above !== undefined; above = this.parent.get(above)) {
      if (this.folded.has(above)) return false;
    }
    return true;
  }

  draw() {
    this.read();
    const wanted = this.find.value.trim().toLowerCase();
    const top = this.list.scrollTop, lines = [];
    for (const row of this.rows) {
      if (wanted ? !`${row.label} ${row.id}`.toLowerCase().includes(wanted) : !this.isShown(row)) continue;
      lines.push(this.line(row, Boolean(wanted)));
    }
    this.list.replaceChildren(...lines);
    this.list.scrollTop = top;
    this.list.dataset.lines = lines.length;
    this.mark();
  }

  line(row, flat) {
    const line = document.createElement("div");
    line.className = row.is_loose ? "cp-tree-line cp-tree-loose" : "cp-tree-line";
    line.id = `${this.prefix()}-${row.id}`;
    line.dataset.id = row.id;
    line.setAttribute("role", "treeitem");
    line.setAttribute("aria-level", row.depth + 1);
    line.style.paddingLeft = `${flat ? 4 : 4 + 16 * row.depth}px`;
    const folds = !flat && this.hasChildren.has(row.id);
    if (folds) line.setAttribute("aria-expanded", String(!this.folded.has(row.id)));
    const fold = add(line, "span", "cp-tree-fold", { "aria-hidden": "true" });
    fold.textContent = folds ? (this.folded.has(row.id) ? "\u25b8" : "\u25be") : "";
    const sign = add(line, "span", `cp-tree-sign cp-tree-${row.level}`, { title: row.level_words });
    sign.textContent = SIGNS[row.level] ?? "";
    add(line, "span", "cp-tree-label", { title: row.label }).textContent = row.label;
    add(line, "span", "cp-tree-note").textContent = row.note;
    return line;
  }

  prefix() {
    this.own ??= `cp-tree-${Math.random().toString(36).slice(2)}`;
    return this.own;
  }

  mark() {
    const selected = this.model.get("selected");
    for (const line of this.list.children) {
      const chosen = line.dataset.id === selected;
      line.setAttribute("aria-selected", String(chosen));
      if (chosen) this.list.setAttribute("aria-activedescendant", line.id);
    }
  }

  // Chosen elsewhere: unfold down to it and bring it into view, within the list only.
  show() {
    const selected = this.model.get("selected");
    let unfolded = false;
    for (let above = this.parent.get(selected); above !== undefined; above = this.parent.get(above)) {
      unfolded = this.folded.delete(above) || unfolded;
    }
    if (unfolded && !this.find.value) this.draw(); else this.mark();
    const line = [...this.list.children].find((each) => each.dataset.id === selected);
    if (!line) return;
    const above = line.offsetTop, room = this.list.clientHeight - line.offsetHeight;
    if (above < this.list.scrollTop || above > this.list.scrollTop + room) this.list.scrollTop = above - room / 2;
  }

  choose(id) {
    if (this.model.get("selected") === id) return;
    this.model.set("selected", id);
    this.model.save_changes();
  }

  fold(id, folded) {
    if (folded ? this.folded.has(id) : !this.folded.has(id)) return false;
    if (folded) this.folded.add(id); else this.folded.delete(id);
    this.draw();
    return true;
  }

  click(event) {
    const line = event.target.closest(".cp-tree-line");
    if (!line) return;
    const id = line.dataset.id;
    if (event.target.closest(".cp-tree-fold") && this.hasChildren.has(id)) this.fold(id, !this.folded.has(id));
    else this.choose(id);
    this.list.focus({ preventScroll: true });
  }

  key(event) {
    const lines = [...this.list.children], selected = this.model.get("selected");
    const at = lines.findIndex((line) => line.dataset.id === selected);
    const go = (to) => lines.length && this.choose(lines[Math.min(lines.length - 1, Math.max(0, to))].dataset.id);
    if (event.key === "ArrowDown") go(at + 1);
    else if (event.key === "ArrowUp") go(at < 0 ? 0 : at - 1);
    else if (event.key === "Home") go(0);
    else if (event.key === "End") go(lines.length - 1);
    else if (event.key === "ArrowRight" && this.hasChildren.has(selected)) this.fold(selected, false) || go(at + 1);
    else if (event.key === "ArrowLeft" && selected) {
      const open = this.hasChildren.has(selected) && !this.folded.has(selected);
      if (open) this.fold(selected, true);
      else if (this.parent.get(selected) !== undefined) this.choose(this.parent.get(selected));
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }
}

export default {
  render({ model, el }) {
    const tree = new Tree(model, el);
    return () => tree.remove();
  },
};
