// The steps of the story, as tabs: arrows, Home and End move, a step that cannot be taken yet is dimmed.
export default {
  render({ model, el }) {
    const bar = document.createElement("div");
    bar.className = "cp-steps";
    bar.setAttribute("role", "tablist");
    el.append(bar);
    const go = (index) => { model.set("active", index); model.save_changes(); };
    const draw = () => {
      const titles = model.get("titles"), active = model.get("active"), open = model.get("is_open");
      const had = bar.contains(document.activeElement);
      bar.setAttribute("aria-label", model.get("label"));
      bar.replaceChildren(...titles.map((title, index) => {
        const tab = document.createElement("button");
        tab.type = "button";
        tab.setAttribute("role", "tab");
        tab.setAttribute("aria-selected", String(index === active));
        tab.tabIndex = index === active ? 0 : -1;
        tab.disabled = index > 0 && !open;
        tab.innerHTML = `<i>${index + 1}</i>`;
        tab.append(title);
        tab.addEventListener("click", () => go(index));
        return tab;
      }));
      if (had) bar.children[active]?.focus();
    };
    bar.addEventListener("keydown", (event) => {
      const n = bar.children.length, active = model.get("active");
      const to = { ArrowRight: (active + 1) % n, ArrowLeft: (active + n - 1) % n, Home: 0, End: n - 1 }[event.key];
      if (to === undefined || bar.children[to].disabled) return;
      event.preventDefault();
      go(to);
    });
    model.on("change:titles change:active change:is_open change:label", draw);
    draw();
    return () => model.off(null, draw);
  },
};
