// Files from the planner's computer: dropped or chosen, sent in pieces, each after the one before has arrived.
const PIECE = 1 << 20;

async function filesOf(entry, before = "") {
  if (entry.isFile) {
    const file = await new Promise((done, fail) => entry.file(done, fail));
    return [[before + entry.name, file]];
  }
  const reader = entry.createReader(), found = [];
  for (;;) {
    const some = await new Promise((done, fail) => reader.readEntries(done, fail));
    if (!some.length) break;
    for (const inner of some) found.push(...await filesOf(inner, `${before}${entry.name}/`));
  }
  return found;
}

export default {
  render({ model, el }) {
    const zone = document.createElement("div");
    zone.className = "cp-drop";
    zone.tabIndex = 0;
    zone.setAttribute("role", "button");
    const words = document.createElement("b"), more = document.createElement("span");
    const state = document.createElement("span");
    state.className = "cp-drop-state";
    state.setAttribute("role", "status");
    const input = document.createElement("input");
    Object.assign(input, { type: "file", multiple: true, hidden: true });
    zone.append(words, more, state, input);
    el.append(zone);
    let busy = false, answered = null;

    const draw = () => {
      const labels = model.get("labels");
      words.textContent = labels.drop;
      more.textContent = labels.choose;
      zone.setAttribute("aria-label", `${labels.drop} ${labels.choose}`);
      if (!busy) state.textContent = "";
    };
    const ask = (content, buffers = []) => new Promise((done) => {
      answered = done;
      model.send(content, undefined, buffers);
    });
    const hear = (content) => { const done = answered; answered = null; done?.(content); };

    async function take(files) {
      if (busy || !files.length) return;
      busy = true;
      zone.classList.add("cp-busy");
      const all = files.reduce((sum, [, file]) => sum + file.size, 0);
      let sent = 0;
      try {
        let answer = await ask({ type: "begin", files: files.map(([name, file]) => [name, file.size]) });
        for (const [name, file] of answer.ok ? files : []) {
          for (let at = 0; at < file.size && answer.ok; at += PIECE) {
            const piece = await file.slice(at, at + PIECE).arrayBuffer();
            answer = await ask({ type: "piece", name }, [piece]);
            sent += piece.byteLength;
            state.textContent = model.get("labels").sending.replace("{n}", Math.round(100 * sent / Math.max(all, 1)));
          }
        }
        if (answer.ok) {
          state.textContent = model.get("labels").reading;
          await ask({ type: "end" });
        }
      } catch (error) {
        model.send({ type: "failed", why: String(error.message ?? error) });
      } finally {
        busy = false;
        zone.classList.remove("cp-busy");
        draw();
      }
    }

    const over = (event) => { event.preventDefault(); zone.classList.add("cp-over"); };
    const leave = () => zone.classList.remove("cp-over");
    const dropped = async (event) => {
      event.preventDefault();
      leave();
      const entries = [...event.dataTransfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
      const plain = [...event.dataTransfer.files].map((file) => [file.name, file]);
      try {
        take(entries.length ? (await Promise.all(entries.map((entry) => filesOf(entry)))).flat() : plain);
      } catch {
        take(plain);
      }
    };
    zone.addEventListener("dragover", over);
    zone.addEventListener("dragleave", leave);
    zone.addEventListener("drop", dropped);
    zone.addEventListener("click", () => busy || input.click());
    zone.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      input.click();
    });
    input.addEventListener("click", (event) => event.stopPropagation());
    input.addEventListener("change", () => {
      take([...input.files].map((file) => [file.name, file]));
      input.value = "";
    });
    // A file let go beside the zone must not replace the page.
    const guard = (event) => event.preventDefault();
    addEventListener("dragover", guard);
    addEventListener("drop", guard);
    model.on("change:labels", draw);
    model.on("msg:custom", hear);
    draw();
    return () => {
      removeEventListener("dragover", guard);
      removeEventListener("drop", guard);
      model.off(null, draw);
      model.off(null, hear);
    };
  },
};
