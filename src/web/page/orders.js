/* Orders: the token that they take, what is asked before one is given, and what became of it. */
import { $, setShown, setText } from "./view.js";

const PLACE = "nightshift-token";

/* ---- the token ---- */

let token = "";
try { token = sessionStorage.getItem(PLACE) ?? localStorage.getItem(PLACE) ?? ""; } catch { /* no memory here */ }

export const theToken = () => token;

function remember(text, long) {
  token = text;
  try {
    sessionStorage.removeItem(PLACE);
    localStorage.removeItem(PLACE);
    if (text !== "") (long ? localStorage : sessionStorage).setItem(PLACE, text);
  } catch { /* for as long as the page is open, then */ }
}

const headers = () => (token === "" ? {} : { Authorization: "Bearer " + token });

export async function ask(path) {
  const reply = await fetch(path, { headers: headers(), cache: "no-store" }).catch(() => null);
  return reply !== null && reply.ok ? reply.json().catch(() => null) : null;
}

async function send(words) {
  const query = new URLSearchParams(Object.entries(words).filter(([, value]) => value)).toString();
  return fetch("/orders?" + query, { method: "POST", headers: { ...headers(), "X-Nightshift-Order": "1" } });
}

/* ---- signing in ---- */

export function drawSign(sign) {
  setText(sign, token === "" ? "Sign in to order" : "Sign out");
}

export function setUpSign(changed) {
  const dialog = $("sign-dialog");
  const open = () => { $("token").value = ""; setText($("sign-fault"), ""); dialog.showModal(); $("token").focus(); };
  $("gate-sign").addEventListener("click", open);
  $("sign").addEventListener("click", () => {
    if (token === "") return open();
    remember("", false);
    changed();
  });
  $("sign-form").addEventListener("submit", async (event) => {
    event.preventDefault();
    const before = token;
    token = $("token").value.trim();
    const reply = await send({}).catch(() => null); // an order of nothing: only the token is looked at
    if (reply === null || reply.status === 401) {
      token = before;
      setText($("sign-fault"), reply === null ? "The run does not answer." : "That is not the token.");
      return;
    }
    remember(token, $("remember").checked);
    $("token").value = "";
    dialog.close();
    changed();
  });
}

/* ---- an order ---- */

let waiting = null;

/* order: {verb, batch | account, pattern, all}; words: {title, text, button}. `choose`: the verb is
   chosen in the dialog. */
export function propose(order, words, choose = false) {
  waiting = { ...order };
  setText($("order-title"), words.title);
  setText($("order-words"), words.text);
  setText($("order-do"), words.button);
  setShown($("order-verb-label"), choose);
  $("order-verb").value = order.verb;
  $("order-force").checked = $("order-again").checked = false;
  setShown($("order-answer"), false);
  $("order-do").disabled = false;
  setShown($("order-do"), true);
  drawChoices(choose);
  $("order-dialog").showModal();
  $("order-do").focus();
}

function drawChoices(choose) {
  const verb = choose ? $("order-verb").value : waiting.verb;
  setShown($("order-force-label"), verb === "retry");
  setShown($("order-again-label"), verb === "retry");
  if (choose) setText($("order-do"), verb[0].toUpperCase() + verb.slice(1));
}

async function give(order) {
  const reply = await send(order).catch(() => null);
  if (reply === null) return "The run does not answer: nothing was ordered, as far as is known.";
  if (reply.status === 401) return "The token is not taken: sign in again.";
  const answer = await reply.json().catch(() => null);
  return answer === null ? "The run refuses (" + reply.status + ")." : answer.text.trim();
}

export function toast(text) {
  const node = $("toast");
  setText(node, text);
  setShown(node, text !== "");
  clearTimeout(node.timer);
  node.timer = setTimeout(() => setShown(node, false), 8000);
}

/* Harmless and taken back with one click: no question first. */
export async function orderAtOnce(order) {
  toast(await give(order));
}

export function setUpOrders(done) {
  $("order-verb").addEventListener("change", () => drawChoices(true));
  $("order-form").addEventListener("submit", async (event) => {
    event.preventDefault();
    const order = { ...waiting };
    if (!$("order-verb-label").hidden) order.verb = $("order-verb").value;
    if (order.verb === "retry" && $("order-force").checked) order.force = "1";
    if (order.verb === "retry" && $("order-again").checked) order.again = "1";
    $("order-do").disabled = true;
    const text = await give(order);
    setText($("order-answer"), text);
    setShown($("order-answer"), true);
    setShown($("order-do"), false);
    $("order-answer").focus();
    done();
  });
}
