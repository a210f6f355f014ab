/**
 * A talk with Tổ Số in a browser: what is kept here, what goes out, what comes in, and how it looks.
 *
 * Talk keeps and sends, Stream listens for one or several talks, Phone shows one.  The chat page has one of
 * each; the demo page has four talks and four phones on one stream.  No words of the server become HTML.
 */

const WORDS = {
  vi: {
    automatic: "trợ lý tự động",
    hello: "Xin chào. Cứ hỏi bằng lời thường ngày, gõ không dấu cũng được.",
    care: "Mã OTP, mật khẩu, ảnh căn cước: giữ cho riêng mình, không gửi vào đây.",
    quiet: "Chưa có tin nào. Có việc thì Tổ Số nhắn vào đây.",
    often: "Hay được hỏi",
    examples: ["Kích hoạt VNeID thế nào?", "Khai sinh cho bé mới sinh", "Quét mã QR trả tiền thế nào?"],
    talk: "Cuộc trò chuyện",
    write: "Viết tin nhắn",
    send: "Gửi",
    sending: "Đang gửi…",
    waiting: "Chờ gửi",
    sent: "Đã gửi",
    offline: "Mất mạng: tin sẽ được gửi khi có mạng",
    unreachable: "Chưa nối được: tin sẽ tự gửi khi nối lại",
    busy: "Đang có nhiều người hỏi: tin sẽ tự gửi lại",
    lost: "Cuộc trò chuyện này đã đóng. Tải lại trang để mở cuộc mới.",
    renewed: "Cuộc trò chuyện cũ đã đóng. Đây là cuộc mới.",
    tooLong: "Tin dài quá, chưa gửi được. Chia thành vài tin ngắn.",
    refused: "Tin này chưa gửi được. Thử viết lại.",
    attach: "Thêm ảnh, tin thoại hoặc tệp",
    photo: "Ảnh",
    voice: "Tin thoại",
    file: "Tệp",
    stays: "Mới báo là có tệp này. Tệp vẫn ở trong máy, chưa gửi đi.",
    choices: "Lựa chọn",
    chosen: "đã chọn",
    download: "Tải về",
    open: "Mở",
    again: "có thể là tin gửi lại",
    newer: "Tin mới",
    more: "Thêm",
    help: "Tổ Số giúp được gì?",
    person: "Gặp người thật",
    other: "English",
    erase: "Xoá cuộc trò chuyện khỏi máy này",
    sure: "Bấm lần nữa để xoá",
    own: "Tin đã viết",
    days: ["Chủ nhật", "Thứ Hai", "Thứ Ba", "Thứ Tư", "Thứ Năm", "Thứ Sáu", "Thứ Bảy"],
  },
  en: {
    automatic: "automatic assistant",
    hello: "Hello. Ask in your own words.",
    care: "One-time codes, passwords, photos of identity cards: keep them to yourself, never send them here.",
    quiet: "No messages yet. Tổ Số writes here when there is something to do.",
    often: "Often asked",
    examples: ["How do I activate VNeID?", "Register a birth", "How do I pay with a QR code?"],
    talk: "Talk",
    write: "Write a message",
    send: "Send",
    sending: "Sending…",
    waiting: "Waiting to be sent",
    sent: "Sent",
    offline: "No network: messages will be sent when it is back",
    unreachable: "Not connected yet: messages will go out when it is",
    busy: "Many people are asking: messages will be sent again",
    lost: "This talk is closed. Reload the page to open a new one.",
    renewed: "The old talk is closed. This is a new one.",
    tooLong: "Too long to be sent. Please send it in a few short messages.",
    refused: "This message could not be sent. Please write it again.",
    attach: "Add a photo, a voice note or a file",
    photo: "Photo",
    voice: "Voice note",
    file: "File",
    stays: "Only its name was told. The file is still on this device and has not been sent.",
    choices: "Choices",
    chosen: "chosen",
    download: "Download",
    open: "Open",
    again: "may be a repeat",
    newer: "New message",
    more: "More",
    help: "What can Tổ Số do?",
    person: "Talk to a person",
    other: "Tiếng Việt",
    erase: "Remove this talk from this device",
    sure: "Press again to remove it",
    own: "Your message",
    days: ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"],
  },
};

const SILENCE = 45000; // no byte for so long means that the connection is dead: three beats missed
const PATIENCE = 20000; // for one request
const LONGEST_REST = 30000;
const KEPT = 500; // messages of one talk kept in the browser

/** Give the page's own words in a language, Vietnamese where it is unknown. */
export function words(lang) {
  return WORDS[lang] || WORDS.vi;
}

/** Build an element; text in `children` is text and never HTML. */
export function element(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === false || value === null || value === undefined) continue;
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children);
  return made;
}

export const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

// Wall time in Viet Nam, which keeps UTC+7 the whole year.
const local = (iso) => new Date(Date.parse(iso) + 7 * 3600000);

/** Give "08:05" for a point in time, or nothing where it is not one. */
export function hour(iso) {
  return Date.parse(iso) ? local(iso).toISOString().slice(11, 16) : "";
}

/** Give "Thứ Ba 17/11" for a point in time, or nothing where it is not one. */
export function day(iso, lang) {
  if (!Date.parse(iso)) return "";
  const at = local(iso);
  return `${words(lang).days[at.getUTCDay()]} ${at.getUTCDate()}/${at.getUTCMonth() + 1}`;
}

// crypto.randomUUID is missing on plain http, which is how an office tries this on its own network.
function freshId() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    byte.toString(16).padStart(2, "0"),
  ).join("");
}

const restAfter = (failures) => Math.min(LONGEST_REST, 500 * 2 ** failures) * (0.75 + Math.random() / 2);

// Repeats carry the same id, so two tabs sending one queue do no harm where the browser has no locks.
const alone = (name, work) => (navigator.locks ? navigator.locks.request(name, work) : work());

/**
 * What the browser keeps: one entry a message, so that two tabs never overwrite each other's list.
 * Where storage is closed or full the page still works, it only forgets on reload.
 */
const kept = {
  memory: new Map(),
  get(key) {
    try {
      return JSON.parse(this.memory.get(key) || localStorage.getItem(key));
    } catch {
      return null;
    }
  },
  set(key, value) {
    const text = JSON.stringify(value);
    try {
      localStorage.setItem(key, text);
      this.memory.delete(key);
    } catch {
      this.memory.set(key, text);
    }
  },
  remove(key) {
    this.memory.delete(key);
    try {
      localStorage.removeItem(key);
    } catch {
      // Nothing could be stored here, so nothing is left behind.
    }
  },
  keys(prefix) {
    let stored = [];
    try {
      stored = Object.keys(localStorage);
    } catch {
      // Storage is closed to this page; what it holds in memory is all there is.
    }
    return [...new Set([...stored, ...this.memory.keys()])].filter((key) => key.startsWith(prefix));
  },
};

/** Forget every talk that this browser keeps, except those with these names. */
export function forgetOthers(names) {
  for (const key of kept.keys("toso:in:")) {
    if (!names.some((name) => key.startsWith(`toso:in:${name}:`))) kept.remove(key);
  }
}

/**
 * One talk: its messages, its queue, its token.
 *
 * `home` is the entry that remembers the talk itself; a talk without one was handed its token by the page and
 * cannot open another.  Listeners hear "item" (one is new or changed), "reset", "trouble" and "opened".
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

  /** Keep what the person says (`text`, with `choice` or `attachment`) and send it when its turn comes. */
  say(words) {
    const own = this.own;
    const order = own.length ? own[own.length - 1].order + 1 : 1;
    const item = { ...words, id: freshId(), after: this.last, order, state: "queued" };
    this.put(this.place(`own:${item.id}`), item);
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
    const { id, text, choice, attachment } = item;
    const response = await request("/web/messages", {
      method: "POST",
      headers: { Authorization: `Bearer ${this.token}`, "Content-Type": "application/json" },
      body: JSON.stringify(attachment ? { id, attachment } : choice ? { id, choice } : { id, text }),
    });
    if (!response) return "off";
    if (response.status === 401) return this.renew();
    const hopeless = response.status >= 400 && response.status < 500 && ![408, 429].includes(response.status);
    if (!response.ok && !hopeless) return "busy";
    const state = response.ok ? "sent" : response.status === 413 ? "tooLong" : "refused";
    // What the server has masked, such as a one-time code, is not to stay readable here either.
    const kept = await response.json().catch(() => ({}));
    this.put(this.place(`own:${id}`), { ...item, text: (response.ok && kept.text) || text, state });
    return "";
  }

  /** Start over under a new name, taking along what was never sent; says "lost" where that cannot be done. */
  renew(keepQueue = true) {
    if (!this.home) return this.setTrouble("lost");
    const old = kept.keys(this.place(""));
    const queue = keepQueue ? this.own.filter((item) => item.state === "queued") : [];
    Object.assign(this, { name: freshId(), token: "", chat: "" });
    for (const item of queue) kept.set(this.place(`own:${item.id}`), { ...item, after: 0 });
    this.remember();
    old.forEach((key) => kept.remove(key));
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

/** One connection that brings the messages of several talks while the page is looked at. */
export class Stream extends EventTarget {
  constructor(talks) {
    super();
    this.talks = talks;
    this.down = false;
    for (const talk of talks) {
      talk.addEventListener("opened", () => this.restart());
      talk.addEventListener("reset", () => this.restart());
    }
    document.addEventListener("visibilitychange", () => this.restart());
    addEventListener("online", () => this.restart());
    this.run();
  }

  get wanted() {
    return !document.hidden && this.talks.some((talk) => talk.token && talk.trouble !== "lost");
  }

  /** Close what is open; the loop comes back at once if there is still something to listen for. */
  restart() {
    if (this.connection) this.connection.abort();
    if (this.wake) this.wake();
    this.run();
  }

  async run() {
    if (this.running) return;
    this.running = true;
    let failures = 0;
    while (this.wanted) {
      const wasOpen = await this.listen();
      if (!this.wanted) break;
      failures = wasOpen ? 0 : failures + 1;
      if (failures) this.setDown(true);
      if (wasOpen !== null)
        await Promise.race([pause(restAfter(failures)), new Promise((wake) => (this.wake = wake))]);
    }
    this.running = false;
  }

  // Says whether the connection was open, null when it was closed on purpose.
  async listen() {
    const connection = (this.connection = new AbortController());
    let silent = false;
    let timer;
    const heard = () => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        silent = true;
        connection.abort();
      }, SILENCE);
    };
    const talks = this.talks.filter((talk) => talk.token);
    let open = false;
    heard();
    try {
      const response = await fetch("/web/stream", {
        headers: {
          Accept: "text/event-stream",
          "Toso-Talks": talks.map((talk) => `${talk.token} ${talk.last}`).join(", "),
        },
        signal: connection.signal,
        cache: "no-store",
      });
      if (response.status === 401) talks.forEach((talk) => talk.renew());
      if (!response.ok) return false;
      open = true;
      this.setDown(false);
      this.talks.forEach((talk) => talk.waiting() && talk.flush());
      const reader = response.body.getReader();
      const decoder = new TextDecoder();
      let rest = "";
      for (let part = await reader.read(); !part.done; part = await reader.read()) {
        heard();
        const blocks = (rest + decoder.decode(part.value, { stream: true }))
          .replace(/\r\n/g, "\n")
          .split("\n\n");
        rest = blocks.pop();
        blocks.forEach((block) => this.take(block));
      }
      return true;
    } catch {
      return connection.signal.aborted && !silent ? null : open;
    } finally {
      clearTimeout(timer);
    }
  }

  take(block) {
    const lines = block.split("\n");
    const field = (name) =>
      lines.filter((line) => line.startsWith(`${name}:`)).map((line) => line.slice(name.length + 1).trim());
    const data = field("data").join("\n");
    if (!data) return;
    let content;
    try {
      content = JSON.parse(data);
    } catch (error) {
      console.error("An event that is not JSON was left out.", error);
      return;
    }
    if (field("event")[0] === "clock") this.dispatchEvent(new CustomEvent("clock", { detail: content.now }));
    else for (const talk of this.talks) if (talk.chat === content.chat) talk.receive(content);
  }

  setDown(down) {
    this.down = down;
    this.dispatchEvent(new Event("state"));
  }
}

const shape = (path) => {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const line = document.createElementNS("http://www.w3.org/2000/svg", "path");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("class", "shape");
  line.setAttribute("d", path);
  svg.append(line);
  return svg;
};

const SHAPES = {
  plus: "M12 5v14M5 12h14",
  send: "M4 12 20 4l-5 16-4-6.5L4 12Zm7 1.5L20 4",
  more: "M12 5.5v.01M12 12v.01M12 18.5v.01",
  photo: "M4 6h16v13H4zM4 16l5-5 4 4 2.5-2.5L20 17M15.5 9.5v.01",
  voice:
    "M12 4a2.5 2.5 0 0 1 2.5 2.5v5a2.5 2.5 0 0 1-5 0v-5A2.5 2.5 0 0 1 12 4ZM6.5 11.5a5.5 5.5 0 0 0 11 0M12 17v3.5",
  file: "M7 3.5h7l4 4v13H7zM14 3.5v4h4",
  down: "M12 4v11m-5-4.5 5 5 5-5M5 20h14",
  out: "M9 6H5.5v12.5H18V15M13 5h6v6M19 5l-9 9",
};

/** Give a text's lines as elements: bold and full https addresses are marked up, all else is plain text. */
export function lines(text) {
  return text.split("\n").flatMap((line, index) => {
    const made = element("span", { class: /^[•–-] /.test(line) ? "line point" : "line" });
    for (const [position, piece] of line.split(/\*\*(\S(?:.*?\S)?)\*\*/).entries()) {
      const parts = linked(piece);
      made.append(...(position % 2 ? [element("strong", {}, ...parts)] : parts));
    }
    // Between blocks the break is not shown a second time, but readers of the bare text still find it.
    return index ? ["\n", made] : [made];
  });
}

function linked(text) {
  return text.split(/(https:\/\/[^\s<>"“”]*[^\s<>"“”.,;:!?)\]])/).map((piece, position) => {
    // An address written with [.] is one that nobody should open.
    if (position % 2 === 0 || /[[\]]/.test(piece)) return piece;
    return element("a", { href: piece, target: "_blank", rel: "noopener noreferrer" }, piece);
  });
}

// Only addresses of these kinds: a message must not be able to name a script.
function goodAddress(address, kinds) {
  try {
    const url = new URL(address, location.href);
    return kinds.includes(url.protocol) ? url : null;
  } catch {
    return null;
  }
}

function size(bytes, lang) {
  const [amount, unit] = bytes < 1e6 ? [bytes / 1e3, "kB"] : [bytes / 1e6, "MB"];
  return `${Math.max(0.1, amount).toLocaleString(lang, { maximumFractionDigits: 1 })} ${unit}`;
}

/** One talk on the screen, inside `root`. */
export class Phone {
  constructor(
    root,
    talk,
    stream,
    { lang, title, aside = "", subtitle, heading = "h1", menu = false, atWork = false },
  ) {
    Object.assign(this, { root, talk, stream, lang, t: words(lang) });
    this.nodes = new Map();
    root.classList.add("phone");
    root.setAttribute("lang", lang);
    root.setAttribute("data-chat", talk.chat);
    root.append(
      element(
        "header",
        { class: "head" },
        element("img", { src: "/static/icon.svg", alt: "", width: "44", height: "44" }),
        element(
          "div",
          { class: "name" },
          element(heading, {}, title, ...(aside ? [" ", element("small", {}, aside)] : [])),
          element("p", {}, subtitle),
        ),
        ...(menu ? this.menu() : []),
      ),
      this.logArea(title, atWork),
      this.composer(),
    );
    this.showAll();
    talk.addEventListener("item", ({ detail }) => this.show(detail));
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
    let sure = false;
    const ask = (label, text) =>
      element("button", { type: "button", onclick: () => this.say({ text }) }, label);
    const erase = element("button", { type: "button", class: "danger", "data-erase": true }, this.t.erase);
    const other = () => {
      kept.set("toso:lang", this.lang === "vi" ? "en" : "vi");
      location.reload();
    };
    erase.addEventListener("click", (event) => {
      if (sure) return this.talk.renew(false);
      sure = true;
      erase.textContent = this.t.sure;
      event.stopPropagation();
    });
    return unfolding("menu", this.t.more, SHAPES.more, [
      ask(this.t.help, "menu"),
      ask(this.t.person, "người thật"),
      element(
        "button",
        { type: "button", lang: this.lang === "vi" ? "en" : "vi", onclick: other },
        this.t.other,
      ),
      erase,
    ]);
  }

  greeting() {
    const often = `often-${this.talk.name}`;
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
      { type: "button", class: "newer", hidden: true, onclick: () => this.toEnd() },
      this.t.newer,
      shape(SHAPES.down),
    );
    const scrolled = () => {
      this.pinned = this.atEnd();
      if (this.pinned) this.newer.hidden = true;
    };
    this.log.addEventListener("scroll", scrolled, { passive: true });
    // A keyboard that slides up must not cover the message it answers.
    new ResizeObserver(() => this.pinned && this.toEnd()).observe(this.log);
    return element("div", { class: "view" }, this.log, this.newer);
  }

  composer() {
    this.input = element("textarea", {
      rows: "1",
      maxlength: "4000",
      placeholder: this.t.write,
      "aria-label": this.t.write,
      enterkeyhint: matchMedia("(pointer: coarse)").matches ? "enter" : "send",
      autocomplete: "off",
      oninput: () => this.grow(),
      onkeydown: (event) => this.key(event),
    });
    this.button = element(
      "button",
      { type: "submit", class: "send", "aria-label": this.t.send },
      shape(SHAPES.send),
    );
    this.net = element("p", { class: "net", role: "status" });
    const picks = Object.entries({ photo: "image/*", voice: "audio/*", file: "" }).map(([kind, accept]) => {
      const picker = element("input", {
        type: "file",
        hidden: true,
        accept: accept || false,
        capture: kind === "voice",
        "data-kind": kind,
      });
      picker.addEventListener("change", () => this.attach(kind, picker));
      const button = element(
        "button",
        { type: "button", onclick: () => picker.click() },
        shape(SHAPES[kind]),
        this.t[kind],
      );
      return element("span", { class: "pick" }, button, picker);
    });
    this.form = element(
      "form",
      { class: "composer" },
      ...unfolding("attach", this.t.attach, SHAPES.plus, picks),
      this.input,
      this.button,
    );
    this.form.addEventListener("submit", (event) => this.submit(event));
    return element("div", { class: "foot" }, this.net, this.form);
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

  submit(event) {
    event.preventDefault();
    const text = this.input.value.normalize("NFC").trim();
    if (!text) return;
    this.input.value = "";
    this.grow();
    this.say({ text });
  }

  attach(kind, picker) {
    const file = picker.files[0];
    picker.value = "";
    if (!file) return;
    const type = file.type.startsWith("image/") ? "photo" : file.type.startsWith("audio/") ? "voice" : kind;
    this.say({
      text: `${file.name} (${size(file.size, this.lang)})`,
      attachment: { kind: type, name: file.name.slice(0, 200), size: file.size },
    });
  }

  say(words) {
    this.talk.say(words);
    this.toEnd();
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
    this.nodes.clear();
    this.notice.textContent = notice;
    this.notice.hidden = !notice;
    const sorted = [...this.talk.items.values()].sort(before);
    for (const item of sorted) this.list.append(this.draw(item));
    this.arrange();
    this.toEnd();
    this.list.setAttribute("aria-busy", "false");
  }

  show(item) {
    const old = this.nodes.get(nameOf(item));
    if (old) {
      this.update(old, item);
      return;
    }
    const reading = !item.id && !this.atEnd();
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
    node.item = item;
    node.dataset.state = item.state;
    node.querySelector(".state").textContent = this.stateOf(item);
    this.arrange();
    if (item.attachment) return;
    const bubble = node.querySelector(".bubble");
    bubble.textContent = "";
    bubble.append(...plain(item.text));
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
    return element(
      "div",
      { class: "item own", "data-own": item.id, "data-state": item.state },
      element("span", { class: "aside" }, `${this.t.own}: `),
      element(
        "div",
        { class: "bubble" },
        ...(kind ? [shape(SHAPES[kind])] : []),
        ...(kind ? [item.text] : plain(item.text)),
      ),
      ...(kind ? [element("p", { class: "meta stays" }, this.t.stays)] : []),
      element("p", { class: "meta state" }, this.stateOf(item)),
    );
  }

  drawSaid(item) {
    const bubble = element("div", { class: "bubble", "data-text": true }, ...lines(item.text || ""));
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
        (this.stream.down ? this.t.unreachable : "");
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

const plain = (text) => text.split("\n").flatMap((line, index) => (index ? [element("br"), line] : [line]));

/** Give a button and the small panel that it opens; Escape and a click anywhere close it. */
function unfolding(name, label, path, children) {
  const panel = element("div", { class: `panel ${name}-panel`, hidden: true }, ...children);
  const button = element(
    "button",
    { type: "button", class: `round ${name}`, "aria-label": label, "aria-expanded": "false" },
    shape(path),
  );
  const open = (wanted) => {
    panel.hidden = !wanted;
    button.setAttribute("aria-expanded", String(wanted));
  };
  button.addEventListener("click", (event) => {
    open(panel.hidden);
    event.stopPropagation();
  });
  document.addEventListener("click", () => open(false));
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || panel.hidden) return;
    open(false);
    button.focus();
  });
  return [button, panel];
}

if (document.body.dataset.page === "chat") {
  const lang = kept.get("toso:lang") || document.documentElement.lang;
  document.documentElement.lang = lang;
  const talk = Talk.remembered("toso:talk");
  const stream = new Stream([talk]);
  new Phone(document.querySelector("main"), talk, stream, {
    lang,
    title: "Tổ Số",
    aside: words(lang).automatic,
    subtitle: document.body.dataset.office,
    menu: true,
  });
  talk.flush();
}
