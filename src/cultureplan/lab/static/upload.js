// A button that hands Python the content of a file of this machine.

export default {
  render({ model, el }) {
    const button = document.createElement("button"), input = document.createElement("input");
    button.type = "button";
    button.className = "cp-upload lm-Widget jupyter-widgets jupyter-button widget-button";
    button.style.width = "auto";
    input.type = "file";
    input.hidden = true;
    el.append(button, input);
    const words = () => {
      button.textContent = model.get("label");
      button.title = model.get("hint");
      button.disabled = model.get("disabled");
      input.accept = model.get("accept");
      input.setAttribute("aria-label", model.get("hint"));
    };
    button.addEventListener("click", () => input.click());
    input.addEventListener("change", async () => {
      const [file] = input.files;
      if (!file) return;
      model.send({ type: "file", name: file.name }, undefined, [await file.arrayBuffer()]);
      input.value = ""; // the same file may be opened again
    });
    model.on("change:label change:hint change:disabled change:accept", words);
    words();
    return () => model.off("change:label change:hint change:disabled change:accept", words);
  },
};
