/** A talk: what is kept of it here, what waits to be sent, and the sending. */

import { files, freshId, kept } from "./kept.js";
import { carry } from "./media.js";
import { alone, restAfter } from "./waiting.js";

const PATIENCE = 20000; // for one request
const KEPT = 500; // messages of one talk kept in the browser
export const AGAIN = ["refused", "noRoom"]; // what has not been sent and may be tried once more

/**
 * One talk: its messages, its queue, its token.
 *
 * `home` is the entry that remembers the talk itself; a talk without one was handed its token by the page and
 * cannot open another.  Listeners hear "item" (one is new or changed), "progress", "reset", "trouble" and "opened".
 */
export class Talk extends EventTarget {
  constructor({ name, token = "", chat = "", home = "" }) {
    super();
    Object.assign(this, { name, token, chat, home });
    this.trouble = ""; // "", "off", "busy" or "lost"
    this.failures = 0;
    this.load();
    addEventListener("storage", (event) => this.heardFromAnotherTab(event));
    addEventListener("online", () => this.flush());
    addEventListener("offline", () => this.tell("trouble"));
  }

  /** Give the talk that this browser was last in, or a new one that the server does not know yet. */
  static remembered(home) {
    const record = kept.get(home);
    if (record && record.name) return new Talk({ ...record, home });
    const talk = new Talk({ name: freshId(), home });
    talk.remember();
    return talk;
  }

  load() {
    this.items = new Map();
    for (const key of kept.keys(this.place(""))) {
      const item = kept.get(key);
      if (item) this.items.set(key, item);
    }
    const said = [...this.items.values()].filter((item) => item.number).sort((a, b) => b.number - a.number);
    for (const old of said.slice(KEPT)) this.drop(this.place(`said:${old.number}`));
    this.last = said.length ? said[0].number : 0;
  }

  place(rest) {
    return `toso:in:${this.name}:${rest}`;
  }

  drop(key) {
    this.items.delete(key);
    kept.remove(key);
  }

  put(key, item) {
    this.items.set(key, item);
    kept.set(key, item);
    this.tell("item", item);
  }

  tell(kind, detail) {
    this.dispatchEvent(new CustomEvent(kind, { detail }));
  }

  remember() {
    if (this.home) kept.set(this.home, { name: this.name, token: this.token, chat: this.chat });
  }

  get own() {
    return [...this.items.values()]
      .filter((item) => item.id)
      .sort((a, b) => a.order - b.order || (a.id < b.id ? -1 : 1));
  }

  /** Keep a message of the server; a number that is already here changes nothing. */
  receive(message) {
    const key = this.place(`said:${message.number}`);
    if (!Number.isInteger(message.number) || this.items.has(key)) return;
    this.last = Math.max(this.last, message.number);
    this.put(key, message);
  }

  /** Keep what the person says (`text`, with or without `choice`) and send it when its turn comes. */
  say(words) {
    this.queue(freshId(), words);
  }

  /** Keep a file, then its message, so that the one is never without the other. */
  async sayFile(kind, file, text) {
    const id = freshId();
    await files.put(id, file);
    this.queue(id, { text, attachment: { kind, name: file.name.slice(0, 200), size: file.size } });
  }

  queue(id, words) {
    const own = this.own;
    const order = own.length ? own[own.length - 1].order + 1 : 1;
    this.put(this.place(`own:${id}`), { ...words, id, after: this.last, order, state: "queued" });
    this.flush();
  }

  /** Send once more what the server would not take. */
  retry(item) {
    this.put(this.place(`own:${item.id}`), { ...withoutHandle(item), state: "queued" });
    this.flush();
  }

  /** Send what waits, oldest first, one at a time. */
  async flush() {
    if (this.flushing) return;
    this.flushing = true;
    clearTimeout(this.timer);
    let answer = "";
    try {
      answer = await alone(`toso:send:${this.name}`, () => this.sendAll());
    } finally {
      this.flushing = false;
    }
    this.setTrouble(answer);
    if (answer === "lost") return;
    if (answer) this.timer = setTimeout(() => this.flush(), restAfter(this.failures++));
    else this.failures = 0;
    // What was written after the last look at the queue must not wait for the next message.
    if (!answer && this.waiting()) this.flush();
  }

  waiting() {
    return this.own.find((item) => item.state === "queued" && this.stillQueued(item));
  }

  // Another tab may have sent it while this one waited for the lock.
  stillQueued(item) {
    const key = this.place(`own:${item.id}`);
    const stored = kept.get(key);
    if (stored && stored.state !== item.state) {
      this.items.set(key, stored);
      this.tell("item", stored);
      return false;
    }
    return true;
  }

  async sendAll() {
    for (let item = this.waiting(); item; item = this.waiting()) {
      const trouble = (await this.open()) || (await this.post(item));
      if (trouble) return trouble;
    }
    return "";
  }

  async open() {
    if (this.token || !this.home) return "";
    const record = kept.get(this.home);
    if (!record || record.name !== this.name || !record.token) {
      const response = await request("/web/talks", { method: "POST" });
      if (!response) return "off";
      if (!response.ok) return "busy";
      Object.assign(this, await response.json());
      this.remember();
    } else {
      Object.assign(this, record);
    }
    this.tell("opened");
    return "";
  }

  async post(item) {
    const ready = item.attachment && !item.attachment.ref ? await this.upload(item) : item;
    if (typeof ready === "string") return ready;
    const { id, text, choice, attachment } = ready;
    const response = await request("/web/messages", {
      method: "POST",
      headers: { Authorization: `Bearer ${this.token}`, "Content-Type": "application/json" },
      body: JSON.stringify(attachment ? { id, attachment } : choice ? { id, choice } : { id, text }),
    });
    const trouble = this.judged(ready, response ? response.status : 0, "tooLong");
    if (trouble !== null) return trouble;
    // What the server has masked, such as a one-time code, is not to stay readable here either.
    const answer = await response.json().catch(() => ({}));
    this.settle({ ...ready, text: answer.text || text }, "sent");
    return "";
  }

  // Gives the message with the server's handle of its file, or what stands in the way of sending.
  async upload(item) {
    const file = await files.get(item.id);
    if (!file) return this.settle(item, "gone");
    const answer = await carry(file, this.token, (part) => this.tell("progress", { id: item.id, part }));
    const trouble = this.judged(item, answer.status, "tooLarge");
    if (trouble !== null) return trouble;
    const ready = { ...item, attachment: { ...item.attachment, ref: answer.ref } };
    this.put(this.place(`own:${item.id}`), ready);
    return ready;
  }

  // Gives null for a success, else what the queue has to do with: trouble, or "" where only this message failed.
  judged(item, status, large) {
    if (!status) return "off";
    if (status === 401) return this.renew();
    if (status >= 200 && status < 300) return null;
    if (status === 507) return this.settle(item, "noRoom");
    if (status >= 500 || [408, 429].includes(status)) return "busy";
    return this.settle(item, { 413: large, 415: "wrongKind", 422: "marked" }[status] || "refused");
  }

  settle(item, state) {
    const told = state === "marked" ? { ...item, text: "•••", attachment: { kind: "file" } } : item;
    this.put(this.place(`own:${item.id}`), { ...told, state });
    if (item.attachment && !AGAIN.includes(state)) files.remove(item.id);
    return "";
  }

  /** Start over under a new name, taking along what was never sent; says "lost" where that cannot be done. */
  renew(keepQueue = true) {
    if (!this.home) return this.setTrouble("lost");
    const old = kept.keys(this.place(""));
    const queue = keepQueue ? this.own.filter((item) => item.state === "queued") : [];
    Object.assign(this, { name: freshId(), token: "", chat: "" });
    // A handle belongs to the talk under which the server gave it.
    for (const item of queue) kept.set(this.place(`own:${item.id}`), { ...withoutHandle(item), after: 0 });
    this.remember();
    old.forEach((key) => kept.remove(key));
    files.tidy();
    this.load();
    this.tell("reset", { notice: keepQueue });
    return "";
  }

  setTrouble(trouble) {
    if (this.trouble !== "lost") this.trouble = trouble;
    this.tell("trouble");
    return trouble;
  }

  heardFromAnotherTab({ key, newValue }) {
    if (key === null || (key === this.home && (kept.get(key) || {}).name !== this.name)) {
      location.reload();
    } else if (key === this.home) {
      Object.assign(this, kept.get(key));
      this.tell("opened");
    } else if (key.startsWith(this.place("")) && newValue) {
      const item = kept.get(key);
      // Both tabs hear the server; only what a person wrote can change.
      if (!item || (item.number && this.items.has(key))) return;
      this.items.set(key, item);
      this.last = Math.max(this.last, item.number || 0);
      this.tell("item", item);
    }
  }
}

function withoutHandle(item) {
  return item.attachment ? { ...item, attachment: { ...item.attachment, ref: undefined } } : item;
}

// Gives null where no answer came.
async function request(address, options) {
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), PATIENCE);
  try {
    return await fetch(address, { ...options, signal: limit.signal, cache: "no-store" });
  } catch {
    return null;
  } finally {
    clearTimeout(timer);
  }
}
