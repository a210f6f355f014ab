/**
 * Keeps the chat page and its files, so that it opens without a network: what is in CACHE, and nothing else.
 *
 * Talks are never here; they pass by untouched.  Another version is another text of this file, which browsers
 * look for by themselves: it fetches its own files first, and an open page goes on with those it has.
 */

const CACHE = {{ cache|tojson }};
const SHELL = {{ shell|tojson }};

self.addEventListener("install", (event) => {
  self.skipWaiting();
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(["/", ...SHELL])));
});

self.addEventListener("activate", (event) => {
  const old = (names) => names.filter((name) => name !== CACHE).map((name) => caches.delete(name));
  event.waitUntil(
    caches
      .keys()
      .then((names) => Promise.all(old(names)))
      .then(() => self.clients.claim()),
  );
});

self.addEventListener("fetch", (event) => {
  const { pathname, origin } = new URL(event.request.url);
  const page = event.request.mode === "navigate" && pathname === "/";
  if (event.request.method !== "GET" || origin !== location.origin) return;
  if (!page && !SHELL.includes(pathname)) return;
  event.respondWith(
    caches
      .match(page ? "/" : event.request, { cacheName: CACHE, ignoreVary: true })
      .then((found) => found || fetch(event.request)),
  );
});
