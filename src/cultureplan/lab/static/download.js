// A button that saves what Python makes for it: asked for when it is pressed, by the view that was pressed.

export default {
  render({ model, el }) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "cp-download lm-Widget jupyter-widgets jupyter-button widget-button";
    button.style.width = "auto";
    el.append(button);
    const words = () => {
      button.textContent = model.get("label");
      button.title = model.get("hint");
      button.disabled = model.get("disabled");
    };
    let asked = 0;
    button.addEventListener("click", () => {
      asked = Math.floor(Math.random() * 1e9) + 1;
      model.send({ type: "want", asked });
    });
    const save = (message, buffers) => {
      if (message?.type !== "file" || message.asked !== asked) return;
      asked = 0;
      const address = URL.createObjectURL(new Blob([buffers[0]], { type: message.mime }));
      const link = document.createElement("a");
      link.href = address;
      link.download = message.name;
      link.click();
      setTimeout(() => URL.revokeObjectURL(address), 10_000);
    };
    model.on("change:label change:hint change:disabled", words);
    model.on("msg:custom", save);
    words();
    return () => {
      model.off("change:label change:hint change:disabled", words);
      model.off("msg:custom", save);
    };
  },
};
