/* Drawing: the head, accounts, batches, troubles and events. A node is touched only where what it says
   has changed. */
import { ended, isEnded, isTrouble, progress, total } from "./model.js";

export const $ = (id) => document.getElementById(id);

export function make(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name === "class") node.className = value;
    else if (name.startsWith("aria-") || name === "role" || name === "scope") node.setAttribute(name, value);
    else node[name] = value;
  }
  node.append(...children);
  return node;
}

export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

export function setShown(node, shown) {
  if (node.hidden === shown) node.hidden = !shown;
}

function setClass(node, name) {
  if (node.className !== name) node.className = name;
}

function setLabel(node, text) {
  if (node.getAttribute("aria-label") !== text) node.setAttribute("aria-label", text);
}

/* Children by key, in this order; each is made once and then brought up to date. */
export function keep(parent, items, keyOf, create, update) {
  const known = parent.keyed ?? (parent.keyed = new Map());
  const left = new Map(known);
  let at = parent.firstElementChild;
  for (const item of items) {
    const key = keyOf(item);
    let node = left.get(key);
    if (node === undefined) { node = create(item); known.set(key, node); } else left.delete(key);
    update(node, item);
    if (node === at) at = at.nextElementSibling;
    else parent.insertBefore(node, at);
  }
  for (const [key, node] of left) { known.delete(key); node.remove(); }
}

/* ---- words ---- */

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const dayClock = new Intl.DateTimeFormat(undefined, { weekday: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const fine = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
const number = new Intl.NumberFormat();

export const count = (value) => number.format(value);
export const many = (value, one, more) => count(value) + " " + (value === 1 ? one : more);
export const at = (time, now) => (Math.abs(time - now) < 20 * 3600000 ? clock : dayClock).format(time);
export const atFine = (time) => fine.format(time);

export function lasting(ms) {
  const minutes = Math.round(ms / 60000);
  if (ms < 60000) return Math.max(1, Math.round(ms / 1000)) + " s";
  if (minutes < 60) return minutes + " min";
  if (minutes < 48 * 60) return Math.floor(minutes / 60) + " h " + (minutes % 60 === 0 ? "" : (minutes % 60) + " min");
  return Math.round(minutes / 1440) + " days";
}

/* ---- the head ---- */

const SHARES = [["succeeded", "s"], ["failed", "f"], ["moderated", "m"], ["held", "u"], ["cancelled", "c"],
  ["downloading", "d"], ["running", "r"], ["submitting", "r"], ["unsure", "u"], ["uploading", "q"], ["queued", "q"]];

function drawShare(node, counts) {
  const all = Math.max(1, total(counts));
  const parts = SHARES.filter(([state]) => counts[state] > 0 && state !== "queued" && state !== "uploading");
  keep(node, parts, ([state]) => state, ([, kind]) => make("span", { class: kind }),
    (part, [state]) => { part.style.width = (100 * counts[state] / all) + "%"; });
}

function drawLegend(counts) {
  const shown = SHARES.filter(([state]) => counts[state] > 0);
  keep($("legend"), shown, ([state]) => state,
    ([, kind]) => make("li", { class: kind }), (item, [state]) => setText(item, count(counts[state]) + " " + state));
}

function headline(model, counts) {
  if (model.batches.length === 0) return "The run is being prepared";
  const all = total(counts), done = ended(counts);
  if (done === all) return many(all, "job", "jobs") + " ended";
  return count(done) + " of " + count(all) + " ended";
}

function expected(model, counts) {
  const run = model.run, now = model.now(), parts = [];
  const left = model.batches.filter((batch) => batch.counts.some((n, place) => n > 0 && !isEnded(model.states[place])));
  if (run === null) return "\u00a0";
  if (run.phase === "over") parts.push(ended(counts) === total(counts) ? "the run is over" : "the run has stopped; run it again to go on");
  else if (run.phase === "stopping") parts.push("stopping: nothing new is submitted");
  else if (left.length > 0 && left.every((batch) => batch.paused)) parts.push("paused: " + (left[0].why ?? "by a person"));
  else if (run.eta > now) parts.push("done about " + at(run.eta, now) + ", in " + lasting(run.eta - now));
  else if (model.batches.length > 0 && ended(counts) < total(counts)) parts.push("the end is not known yet");
  if (run.per_hour > 0 && run.phase !== "over") parts.push(count(run.per_hour) + " an hour");
  return parts.join(" · ") || "\u00a0";
}

export function drawHead(model) {
  const counts = model.counts(), all = total(counts), done = ended(counts);
  setText($("headline"), headline(model, counts));
  setText($("expected"), expected(model, counts));
  drawShare($("share"), counts);
  setLabel($("share"), count(done) + " of " + count(all) + " jobs have ended, " + count(counts.succeeded ?? 0) + " of them well");
  drawLegend(counts);
  const percent = all === 0 ? "" : Math.floor(100 * done / all) + "% ";
  if (document.title !== percent + "nightshift") document.title = percent + "nightshift";
}

/* ---- accounts ---- */

const FEW = 12;
const TROUBLED = new Set(["lost", "broken", "empty", "paused"]);
let allAccounts = false;

export function showAllAccounts(all) { allAccounts = all; }

/* Those in trouble first; else the order of the config, so that nothing jumps about. */
function chosen(accounts) {
  if (allAccounts || accounts.length <= FEW + 4) return accounts;
  const first = accounts.filter((account) => TROUBLED.has(account.state)).slice(0, FEW);
  const room = FEW - first.length;
  const rest = accounts.filter((account) => !TROUBLED.has(account.state)).slice(0, room);
  return [...first, ...rest];
}

/* Until when, and why: what is full says so itself. */
function waits(account, now) {
  const parts = [];
  if (account.until > now) parts.push("until " + at(account.until, now));
  if (account.reason) parts.push(account.reason);
  return parts.join(" · ");
}

function slotLabel(job, now) {
  const left = job.until > now ? ", about " + lasting(job.until - now) + " left" : "";
  return job.name + ", " + job.state + left;
}

function makeSlot() {
  return make("li", {}, make("button", { type: "button", class: "slot", tabIndex: -1 }, make("span", { class: "fill" })));
}

function updateSlot(item, { job }, now) {
  const button = item.firstChild;
  if (button.job === job) return;
  button.job = job;
  setClass(button, "slot " + job.state);
  button.dataset.job = job.id;
  button.title = slotLabel(job, now);
  setLabel(button, button.title);
  fill(button, now);
}

function fill(button, now) {
  const share = progress(button.job, now);
  button.firstChild.style.transform = "scaleX(" + (share ?? 1).toFixed(3) + ")";
  button.classList.toggle("open", share === null);
}

function emptySlots(account, used) {
  const most = Math.max(account.capacity, account.running + account.others, used);
  const others = Math.min(account.others, Math.max(0, most - used));
  const free = Math.max(0, most - used - others);
  return [...Array(others).fill("others"), ...Array(free).fill("free")];
}

function makeAccount(account) {
  return make("article", { class: "account" },
    make("h3", { textContent: account.email, title: account.email }), make("span", { class: "dim used" }),
    make("ul", { class: "slots" }), make("p", { class: "dim note" }, make("span", { class: "pill" }), make("span")),
    make("span", { class: "dim credits" }),
    make("button", { type: "button", class: "plain small order" }));
}

function updateAccount(node, account, jobs, now, mayOrder) {
  const [, used, slots, note, credits, order] = node.children, [pill, words] = note.children;
  setText(used, account.running + (account.capacity > 0 ? " of " + account.capacity : " at work"));
  setText(pill, account.state);
  setClass(pill, "pill " + account.state);
  setClass(node, "account " + account.state);
  const items = [...jobs.map((job) => ({ key: job.id, job })),
    ...emptySlots(account, jobs.length).map((kind, place) => ({ key: kind + place, kind }))];
  setLabel(slots, "Slots of " + account.email + ": " + account.running + (account.capacity > 0 ? " of " + account.capacity : "") + " in use");
  keep(slots, items, (item) => item.key,
    (item) => (item.job ? makeSlot() : make("li", { class: "hole " + item.kind, title: item.kind === "free" ? "free" : "a task of others" })),
    (item, { job }) => { if (job) updateSlot(item, { job }, now); });
  setText(words, waits(account, now));
  setShown(note, account.state !== "ready" || words.textContent !== "");
  setText(credits, account.credits === null ? "" : count(account.credits) + " credits");
  const paused = account.state === "paused";
  setShown(order, mayOrder && account.state !== "lost");
  setText(order, paused ? "Resume" : "Pause");
  setLabel(order, (paused ? "Resume " : "Pause ") + account.email);
  order.verb = paused ? "resume" : "pause";
  order.account = account.email;
}

function accountsSum(accounts) {
  const states = new Map();
  let running = 0;
  for (const account of accounts) {
    states.set(account.state, (states.get(account.state) ?? 0) + 1);
    running += account.running;
  }
  const others = [...states].filter(([state]) => state !== "ready").map(([state, n]) => count(n) + " " + state);
  return [many(running, "slot", "slots") + " in use", ...others].join(", ");
}

export function drawAccounts(model, mayOrder) {
  const accounts = model.accounts.filter(Boolean), now = model.now(), by = model.atWork();
  setShown($("accounts"), accounts.length > 0);
  const shown = chosen(accounts);
  keep($("account-cards"), shown, (account) => account.place, makeAccount,
    (node, account) => updateAccount(node, account, by[account.place], now, mayOrder));
  setText($("accounts-sum"), accountsSum(accounts));
  const more = $("accounts-more");
  setShown(more, accounts.length > FEW + 4);
  setText(more, allAccounts ? "Show fewer" : "Show all " + count(accounts.length));
  more.setAttribute("aria-expanded", String(allAccounts));
  const slots = $("account-cards").querySelectorAll(".slot");
  if (slots.length > 0 && $("account-cards").querySelector('.slot[tabindex="0"]') === null) slots[0].tabIndex = 0;
}

/* Slots fill by the clock, between two pieces too. */
export function fillSlots(now) {
  for (const button of $("account-cards").querySelectorAll(".slot.running")) fill(button, now);
}

/* ---- batches ---- */

function makeBatch() {
  return make("article", { class: "batch" }, make("h3"), make("span", { class: "dim eta" }),
    make("div", { class: "share", role: "img" }), make("p", { class: "dim note" }),
    make("div", { class: "actions" },
      make("button", { type: "button", class: "plain small", verb: "pause", textContent: "Pause" }),
      make("button", { type: "button", class: "plain small", verb: "resume", textContent: "Resume" }),
      make("button", { type: "button", class: "plain small", verb: "retry", textContent: "Retry what failed" }),
      make("button", { type: "button", class: "plain small", verb: "cancel", textContent: "Cancel" })));
}

function updateBatch(node, batch, model, now, mayOrder) {
  const [name, eta, share, note, actions] = node.children;
  const counts = Object.fromEntries(model.states.map((state, place) => [state, batch.counts[place]]));
  const all = total(counts), done = ended(counts);
  setText(name, batch.key);
  setText(eta, done === all ? "all " + count(all) + " ended" : count(done) + " of " + count(all) +
    (batch.eta > now && !batch.paused ? " · done about " + at(batch.eta, now) : ""));
  drawShare(share, counts);
  setLabel(share, count(done) + " of " + count(all) + " jobs of " + batch.key + " have ended");
  setText(note, batch.paused ? "paused: " + (batch.why ?? "by a person") : "");
  setShown(note, batch.paused);
  setShown(actions, mayOrder);
  for (const button of actions.children) {
    button.batch = batch.key;
    setLabel(button, button.textContent + ": " + batch.key);
  }
  setShown(actions.children[0], !batch.paused && done < all);
  setShown(actions.children[1], done < all);
  setShown(actions.children[2], counts.failed + counts.held + counts.cancelled > 0);
  setShown(actions.children[3], done < all);
}

export function drawBatches(model, mayOrder) {
  const now = model.now();
  setShown($("batches"), model.batches.length > 1 || (mayOrder && model.batches.length > 0) || model.batches.some((batch) => batch.paused));
  keep($("batch-rows"), model.batches, (batch) => batch.key, makeBatch,
    (node, batch) => updateBatch(node, batch, model, now, mayOrder));
}

/* ---- troubles ---- */

const GROUPS = 12, NAMED = 4;
const KIND = { failed: "f", moderated: "m", held: "u", unsure: "u" };

function jobButton(job) {
  const button = make("button", { type: "button", class: "name", textContent: job.name });
  button.dataset.job = job.id;
  return button;
}

function updateTrouble(node, group) {
  const [title, remedy, list] = node.children;
  setText(title, (group.jobs.length === 1 ? "" : count(group.jobs.length) + " × ") + group.state + (group.error ? ": " + group.error : ""));
  setText(remedy, group.advice ?? (group.state === "unsure" ? "Whether a task was made is being found out; nothing to do." : ""));
  setShown(remedy, remedy.textContent !== "");
  keep(list, group.jobs.slice(0, NAMED), (job) => job.id, (job) => make("li", {}, jobButton(job)), () => {});
  const rest = group.jobs.length - NAMED;
  setText(node.lastChild, rest > 0 ? "and " + count(rest) + " more" : "");
}

export function drawTroubles(model) {
  const groups = model.troubles();
  setShown($("trouble"), groups.length > 0);
  keep($("trouble-cards"), groups.slice(0, GROUPS), (group) => group.key,
    (group) => make("article", { class: "trouble " + KIND[group.state] }, make("h3"), make("p", { class: "remedy" }),
      make("ul", { class: "names" }), make("p", { class: "dim" })), updateTrouble);
}

/* ---- events ---- */

const LINES = 60;

export function lineNode(line) {
  const item = make("li", { class: line.level }, make("time", { textContent: atFine(line.time) }),
    make("b", { textContent: line.event }));
  for (const text of [line.job, line.account, line.words])
    if (text) item.append(make("span", { textContent: text }));
  return item;
}

export function drawLines(model) {
  keep($("lines"), model.lines.slice(-LINES).reverse(), (line) => line.number, lineNode, () => {});
}

/* ---- for those who hear the page ---- */

const SAY_EVERY_MS = 30000;
let saidAt = -SAY_EVERY_MS, saidDone = null, saidTrouble = 0;

/* Ends and troubles only, twice a minute at most. */
export function sayNews(model) {
  const counts = model.counts(), done = ended(counts), at = performance.now();
  const trouble = [...model.troubled].filter((id) => isTrouble(model.jobs.get(id).state)).length;
  if (saidDone === null) { saidDone = done; saidTrouble = trouble; }
  if (at - saidAt < SAY_EVERY_MS || (done === saidDone && trouble <= saidTrouble)) return;
  $("say").textContent = count(done) + " of " + count(total(counts)) + " jobs have ended" +
    (trouble > saidTrouble ? "; " + many(trouble, "job needs", "jobs need") + " a look" : "");
  saidAt = at;
  saidDone = done;
  saidTrouble = trouble;
}
