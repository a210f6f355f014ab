/** The place to write: words, and files that are looked at once more before they leave. */

import { element, newId, shape, SHAPES, size, unfolding } from "./dom.js";
import { isLight, MOST, shrunken } from "./media.js";

const ACCEPTED = { photo: "image/*", voice: "audio/*", file: "" };

/** A form that hands what is written to a talk; `said` is called after each. */
export class Composer {
  constructor(talk, t, lang, said) {
    Object.assign(this, { talk, t, lang, said, chosen: null });
    this.input = element("textarea", {
      id: newId(),
      rows: "1",
      maxlength: "4000",
      placeholder: t.write,
      "aria-label": t.write,
      enterkeyhint: matchMedia("(pointer: coarse)").matches ? "enter" : "send",
      autocomplete: "off",
      oninput: () => this.grow(),
      onkeydown: (event) => this.key(event),
    });
    this.button = element(
      "button",
      { type: "submit", class: "send", "aria-label": t.send },
      shape(SHAPES.send),
    );
    this.problem = element("p", { class: "problem", role: "alert" });
    this.tray = element("div", { class: "tray", hidden: true });
    const picks = Object.keys(ACCEPTED).map((kind) => this.picker(kind));
    const care = element("p", { class: "care" }, t.warn);
    this.node = element(
      "form",
      { class: "composer" },
      this.problem,
      this.tray,
      element(
        "div",
        { class: "row" },
        ...unfolding("attach", t.attach, SHAPES.plus, [...picks, care]),
        this.input,
        this.button,
      ),
    );
    this.node.addEventListener("submit", (event) => this.submit(event));
  }

  picker(kind) {
    const picker = element("input", {
      type: "file",
      hidden: true,
      accept: ACCEPTED[kind] || false,
      capture: kind === "voice",
      "data-kind": kind,
    });
    picker.addEventListener("change", () => {
      const file = picker.files[0];
      picker.value = "";
      if (file) this.choose(kind, file);
    });
    const button = element(
      "button",
      { type: "button", onclick: () => picker.click() },
      shape(SHAPES[kind]),
      this.t[kind],
    );
    return element("span", { class: "pick" }, button, picker);
  }

  /** Show a file as it will be sent, or say why it cannot be. */
  async choose(wanted, file) {
    const kinds = { image: "photo", audio: "voice" };
    const kind = kinds[file.type.split("/")[0]] || (wanted === "photo" ? "file" : wanted);
    this.clear();
    if (kind === "photo") {
      const waiting = (this.chosen = { file: null });
      this.problem.textContent = this.t.shrinking;
      const small = await shrunken(file);
      if (this.chosen !== waiting) return; // another was chosen meanwhile
      this.clear();
      if (!small) return this.refuse(this.t.unreadable);
      file = small;
    }
    if (!file.size) return this.refuse(this.t.empty);
    if (file.size > MOST) return this.refuse(this.t.tooLarge);
    this.chosen = { kind, file, text: `${file.name} (${size(file.size, this.lang)})` };
    this.showChosen();
    return undefined;
  }

  refuse(why) {
    this.problem.textContent = why;
    this.node.querySelector(".attach").focus();
  }

  showChosen() {
    const { kind, file, text } = this.chosen;
    if (kind === "photo" && !isLight()) this.address = URL.createObjectURL(file);
    const words = [element("b", {}, this.t.check), " ", this.t.warn, " ", element("small", {}, text)];
    const about = element("p", { id: newId() }, ...words);
    const leave = element(
      "button",
      { type: "button", class: "round", "aria-label": this.t.leave, onclick: () => this.drop() },
      shape(SHAPES.close),
    );
    this.tray.append(
      this.address
        ? element("img", { class: "photo", src: this.address, alt: "" })
        : shape(SHAPES[kind] || SHAPES.file),
      about,
      leave,
    );
    this.tray.hidden = false;
    this.button.setAttribute("aria-describedby", about.id);
    this.button.focus();
    this.said();
  }

  drop() {
    this.clear();
    this.input.focus();
  }

  clear() {
    if (this.address) URL.revokeObjectURL(this.address);
    this.address = "";
    this.chosen = null;
    this.problem.textContent = "";
    this.tray.textContent = "";
    this.tray.hidden = true;
    this.button.removeAttribute("aria-describedby");
  }

  key(event) {
    // While a Vietnamese keyboard composes a letter, Enter belongs to it; on a phone Enter is a new line.
    const composing = event.isComposing || event.keyCode === 229;
    if (event.key !== "Enter" || event.shiftKey || composing || matchMedia("(pointer: coarse)").matches)
      return;
    event.preventDefault();
    this.button.click();
  }

  grow() {
    this.input.style.height = "auto";
    this.input.style.height = `${this.input.scrollHeight + 2}px`;
  }

  async submit(event) {
    event.preventDefault();
    const { chosen } = this;
    const text = this.input.value.normalize("NFC").trim();
    if (chosen && !chosen.file) return; // still being made smaller
    this.clear();
    this.input.value = "";
    this.grow();
    if (chosen) await this.talk.sayFile(chosen.kind, chosen.file, chosen.text);
    if (text) this.talk.say({ text });
    if (chosen || text) this.said();
  }
}
