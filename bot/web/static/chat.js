/**
 * The chat page: one talk, one stream, one phone that fills the screen.
 *
 * Talk keeps and sends, Stream listens, Phone shows; the demo page has four talks and four phones on one stream.
 */

import { element } from "./dom.js";
import { files, kept } from "./kept.js";
import { Phone } from "./phone.js";
import { Stream } from "./stream.js";
import { Talk } from "./talk.js";
import { words } from "./words.js";

const page = document.documentElement;
const asked = new URLSearchParams(location.search);
if (asked.has("nhe")) kept.set("toso:light", asked.get("nhe") !== "0");
page.lang = kept.get("toso:lang") || (asked.get("lang") === "en" ? "en" : page.lang);

const talk = Talk.remembered("toso:talk");
const main = document.querySelector("main");
const phone = new Phone(main, talk, new Stream([talk]), {
  lang: page.lang,
  title: "Tổ Số",
  aside: words(page.lang).automatic,
  subtitle: document.body.dataset.office,
  menu: true,
});
const skip = (event) => {
  event.preventDefault(); // a "#" in the address would be there after a reload
  phone.input.focus();
};
main.before(element("a", { class: "skip", href: `#${phone.input.id}`, onclick: skip }, phone.t.skip));
// A leaflet's QR code names the step to land on, an invitation's is the invitation.  Zalo's consent comes back
// here with another kind of code.
const code = asked.get("code") || "";
if (/^(?:[a-z]\d\d|moi-\w{5}-\w{5})$/i.test(code)) {
  asked.delete("code"); // or a reload would land there once more
  history.replaceState(null, "", String(asked) ? `/?${asked}` : "/");
  phone.say({ text: `${phone.t.landing} ${code.toUpperCase()}` });
}
talk.flush();
files.tidy();

// The worker keeps the page, never a talk, so that it opens without a network; plain http has none.
if (navigator.serviceWorker) {
  const address = "/worker.js";
  const trusted = window.trustedTypes
    ? window.trustedTypes.createPolicy("worker", { createScriptURL: () => address }).createScriptURL("")
    : address;
  navigator.serviceWorker.register(trusted).catch(() => {
    // Some private windows allow none; the page works as long as there is a network.
  });
}
