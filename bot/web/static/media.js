/** Files on their way: photos made small before they leave, sent with a sign of progress, fetched when wanted. */

import { element, shape, SHAPES, size } from "./dom.js";
import { kept } from "./kept.js";

export const MOST = 20e6; // bytes of a file, as the server takes it
const SIDE = { full: 1600, light: 1024 }; // pixels of a photo's longer side
const STALL = 60000; // without any progress for so long an upload is over

/** Say whether every byte counts: as switched here or in the page's address, else as the browser is set. */
export function isLight() {
  const chosen = kept.get("toso:light");
  return chosen === null ? Boolean(navigator.connection && navigator.connection.saveData) : chosen;
}

/** Give a photo as a small JPEG that holds the picture only: no place, no time, no camera; null if it cannot be read. */
export async function shrunken(file) {
  const light = isLight();
  const picture = await readable(file);
  if (!picture) return null;
  const { naturalWidth: width, naturalHeight: height } = picture;
  const scale = Math.min(1, SIDE[light ? "light" : "full"] / Math.max(width, height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(width * scale));
  canvas.height = Math.max(1, Math.round(height * scale));
  const sheet = canvas.getContext("2d");
  sheet.fillStyle = "#fff"; // what is transparent would become black
  sheet.fillRect(0, 0, canvas.width, canvas.height);
  sheet.drawImage(picture, 0, 0, canvas.width, canvas.height);
  URL.revokeObjectURL(picture.src);
  const small = await new Promise((done) => canvas.toBlob(done, "image/jpeg", light ? 0.65 : 0.82));
  return small && new File([small], file.name.replace(/\.\w+$|$/, ".jpg"), { type: "image/jpeg" });
}

// By an element and not a bitmap: it turns photos upright on old phones too, and need not hold all their pixels.
function readable(file) {
  return new Promise((done) => {
    const picture = new Image();
    picture.addEventListener("load", () => done(picture));
    picture.addEventListener("error", () => done(null));
    picture.src = URL.createObjectURL(file);
  });
}

/** Send a file; gives the server's status, 0 where no answer came, and the handle it gave. */
export function carry(file, token, told) {
  return new Promise((done) => {
    // fetch does not tell how far an upload has come.
    const call = new XMLHttpRequest();
    let timer;
    const alive = () => {
      clearTimeout(timer);
      timer = setTimeout(() => call.abort(), STALL);
    };
    const end = () => {
      clearTimeout(timer);
      done({ status: call.status, ref: (call.response && call.response.ref) || "" });
    };
    call.open("POST", "/web/media");
    call.responseType = "json";
    call.setRequestHeader("Authorization", `Bearer ${token}`);
    call.setRequestHeader("Content-Type", file.type || "application/octet-stream");
    call.setRequestHeader("Toso-Name", encodeURIComponent(file.name));
    call.upload.addEventListener("progress", ({ loaded, total }) => {
      alive();
      if (total) told(loaded / total);
    });
    call.addEventListener("loadend", end);
    alive();
    call.send(file);
  });
}

/**
 * Give what stands in a message for a file that somebody sent: a button, and after a press what it holds.
 * A photo comes by itself once it is in sight, unless bytes count.
 */
export function attached(media, talk, t, lang, { sender, inSight }) {
  const weight = size(media.size, lang);
  const verb = { photo: t.see, voice: t.hear }[media.kind];
  const label = verb
    ? [verb, element("small", {}, weight)]
    : [element("small", {}, `${t.fetch} · ${weight}`), media.name];
  const wrong = element("p", { class: "meta wrong", role: "status" });
  const button = element(
    "button",
    { type: "button", class: "act" },
    shape(SHAPES[media.kind] || SHAPES.file),
    element("span", {}, ...label),
  );
  const holder = element("div", { class: "media", "data-media": media.code }, button, wrong);
  const load = async (pressed) => {
    if (button.getAttribute("aria-busy")) return;
    button.setAttribute("aria-busy", "true");
    wrong.textContent = pressed ? t.loading : "";
    const { file, gone } = await fetched(media.code, talk.token);
    button.removeAttribute("aria-busy");
    // What came by itself and failed says nothing: the button is still there.
    wrong.textContent = file ? "" : gone ? t.expired : pressed ? t.unloaded : "";
    if (!file) return;
    const address = URL.createObjectURL(new Blob([file], { type: media.type }));
    const made = opened(media, address, t, sender);
    button.replaceWith(made);
    if (!pressed) return;
    made.focus();
    if (made.download) made.click();
  };
  button.addEventListener("click", () => load(true));
  if (media.kind === "photo" && !isLight()) inSight(holder, () => load(false));
  return holder;
}

function opened(media, address, t, sender) {
  if (media.kind === "photo") {
    const alt = sender ? `${t.photo}: ${sender}` : t.photo;
    return element("img", { class: "photo", src: address, alt, tabindex: "-1" });
  }
  if (media.kind === "voice") return element("audio", { controls: true, src: address, "aria-label": t.voice });
  return element(
    "a",
    { class: "act", href: address, download: media.name },
    shape(SHAPES.down),
    element("span", {}, element("small", {}, t.download), media.name),
  );
}

async function fetched(code, token) {
  try {
    const response = await fetch(`/web/media/${encodeURIComponent(code)}`, {
      headers: { Authorization: `Bearer ${token}` },
      cache: "no-store",
    });
    return { file: response.ok && (await response.blob()), gone: [404, 410].includes(response.status) };
  } catch {
    return { file: null, gone: false };
  }
}
