/** Building and wording of what is shown.  No words of the server become HTML here or anywhere else. */

import { words } from "./words.js";

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

/** Give "1,2 MB" for a number of bytes. */
export function size(bytes, lang) {
  const [amount, unit] = bytes < 1e6 ? [bytes / 1e3, "kB"] : [bytes / 1e6, "MB"];
  return `${Math.max(0.1, amount).toLocaleString(lang, { maximumFractionDigits: 1 })} ${unit}`;
}

/** Draw one of the signs below. */
export const shape = (path) => {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const line = document.createElementNS("http://www.w3.org/2000/svg", "path");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("class", "shape");
  line.setAttribute("d", path);
  svg.append(line);
  return svg;
};

export const SHAPES = {
  plus: "M12 5v14M5 12h14",
  send: "M4 12 20 4l-5 16-4-6.5L4 12Zm7 1.5L20 4",
  more: "M12 5.5v.01M12 12v.01M12 18.5v.01",
  photo: "M4 6h16v13H4zM4 16l5-5 4 4 2.5-2.5L20 17M15.5 9.5v.01",
  voice:
    "M12 4a2.5 2.5 0 0 1 2.5 2.5v5a2.5 2.5 0 0 1-5 0v-5A2.5 2.5 0 0 1 12 4ZM6.5 11.5a5.5 5.5 0 0 0 11 0M12 17v3.5",
  file: "M7 3.5h7l4 4v13H7zM14 3.5v4h4",
  down: "M12 4v11m-5-4.5 5 5 5-5M5 20h14",
  close: "M6 6l12 12M18 6 6 18",
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

/** Give a text's lines with breaks between them. */
export const plain = (text) => text.split("\n").flatMap((line, index) => (index ? [element("br"), line] : [line]));

/** Give an address of one of these kinds, else null: a message must not be able to name a script. */
export function goodAddress(address, kinds) {
  try {
    const url = new URL(address, location.href);
    return kinds.includes(url.protocol) ? url : null;
  } catch {
    return null;
  }
}

/** Give the language that a text seems to be in; nothing where it says too little. */
export function tongue(text) {
  if (/[ăâđêôơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ]/i.test(text)) return "vi";
  // Enough words, and not one Vietnamese letter: people write so in haste, the bot only in English.
  return text.split(/\s+/).length > 5 ? "en" : "";
}

let ids = 0;

/** Give an id that nothing else on the page has. */
export const newId = () => `part-${(ids += 1)}`;

/** Give a button and the small panel that it opens; Escape and a click anywhere close it. */
export function unfolding(name, label, path, children) {
  const id = newId();
  const panel = element("div", { class: `panel ${name}-panel`, id, hidden: true }, ...children);
  const button = element(
    "button",
    {
      type: "button",
      class: `round ${name}`,
      "aria-label": label,
      "aria-expanded": "false",
      "aria-controls": id,
    },
    shape(path),
  );
  const open = (wanted) => {
    const inside = panel.contains(document.activeElement);
    panel.hidden = !wanted;
    button.setAttribute("aria-expanded", String(wanted));
    // Whoever goes by keyboard must not be thrown back to the top of the page.
    if (!wanted && inside) button.focus();
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
