/** What comes in: one connection for one or several talks, while somebody looks. */

import { pause, restAfter } from "./waiting.js";

const SILENCE = 45000; // no byte for so long means that the connection is dead: three beats missed

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
