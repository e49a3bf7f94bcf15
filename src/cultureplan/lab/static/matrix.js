// Verdicts by clause and place: a table to point at and choose from. What a cell means is worded by Python.

const MARKS = { M: "\u2713", N: "", "?": "?", ".": "" }; // no verdict by colour alone
const NAMES = { M: "met", N: "failed", "?": "open", ".": "none" };
const POINT_MS = 70;

function add(parent, tag, name = "", attributes = {}) {
  const made = document.createElement(tag);
  if (name) made.className = name;
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  parent.append(made);
  return made;
}

class Matrix {
  constructor(model, root) {
    this.model = model;
    this.box = add(root, "div", "cp-matrix", { "data-lm-suppress-shortcuts": "true" });
    this.legend = add(this.box, "ul", "cp-matrix-legend");
    this.frame = add(this.box, "div", "cp-matrix-frame", { tabindex: "0" });
    this.table = add(this.frame, "table", "", { role: "grid" });
    this.handlers = {
      "change:tick": () => this.draw(),
      "change:selected": () => this.mark(),
      "change:height": () => this.words(),
    };
    for (const [name, handler] of Object.entries(this.handlers)) model.on(name, handler);
    this.table.addEventListener("click", (event) => this.click(event));
    this.table.addEventListener("pointerover", (event) => this.over(event));
    this.table.addEventListener("pointerleave", () => this.point(""));
    this.frame.addEventListener("keydown", (event) => this.key(event));
    this.draw();
  }

  remove() {
    clearTimeout(this.timer);
    for (const [name, handler] of Object.entries(this.handlers)) this.model.off(name, handler);
  }

  words() {
    const labels = this.model.get("labels");
    this.table.setAttribute("aria-label", labels.matrix ?? "");
    this.frame.style.maxHeight = `${this.model.get("height")}px`;
    this.box.lang = labels.lang ?? "en";
    this.legend.replaceChildren();
    for (const letter of ["N", "?", "M"]) {
      const item = add(this.legend, "li");
      add(item, "i", `cp-cell cp-${NAMES[letter]}`).textContent = letter === "N" ? "n" : MARKS[letter];
      add(item, "span").textContent = labels[NAMES[letter]] ?? "";
    }
  }

  draw() {
    this.words();
    const labels = this.model.get("labels"), columns = this.model.get("columns");
    const head = document.createElement("tr");
    add(head, "th", "cp-matrix-corner", { scope: "col" }).textContent = labels.clause ?? "";
    const steep = columns.length > 8;
    for (const column of columns) {
      const cell = add(head, "th", steep ? "cp-matrix-steep" : "", { scope: "col", title: column.label });
      add(cell, "span").textContent = column.label;
    }
    this.cells = [];
    const lines = [head];
    for (const row of this.model.get("rows")) {
      const line = document.createElement("tr");
      if (!row.id) {
        add(line, "th", "cp-matrix-theme", { colspan: columns.length + 1, scope: "colgroup" }).textContent = row.label;
        lines.push(line);
        continue;
      }
      const name = add(line, "th", "cp-matrix-clause", { scope: "row", title: row.label });
      add(name, "b").textContent = row.id;
      add(name, "span").textContent = row.label;
      const own = [];
      columns.forEach((column, k) => {
        const letter = row.cells[k], cell = add(line, "td", `cp-cell cp-${NAMES[letter]}`, { role: "gridcell" });
        cell.textContent = letter === "N" ? row.counts[k] : MARKS[letter];
        cell.dataset.key = `${row.id}|${column.id}`;
        cell.setAttribute("aria-label", `${row.id}, ${column.label}: ${labels[NAMES[letter]] ?? ""}`);
        own.push(cell);
      });
      this.cells.push(own);
      lines.push(line);
    }
    this.table.replaceChildren(...lines);
    this.table.dataset.tick = this.model.get("tick");
    this.mark();
  }

  mark() {
    const selected = this.model.get("selected");
    for (const cell of this.cells.flat()) cell.setAttribute("aria-selected", String(cell.dataset.key === selected));
  }

  set(name, value) {
    if (this.model.get(name) === value) return;
    this.model.set(name, value);
    this.model.save_changes();
  }

  click(event) {
    const cell = event.target.closest("[data-key]");
    if (!cell) return;
    this.set("selected", cell.dataset.key);
    this.mark();
    this.frame.focus({ preventScroll: true });
  }

  over(event) {
    this.point(event.target.closest("[data-key]")?.dataset.key ?? "");
  }

  point(key) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.set("pointed", key), POINT_MS);
  }

  key(event) {
    const step = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
    if (!step || !this.cells.length) return;
    const selected = this.model.get("selected");
    let row = this.cells.findIndex((own) => own.some((cell) => cell.dataset.key === selected));
    let column = row < 0 ? -1 : this.cells[row].findIndex((cell) => cell.dataset.key === selected);
    row = row < 0 ? 0 : Math.min(this.cells.length - 1, Math.max(0, row + step[0]));
    column = column < 0 ? 0 : Math.min(this.cells[0].length - 1, Math.max(0, column + step[1]));
    const cell = this.cells[row][column];
    this.set("selected", cell.dataset.key);
    this.mark();
    cell.scrollIntoView({ block: "nearest", inline: "nearest" });
    event.preventDefault();
    event.stopPropagation();
  }
}

export default {
  render({ model, el }) {
    const matrix = new Matrix(model, el);
    return () => matrix.remove();
  },
};
