/** What this browser keeps: talks in local storage, files that wait to be sent in a database. */

/** Give a name that nobody else gives. */
export function freshId() {
  // crypto.randomUUID is missing on plain http, which is how an office tries this on its own network.
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    byte.toString(16).padStart(2, "0"),
  ).join("");
}

/**
 * Entries: one a message, so that two tabs never overwrite each other's list.
 * Where storage is closed or full the page still works, it only forgets on reload.
 */
export const kept = {
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

/** Files by the id of their message, from the moment they are chosen until the server has them. */
export const files = {
  memory: new Map(),
  async get(id) {
    if (this.memory.has(id)) return this.memory.get(id);
    return (await inDatabase("readonly", (store) => store.get(id))) || null;
  },
  async put(id, file) {
    if ((await inDatabase("readwrite", (store) => store.put(file, id))) === null) this.memory.set(id, file);
  },
  async remove(id) {
    this.memory.delete(id);
    await inDatabase("readwrite", (store) => store.delete(id));
  },
  /** Drop every file whose message is gone, such as one whose page was closed at the wrong moment. */
  async tidy() {
    const waiting = kept.keys("toso:in:").map((key) => key.split(":").pop());
    for (const id of (await inDatabase("readonly", (store) => store.getAllKeys())) || []) {
      if (!waiting.includes(id)) await this.remove(id);
    }
  },
};

// Gives null where this browser keeps no database, as some do in private windows.
function inDatabase(mode, work) {
  return new Promise((done) => {
    const fail = () => done(null);
    try {
      const asked = indexedDB.open("toso", 1);
      asked.onupgradeneeded = () => asked.result.createObjectStore("files");
      asked.onerror = asked.onblocked = fail;
      asked.onsuccess = () => {
        const database = asked.result;
        const change = database.transaction("files", mode);
        const request = work(change.objectStore("files"));
        change.oncomplete = () => done(request.result);
        change.onerror = change.onabort = fail;
        database.close(); // as soon as the change is through
      };
    } catch {
      fail();
    }
  });
}

/** Forget every talk that this browser keeps, except those with these names. */
export function forgetOthers(names) {
  for (const key of kept.keys("toso:in:")) {
    if (!names.some((name) => key.startsWith(`toso:in:${name}:`))) kept.remove(key);
  }
}
