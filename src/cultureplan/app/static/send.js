// Files to the planner's computer: saved by the browser, or shown to it as a page to print.
export default {
  render({ model, el }) {
    const frame = document.createElement("iframe");
    Object.assign(frame, { hidden: true, title: "print" });
    frame.className = "cp-print";
    el.append(frame);
    const hear = (content, buffers) => {
      const address = URL.createObjectURL(new Blob([buffers[0]], { type: content.mime }));
      if (content.type === "print") {
        frame.onload = () => { frame.contentWindow.focus(); frame.contentWindow.print(); };
        frame.src = address;
        return;
      }
      const link = document.createElement("a");
      Object.assign(link, { href: address, download: content.name });
      link.click();
      setTimeout(() => URL.revokeObjectURL(address), 60_000);
    };
    const lang = () => { document.documentElement.lang = model.get("lang"); document.title = model.get("title"); };
    model.on("msg:custom", hear);
    model.on("change:lang change:title", lang);
    lang();
    return () => { model.off(null, hear); model.off(null, lang); };
  },
};
