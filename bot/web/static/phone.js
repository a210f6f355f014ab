/** One talk on the screen: its head, what was said, and the place to write. */

import { Composer } from "./composer.js";
import { day, element, goodAddress, hour, lines, newId, plain, shape, SHAPES, tongue, unfolding } from "./dom.js";
import { files, kept } from "./kept.js";
import { attached, isLight } from "./media.js";
import { AGAIN } from "./talk.js";
import { words } from "./words.js";

/** A talk inside `root`. */
export class Phone {
  constructor(
    root,
    talk,
    stream,
    { lang, title, aside = "", subtitle, heading = "h1", menu = false, atWork = false },
  ) {
    Object.assign(this, { root, talk, stream, lang, t: words(lang) });
    this.nodes = new Map();
    this.composer = new Composer(talk, this.t, lang, () => this.toEnd());
    this.input = this.composer.input;
    this.button = this.composer.button;
    this.sight = new IntersectionObserver((seen) => this.cameInSight(seen), { rootMargin: "200px 0px" });
    root.classList.add("phone");
    root.setAttribute("lang", lang);
    root.setAttribute("data-chat", talk.chat);
    const logo = element("img", {
      src: new URL("./icon.svg", import.meta.url),
      alt: "",
      width: "44",
      height: "44",
    });
    root.append(
      element(
        "header",
        { class: "head" },
        ...(isLight() ? [] : [logo]),
        element(
          "div",
          { class: "name" },
          element(heading, {}, title, ...(aside ? [" ", element("small", {}, aside)] : [])),
          element("p", {}, subtitle),
        ),
        ...(menu ? this.menu() : []),
      ),
      this.logArea(title, atWork),
      element("div", { class: "foot" }, this.netLine(), this.composer.node),
    );
    this.showAll();
    talk.addEventListener("item", ({ detail }) => this.show(detail));
    talk.addEventListener("progress", ({ detail }) => this.showProgress(detail));
    talk.addEventListener("reset", ({ detail }) => this.showAll(detail.notice ? this.t.renewed : ""));
    talk.addEventListener("opened", () => root.setAttribute("data-chat", talk.chat));
    for (const [source, kind] of [
      [talk, "trouble"],
      [stream, "state"],
      [window, "online"],
      [window, "offline"],
    ]) {
      source.addEventListener(kind, () => this.showTrouble());
    }
    this.showTrouble();
  }

  menu() {
    const item = (label, act, more = {}) =>
      element("button", { type: "button", onclick: act, ...more }, element("span", {}, label));
    const other = () => {
      kept.set("toso:lang", this.lang === "vi" ? "en" : "vi");
      location.reload();
    };
    const tongueOf = this.lang === "vi" ? "en" : "vi";
    return unfolding("menu", this.t.more, SHAPES.more, [
      item(this.t.help, () => this.say({ text: "menu" })),
      item(this.t.person, () => this.say({ text: "người thật" })),
      this.installer(item),
      this.saver(item),
      item(this.t.other, other, { lang: tongueOf }),
      this.eraser(item),
    ]);
  }

  // Shown only where the browser offers to put the page among the apps.
  installer(item) {
    let offer = null;
    const button = item(this.t.install, () => offer && offer.prompt(), { hidden: true, "data-install": true });
    addEventListener("beforeinstallprompt", (event) => {
      event.preventDefault(); // no banner over a talk
      offer = event;
      button.hidden = false;
    });
    addEventListener("appinstalled", () => (button.hidden = true));
    return button;
  }

  saver(item) {
    const button = item(
      this.t.light,
      (event) => {
        kept.set("toso:light", !isLight());
        show();
        event.stopPropagation();
      },
      { role: "switch", "data-light": true },
    );
    const show = () => {
      button.setAttribute("aria-checked", String(isLight()));
      document.documentElement.toggleAttribute("data-light", isLight());
      this.showTrouble();
    };
    queueMicrotask(show); // the line that tells of it is made after the menu
    return button;
  }

  eraser(item) {
    let sure = false;
    const button = item(
      this.t.erase,
      (event) => {
        if (sure) return this.talk.renew(false);
        sure = true;
        button.textContent = this.t.sure;
        event.stopPropagation();
        return undefined;
      },
      { class: "danger", "data-erase": true },
    );
    return button;
  }

  greeting() {
    const often = newId();
    const examples = this.t.examples.map((text) =>
      element("button", { type: "button", onclick: () => this.say({ text }) }, text),
    );
    return [
      element("p", { class: "hello" }, this.t.hello),
      element("p", { class: "care" }, this.t.care),
      element("p", { class: "often", id: often }, this.t.often),
      element("div", { class: "examples", role: "group", "aria-labelledby": often }, ...examples),
    ];
  }

  logArea(title, atWork) {
    const name = `${this.t.talk}: ${title}`;
    const welcome = atWork ? [element("p", { class: "quiet" }, this.t.quiet)] : this.greeting();
    this.welcome = element("div", { class: "welcome" }, ...welcome);
    this.notice = element("p", { class: "notice", hidden: true });
    this.list = element("div", { class: "list", role: "log", "aria-live": "polite", "aria-label": name });
    this.log = element(
      "div",
      { class: "log", tabindex: "0", role: "region", "aria-label": name },
      this.welcome,
      this.notice,
      this.list,
    );
    this.newer = element(
      "button",
      {
        type: "button",
        class: "newer",
        hidden: true,
        onclick: () => {
          this.log.focus({ preventScroll: true });
          this.toEnd();
        },
      },
      this.t.newer,
      shape(SHAPES.down),
    );
    let height = 0;
    const scrolled = () => {
      // What grows, such as a photo that has come, moves the end away; nobody has scrolled then.
      if (height === this.log.scrollHeight) this.pinned = this.atEnd();
      height = this.log.scrollHeight;
      if (this.pinned) this.newer.hidden = true;
    };
    this.log.addEventListener("scroll", scrolled, { passive: true });
    // Neither a photo nor a keyboard that slides up must cover the message that was in view.
    const observer = new ResizeObserver(() => this.pinned && this.toEnd());
    observer.observe(this.log);
    observer.observe(this.list);
    return element("div", { class: "view" }, this.log, this.newer);
  }

  netLine() {
    this.net = element("p", { class: "net", role: "status" });
    return this.net;
  }

  say(words) {
    const pressed = document.activeElement;
    this.talk.say(words);
    this.toEnd();
    // An example that was pressed has gone; the next Tab goes on from the talk.
    if (this.welcome.contains(pressed)) this.log.focus({ preventScroll: true });
  }

  press(message, choice, event) {
    // The second click of a double click, and a press of what still waits, are the same press.
    const waits = this.talk.own.some(
      (own) => own.state === "queued" && own.to === message.number && own.choice === choice.data,
    );
    if (event.detail < 2 && !waits) this.say({ text: choice.label, choice: choice.data, to: message.number });
  }

  showAll(notice = "") {
    this.list.setAttribute("aria-busy", "true");
    this.list.textContent = "";
    this.sight.disconnect();
    this.nodes.clear();
    this.notice.textContent = notice;
    this.notice.hidden = !notice;
    const sorted = [...this.talk.items.values()].sort(before);
    for (const item of sorted) this.list.append(this.draw(item));
    this.arrange();
    if (sorted.length) this.toEnd();
    else this.log.scrollTop = 0; // a greeting is read from its beginning
    this.list.setAttribute("aria-busy", "false");
  }

  show(item) {
    const old = this.nodes.get(nameOf(item));
    if (old) {
      this.update(old, item);
      return;
    }
    const reading = !item.id && !this.pinned && !this.atEnd();
    const made = this.draw(item);
    let place = this.list.lastElementChild;
    while (place && before(place.item, item) > 0) place = place.previousElementSibling;
    if (place) place.after(made);
    else this.list.prepend(made);
    this.arrange();
    if (reading) this.newer.hidden = false;
    else this.toEnd(made);
  }

  // In place: a screen reader must not hear the whole message again because it was sent.
  update(node, item) {
    const reworded = node.item.text !== item.text;
    node.item = item;
    node.dataset.state = item.state;
    this.showState(node, item);
    this.arrange();
    if (!reworded) return;
    const bubble = node.querySelector(".bubble");
    bubble.textContent = "";
    bubble.append(...plain(item.text));
  }

  showState(node, item) {
    const text = this.stateOf(item);
    const state = node.querySelector(".state");
    if (state.textContent !== text) state.textContent = text;
    const retry = node.querySelector(".retry");
    if (retry) retry.hidden = !AGAIN.includes(item.state);
  }

  showProgress({ id, part }) {
    const node = this.nodes.get(id);
    if (!node) return;
    const bar = node.querySelector("progress");
    bar.hidden = part >= 1;
    bar.value = part;
  }

  stateOf(item) {
    if (item.state === "queued") return this.talk.trouble ? this.t.waiting : this.t.sending;
    return this.t[item.state];
  }

  draw(item) {
    const made = item.id ? this.drawOwn(item) : this.drawSaid(item);
    made.item = item;
    made.prepend(element("p", { class: "day", hidden: true }));
    this.nodes.set(nameOf(item), made);
    return made;
  }

  drawOwn(item) {
    const kind = item.attachment && item.attachment.kind;
    const bubble = element(
      "div",
      { class: "bubble", lang: tongue(item.text) === "vi" && "vi" },
      ...(kind ? [shape(SHAPES[kind]), element("span", {}, item.text)] : plain(item.text)),
    );
    const node = element(
      "div",
      { class: "item own", "data-own": item.id, "data-state": item.state },
      element("span", { class: "aside" }, `${this.t.own}: `),
      bubble,
    );
    if (kind) {
      const again = () => this.talk.retry(node.item);
      const retry = element("button", { type: "button", class: "retry", onclick: again }, this.t.retry);
      node.append(element("progress", { max: "1", hidden: true, "aria-label": this.t.sending }), retry);
    }
    node.append(element("p", { class: "meta state" }));
    this.showState(node, item);
    if (kind === "photo") this.showOwnPhoto(item, bubble);
    return node;
  }

  // As long as the file is here, which is until it has been sent and the page is left.
  async showOwnPhoto(item, bubble) {
    const file = await files.get(item.id);
    if (!file) return;
    const photo = element("img", { class: "photo", src: URL.createObjectURL(file), alt: "" });
    bubble.classList.add("pictured");
    bubble.prepend(photo);
  }

  cameInSight(seen) {
    for (const { target, isIntersecting } of seen) {
      if (!isIntersecting) continue;
      this.sight.unobserve(target);
      target.load();
    }
  }

  drawSaid(item) {
    const bubble = element(
      "div",
      { class: "bubble", "data-text": true, lang: tongue(item.text || "") || false },
      ...(item.text ? lines(item.text) : []),
    );
    if (item.media) bubble.append(this.drawMedia(item));
    const link = item.link && goodAddress(item.link, ["https:", "http:"]);
    if (link) {
      bubble.append(
        element(
          "a",
          { class: "act", href: link.href, target: "_blank", rel: "noopener noreferrer" },
          shape(SHAPES.out),
          `${this.t.open} ${link.host}`,
        ),
      );
    }
    const file = item.file && goodAddress(item.file.url, ["https:", "http:", "data:"]);
    if (file) {
      const name = element("span", {}, element("small", {}, this.t.download), item.file.name);
      bubble.append(
        element(
          "a",
          { class: "act", href: file.href, download: item.file.name, type: item.file.kind || false },
          shape(SHAPES.down),
          name,
        ),
      );
    }
    const made = element(
      "div",
      {
        class: "item said",
        "data-number": item.number,
        "data-from": item.from || false,
        "data-again": Boolean(item.again),
      },
      element(
        "p",
        { class: item.from ? "who" : "who aside" },
        item.from || "Tổ Số",
        element("span", { class: "aside" }, ": "),
      ),
      bubble,
    );
    if ((item.choices || []).length) made.append(this.drawChoices(item));
    made.append(
      element(
        "p",
        { class: "meta" },
        [hour(item.at), item.again ? this.t.again : ""].filter(Boolean).join(" · "),
      ),
    );
    return made;
  }

  drawMedia({ media, from }) {
    return attached(media, this.talk, this.t, this.lang, {
      sender: from,
      inSight: (node, load) => this.sight.observe(Object.assign(node, { load })),
    });
  }

  drawChoices(item) {
    const buttons = item.choices.map((choice, index) => {
      const sign = item.letters
        ? [element("b", { class: "letter" }, `${String.fromCharCode(97 + index)}.`), " "]
        : [];
      return element(
        "button",
        { type: "button", "data-choice": choice.data, onclick: (event) => this.press(item, choice, event) },
        ...sign,
        choice.label,
      );
    });
    return element("div", { class: "choices", role: "group", "aria-label": this.t.choices }, ...buttons);
  }

  // What depends on the neighbours: days, runs of one speaker, answered questions.
  arrange() {
    const own = this.talk.own;
    const answered = own.reduce((most, item) => Math.max(most, item.after), -1);
    const lastSent = own.filter((item) => item.state === "sent").pop();
    const nodes = [...this.list.children];
    // The clock of this device may be wrong, so what a person wrote stands under the day of the answer to it.
    let today = "";
    for (const node of [...nodes].reverse())
      node.day = today = node.item.id ? today : day(node.item.at, this.lang);
    let lastDay = "";
    let lastSpeaker = null;
    for (const node of nodes) {
      const item = node.item;
      const speaker = item.id ? "own" : item.from || "";
      const label = node.querySelector(".day");
      const newDay = node.day !== "" && node.day !== lastDay;
      label.hidden = !newDay;
      if (newDay) label.textContent = lastDay = node.day;
      node.classList.toggle("goes-on", !newDay && speaker === lastSpeaker);
      lastSpeaker = speaker;
      node.classList.toggle("newest", item === lastSent);
      if (!item.id) {
        const used = item.number <= answered;
        node.toggleAttribute("data-used", used);
        for (const button of node.querySelectorAll("[data-choice]")) {
          const chosen = own.some((mine) => mine.to === item.number && mine.choice === button.dataset.choice);
          button.classList.toggle("chosen", chosen);
          if (chosen) button.setAttribute("aria-description", this.t.chosen);
        }
      }
    }
    this.welcome.hidden = this.list.childElementCount > 0;
  }

  showTrouble() {
    const { trouble } = this.talk;
    const net = !navigator.onLine
      ? this.t.offline
      : this.t[{ lost: "lost", busy: "busy", off: "unreachable" }[trouble]] ||
        (this.stream.down ? this.t.unreachable : isLight() ? this.t.lightOn : "");
    if (this.net.textContent !== net) this.net.textContent = net;
    for (const item of this.talk.own) if (item.state === "queued") this.show(item);
  }

  atEnd() {
    return this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < 80;
  }

  // A message taller than the screen is shown from its beginning.
  toEnd(made) {
    this.newer.hidden = true;
    const end = this.log.scrollHeight - this.log.clientHeight;
    const start = made ? made.offsetTop - this.log.offsetTop - 8 : end;
    this.pinned = start >= end;
    this.log.scrollTop = Math.min(end, Math.max(start, 0));
  }
}

const nameOf = (item) => item.id || item.number;

// A person's words stand after the messages that were on the screen when they were written.
function before(a, b) {
  const at = (item) => (item.id ? item.after : item.number);
  if (at(a) !== at(b)) return at(a) - at(b);
  if (!a.id || !b.id) return a.id ? 1 : b.id ? -1 : 0;
  return a.order - b.order || (a.id < b.id ? -1 : 1);
}
