/**
 * Four phones on one stream, a clock that can be moved, and a story that plays itself.
 *
 * The story presses the real buttons and writes into the real boxes; it knows nothing that a person at these
 * phones could not see.
 */

import { day, element, hour } from "./dom.js";
import { forgetOthers } from "./kept.js";
import { Phone } from "./phone.js";
import { Stream } from "./stream.js";
import { Talk } from "./talk.js";
import { pause } from "./waiting.js";

const WORDS = {
  vi: {
    title: "Tổ Số",
    subtitle: "Bản xem thử",
    clock: "Giờ của bản xem thử",
    moves: [
      ["1h", "+1 giờ"],
      ["1d", "+1 ngày"],
      ["before-due", "Đến 3 ngày trước hạn báo cáo"],
    ],
    play: "Xem câu chuyện",
    pause: "Tạm dừng",
    resume: "Xem tiếp",
    stop: "Dừng",
    faster: (speed) => `Nhanh ×${speed}`,
    invite: "Nhắn thử ở máy nào cũng được, hoặc bấm “Xem câu chuyện”.",
    writes: (name) => `${name} đang viết`,
    presses: (name, label) => `${name} bấm “${label}”`,
    waits: (name) => `Chờ tin ở máy của ${name}`,
    moved: (now) => `Đồng hồ sang ${now}`,
    stories: [
      ["/demo", "Một nhà, một xã"],
      ["/demo/desk", "Bàn việc"],
      ["/demo/month", "Một tháng"],
    ],
    sends: (name) => `${name} gửi ảnh`,
    full: ["Bộ nhớ máy đã đầy", "Còn trống 0 MB. Không cài được ứng dụng."],
    done: "Hết câu chuyện. Bốn máy vẫn dùng tiếp được.",
    halted: "Đã dừng câu chuyện. Bốn máy vẫn dùng tiếp được.",
    stopped: (line, why) => `Câu chuyện dừng ở dòng ${line}: ${why}`,
    silent: (name, seconds) => `máy của ${name} không có tin trả lời sau ${seconds} giây.`,
    missing: (name, words, seconds) => `không thấy “${words}” ở máy của ${name} sau ${seconds} giây.`,
    noButton: (name, choice, seconds) => `không thấy nút “${choice}” ở máy của ${name} sau ${seconds} giây.`,
    nobody: (who) => `không có máy nào tên “${who}”.`,
    over: "Câu chuyện này kể rồi, hoặc ngày của nó đã qua. Bấm “Bắt đầu lại”: bốn máy về buổi sáng đầu tiên.",
    again: "Bắt đầu lại",
    restarting: "Đang bắt đầu lại, chờ ít giây…",
    noRestart: "Chưa bắt đầu lại được. Tải lại trang sau ít giây.",
    unread: "không đọc được câu chuyện.",
    clockStuck: "đồng hồ không chuyển được.",
    noClock: "Đồng hồ không chuyển được. Thử lại sau ít giây.",
  },
  en: {
    title: "Tổ Số",
    subtitle: "Demonstration",
    clock: "Time of this demonstration",
    moves: [
      ["1h", "+1 hour"],
      ["1d", "+1 day"],
      ["before-due", "To 3 days before the report is due"],
    ],
    play: "Play the story",
    pause: "Pause",
    resume: "Go on",
    stop: "Stop",
    faster: (speed) => `Speed ×${speed}`,
    invite: "Write on any phone, or press “Play the story”.",
    writes: (name) => `${name} is writing`,
    presses: (name, label) => `${name} presses “${label}”`,
    waits: (name) => `Waiting for a message to ${name}`,
    moved: (now) => `The clock moves to ${now}`,
    stories: [
      ["/demo", "A household"],
      ["/demo/desk", "A desk"],
      ["/demo/month", "A month"],
    ],
    sends: (name) => `${name} sends a photo`,
    full: ["Storage is full", "0 MB left. The app cannot be installed."],
    done: "The story is over. The four phones still work.",
    halted: "The story was stopped. The four phones still work.",
    stopped: (line, why) => `The story stopped at line ${line}: ${why}`,
    silent: (name, seconds) => `no answer on the phone of ${name} after ${seconds} seconds.`,
    missing: (name, words, seconds) =>
      `“${words}” did not appear on the phone of ${name} after ${seconds} seconds.`,
    noButton: (name, choice, seconds) =>
      `there is no button “${choice}” on the phone of ${name} after ${seconds} seconds.`,
    nobody: (who) => `there is no phone called “${who}”.`,
    over: "This story has been told, or its days are over. Press “Begin again”: the phones go back to the first morning.",
    again: "Begin again",
    restarting: "Beginning again, a few seconds…",
    noRestart: "It could not begin again. Reload the page in a few seconds.",
    unread: "the story could not be read.",
    clockStuck: "the clock could not be moved.",
    noClock: "The clock could not be moved. Try again in a few seconds.",
  },
};

const t = WORDS[document.documentElement.lang] || WORDS.vi;
const asked = new URLSearchParams(location.search);
const here = location.pathname.replace(/\/$/, "");

/** The demonstration's time: what the server said last, going on at the pace of a watch. */
class Clock {
  constructor(now, lang) {
    this.lang = lang;
    this.time = element("b", { class: "time" });
    this.day = element("span", { class: "date" });
    this.node = element("p", { class: "clock", "aria-label": t.clock }, this.time, this.day);
    this.set(now || new Date().toISOString());
    setInterval(() => this.show(), 1000);
  }

  set(iso) {
    this.said = Date.parse(iso);
    this.since = performance.now();
    this.show();
  }

  now() {
    return new Date(this.said + performance.now() - this.since).toISOString();
  }

  show() {
    const now = this.now();
    this.time.textContent = hour(now);
    this.day.textContent = day(now, this.lang);
    this.node.dataset.now = now;
  }

  /** Ask the server to move the time; says whether it did. */
  async move(how) {
    try {
      const response = await fetch("/demo/clock", {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ move: how }),
      });
      if (!response.ok) return false;
      this.set((await response.json()).now);
      return true;
    } catch {
      return false;
    }
  }
}

/** Why a story cannot go on, in words for whoever watches; empty where they stopped it themselves. */
class Halt extends Error {}

/** The story was told already, or its days are over. */
class Over extends Halt {}

class Story {
  constructor(phones, clock, controls) {
    Object.assign(this, { phones, clock, controls });
    this.speed = Number(asked.get("speed")) || 1;
    this.patience = Number(asked.get("patience")) || 20; // seconds for an answer
    this.mark();
  }

  get state() {
    return document.documentElement.dataset.story || "";
  }

  set state(state) {
    document.documentElement.dataset.story = state;
    this.controls(this);
  }

  toggle() {
    if (this.state === "over") this.again();
    else if (this.state === "playing") this.state = "paused";
    else if (this.state === "paused") this.state = "playing";
    else this.play();
  }

  async play() {
    this.wanted = true;
    this.line = 0;
    this.length = 0;
    this.note = "";
    this.state = "playing";
    try {
      const steps = await this.load();
      this.length = steps.length;
      for (const [index, step] of steps.entries()) {
        this.line = index + 1;
        await this.take(step, steps[index + 1] || {});
      }
      this.note = t.done;
      this.state = "done";
    } catch (error) {
      if (!(error instanceof Halt)) throw error;
      if (error instanceof Over) {
        this.note = t.over;
        this.state = "over";
        return;
      }
      this.note = error.message ? t.stopped(this.line, error.message) : t.halted;
      this.state = "stopped";
    } finally {
      this.light(null);
    }
  }

  // The server begins with an empty store; as soon as it is another one, this page is loaded anew and plays.
  async again() {
    this.note = t.restarting;
    this.state = "restarting";
    await fetch("/demo/again", { method: "POST" }).catch(() => undefined);
    for (let tried = 0; tried < 120; tried += 1) {
      await pause(500);
      const page = await fetch(here, { cache: "no-store" })
        .then((response) => (response.ok ? response.text() : ""))
        .catch(() => "");
      if (page && !page.includes(document.body.dataset.demo)) {
        asked.set("play", "");
        location.search = asked.toString();
        return;
      }
    }
    this.tell(t.noRestart);
  }

  async load() {
    try {
      const response = await fetch(`${here}/story`, { cache: "no-store" });
      if (response.status === 409) throw new Over(t.over);
      const steps = response.ok && (await response.json());
      if (Array.isArray(steps)) return steps;
    } catch (error) {
      if (error instanceof Over) throw error;
      // Told below, like any other answer that is not a story.
    }
    throw new Halt(t.unread);
  }

  async take(step, next) {
    if (step.pause) return this.rest(step.pause * 1000);
    if (step.wait) return this.waitFor(step.wait);
    if (step.move) return this.move(step.move);
    const phone = this.phoneOf(step.who);
    this.light(phone);
    if (step.choice) await this.press(phone, step.choice);
    else if (step.photo) await this.picture(phone);
    else await this.write(phone, step.text);
    if (next.wait) return undefined;
    return this.answered(phone);
  }

  phoneOf(who) {
    const phone = this.phones.find((one) => one.talk.chat === who || one.owner === who);
    if (!phone) throw new Halt(t.nobody(who));
    return phone;
  }

  // Only what is said from here on counts as an answer.
  mark() {
    this.marks = new Map(this.phones.map((phone) => [phone, phone.talk.last]));
  }

  fresh(phone) {
    return [...phone.talk.items.values()].filter((item) => item.number > this.marks.get(phone));
  }

  async write(phone, text) {
    this.tell(t.writes(phone.owner));
    const each = Math.min(55, 2600 / text.length);
    for (const letter of text) {
      phone.input.value += letter;
      phone.composer.grow();
      await this.rest(each);
    }
    await this.rest(350);
    this.mark();
    phone.button.click();
  }

  async press(phone, choice) {
    const find = () =>
      [...phone.list.querySelectorAll("[data-choice]")]
        .reverse()
        .find(({ dataset }) => dataset.choice.split("@")[0] === choice || dataset.choice === choice);
    await this.until(find, () => t.noButton(phone.owner, choice, this.patience));
    const button = find();
    this.tell(t.presses(phone.owner, button.textContent));
    button.scrollIntoView({ block: "nearest", inline: "nearest" });
    button.classList.add("pressing");
    await this.rest(700);
    button.classList.remove("pressing");
    this.mark();
    button.click();
  }

  // What a full phone shows, drawn here; it leaves by the way of every photo.
  async picture(phone) {
    this.tell(t.sends(phone.owner));
    const canvas = element("canvas", { width: "480", height: "640" });
    const pen = canvas.getContext("2d");
    for (const [colour, ...box] of [
      ["#20242c", 0, 0, 480, 640],
      ["#ffffff", 40, 200, 400, 210],
      ["#c9302c", 40, 200, 400, 12],
    ]) {
      pen.fillStyle = colour;
      pen.fillRect(...box);
    }
    pen.fillStyle = "#20242c";
    for (const [font, words, top] of [
      ["bold 34px sans-serif", t.full[0], 285],
      ["20px sans-serif", t.full[1], 345],
    ]) {
      pen.font = font;
      pen.fillText(words, 64, top, 352);
    }
    const blob = await new Promise((drawn) => canvas.toBlob(drawn, "image/jpeg", 0.8));
    await phone.composer.choose("photo", new File([blob], "man-hinh.jpg", { type: "image/jpeg" }));
    await this.rest(1200);
    this.mark();
    phone.button.click();
  }

  // The answer comes to the same phone; where a person helps and the bot is silent, it is the other phone that gets one.
  async answered(phone) {
    this.tell(t.waits(phone.owner));
    let elsewhere = 0;
    const answer = () => {
      if (this.fresh(phone).length) return true;
      if (this.phones.some((other) => this.fresh(other).length)) elsewhere += 1;
      return elsewhere > 12;
    };
    await this.until(answer, () => t.silent(phone.owner, this.patience));
    await this.read();
  }

  async waitFor({ who, contains }) {
    const phone = this.phoneOf(who);
    this.tell(t.waits(phone.owner));
    const words = contains.normalize("NFC");
    const told = () => this.fresh(phone).some((item) => item.text.includes(words));
    await this.until(told, () => t.missing(phone.owner, contains, this.patience));
    this.light(phone);
    await this.read();
  }

  async move(how) {
    this.mark();
    if (!(await this.clock.move(how))) throw new Halt(t.clockStuck);
    const now = this.clock.now();
    this.tell(t.moved(`${hour(now)}, ${day(now, document.documentElement.lang)}`));
    await this.rest(1200);
  }

  // As long as a person needs for what has just come, and until nothing more comes.
  async read() {
    const count = () => this.phones.reduce((sum, phone) => sum + this.fresh(phone).length, 0);
    const length = this.phones
      .flatMap((phone) => this.fresh(phone))
      .reduce((sum, item) => sum + item.text.length, 0);
    await this.rest(Math.min(5000, 900 + length * 16));
    for (let before = -1; before !== count();) {
      before = count();
      await pause(150);
      await this.going();
    }
  }

  async rest(milliseconds) {
    for (let left = milliseconds / this.speed; left > 0; left -= 50) {
      await pause(Math.min(left, 50));
      await this.going();
    }
  }

  // Time while the story is paused or the page is hidden does not count.
  async until(test, why) {
    for (let waited = 0; !test(); waited += 50) {
      if (waited >= this.patience * 1000) throw new Halt(why());
      await pause(50);
      await this.going();
    }
  }

  async going() {
    while (this.wanted && (this.state === "paused" || document.hidden)) await pause(50);
    if (!this.wanted) throw new Halt("");
  }

  tell(note) {
    this.note = note;
    this.controls(this);
  }

  light(phone) {
    for (const one of this.phones) one.frame.classList.toggle("acting", one === phone);
    if (phone) phone.frame.scrollIntoView({ block: "nearest", inline: "center" });
  }
}

const people = JSON.parse(document.getElementById("phones").textContent);
const clock = new Clock(document.body.dataset.now, document.documentElement.lang);
const nameOf = (person) => `${person.chat}:${person.token}`;

forgetOthers(people.map(nameOf));
const talks = people.map(({ token, chat }, index) => new Talk({ name: nameOf(people[index]), token, chat }));
const stream = new Stream(talks);
stream.addEventListener("clock", ({ detail }) => clock.set(detail));

const table = document.querySelector("main");
const phones = people.map((person, index) => {
  const screen = element("section", { "aria-label": person.name });
  const frame = element("article", { class: "frame", "data-phone": person.chat }, screen);
  table.append(frame);
  const subtitle = [person.role, person.place].filter(Boolean).join(" · ");
  // A citizen begins; the others are at work and wait to be told something.
  const phone = new Phone(screen, talks[index], stream, {
    lang: person.lang,
    title: person.name,
    subtitle,
    heading: "h2",
    atWork: person.at_work,
  });
  return Object.assign(phone, { frame, owner: person.name });
});

const play = element("button", {
  type: "button",
  class: "play",
  "data-play": true,
  onclick: () => story.toggle(),
});
const stop = element(
  "button",
  { type: "button", "data-stop": true, onclick: () => (story.wanted = false) },
  t.stop,
);
const speed = element("button", { type: "button", "data-speed": true });
const note = element("p", { class: "note", role: "status", "data-note": true });
const progress = element("progress", { max: "1", value: "0", "aria-hidden": "true" });

function controls({ state, note: words, line, length, speed: pace }) {
  const on = state === "playing" || state === "paused";
  play.disabled = state === "restarting";
  play.textContent = state === "over" ? t.again : state === "playing" ? t.pause : state === "paused" ? t.resume : t.play;
  stop.hidden = !on;
  speed.textContent = t.faster(pace);
  progress.value = state === "done" ? 1 : length ? line / length : 0;
  const place = on && length ? `${line}/${length} · ` : "";
  if (note.textContent !== place + words) note.textContent = place + words;
}

const story = new Story(phones, clock, controls);
story.note = t.invite;
speed.addEventListener("click", () => {
  story.speed = { 1: 2, 2: 4 }[story.speed] || 1;
  controls(story);
});

const move = async (how) => {
  if (!(await clock.move(how))) story.tell(t.noClock);
};

document
  .querySelector("header.bar")
  .append(
    element(
      "div",
      { class: "brand" },
      element("img", { src: new URL("./icon.svg", import.meta.url), alt: "", width: "40", height: "40" }),
      element("div", {}, element("h1", {}, t.title), element("p", {}, t.subtitle)),
    ),
    clock.node,
    element(
      "nav",
      { class: "stories" },
      ...t.stories.map(([address, label]) =>
        element("a", { href: address, "aria-current": address === here && "page" }, label),
      ),
    ),
    element(
      "div",
      { class: "moves" },
      ...t.moves.map(([how, label]) =>
        element("button", { type: "button", "data-move": how, onclick: () => move(how) }, label),
      ),
    ),
    element("div", { class: "acts" }, speed, stop, play),
    element("div", { class: "told" }, note, progress),
  );
controls(story);
if (asked.has("play")) story.play();
