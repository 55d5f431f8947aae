/* The page: joins the stream, the model and what draws it. */
import { drawFilters, drawJobs, foundWords, list, rove, showJob, shownJob } from "./jobs.js";
import { Model } from "./model.js";
import { ask, drawSign, orderAtOnce, propose, setUpOrders, setUpSign, theToken } from "./orders.js";
import { follow } from "./stream.js";
import { $, count, drawAccounts, drawBatches, drawHead, drawLines, drawTroubles, fillSlots, make, sayNews, setShown, setText,
  showAllAccounts } from "./view.js";

const DRAW_EVERY_MS = 250;
const model = new Model();
let link = "connecting", drawing = 0, drawn = 0;

const mayOrder = () => theToken() !== "";

/* ---- drawing: what has changed, some times a second at most ---- */

function drawLink() {
  const over = model.run !== null && model.run.phase === "over";
  const words = { live: "live", away: over ? "the run has ended" : "trying to reach the run", resting: "resting",
    token: "locked", connecting: "connecting" };
  setText($("link-words"), words[link]);
  $("link").className = "link " + (link === "away" && over ? "over" : link);
  setShown($("gate"), link === "token");
  drawSign($("sign"));
}

function draw() {
  const changed = model.changed, opened = shownJob();
  drawing = 0;
  drawn = performance.now();
  model.changed = {};
  drawHead(model);
  if (changed.trouble) drawTroubles(model);
  if (changed.accounts) drawAccounts(model, mayOrder());
  if (changed.batches) drawBatches(model, mayOrder());
  if (changed.jobs) { drawJobs(model); drawFilters(model); }
  if (changed.lines) drawLines(model);
  setShown($("order-found"), mayOrder());
  if (model.whole) sayNews(model);
  if (model.whole) performance.mark("whole");
  if (opened !== 0 && changed.jobs && model.jobs.get(opened) !== openedJob) openJob(opened);
}

function drawSoon() {
  if (drawing !== 0) return;
  drawing = setTimeout(draw, Math.max(0, drawn + DRAW_EVERY_MS - performance.now()));
}

function drawAll() {
  model.changed = { jobs: true, accounts: true, batches: true, lines: true, trouble: true };
  drawSoon();
}

function take(piece) {
  model.take(piece);
  drawSoon();
}

/* Times that pass by themselves. */
setInterval(() => {
  if (document.hidden || model.run === null || link !== "live") return;
  fillSlots(model.now());
}, 2000);
setInterval(() => { if (!document.hidden && model.run !== null) { model.changed.accounts = true; model.changed.batches = true; drawSoon(); } }, 30000);

/* ---- a job ---- */

let openedJob = null;

function jobOrders(job) {
  const batch = model.batches[job.batch].key;
  const button = (verb, words, text) => {
    const node = make("button", { type: "button", class: "plain small", textContent: words });
    node.addEventListener("click", () => {
      const order = { verb, batch, pattern: job.name };
      if (text === "") orderAtOnce(order);
      else propose(order, { title: words + " " + job.name, text, button: words });
    });
    return node;
  };
  const ended = ["succeeded", "failed", "moderated", "cancelled", "held"].includes(job.state);
  const nodes = [];
  if (!ended && !job.paused) nodes.push(button("pause", "Pause", ""));
  if (!ended && job.paused) nodes.push(button("resume", "Resume", ""));
  nodes.push(button("retry", "Retry", "It is queued again, or its result is fetched again where its task has succeeded."));
  if (!["succeeded", "moderated", "cancelled"].includes(job.state))
    nodes.push(button("cancel", "Cancel", "Its task is looked at first: one that has succeeded is fetched, not thrown away."));
  return nodes;
}

function openJob(id) {
  openedJob = model.jobs.get(id) ?? null;
  if (openedJob === null) return;
  setShown($("job-orders"), mayOrder());
  $("job-orders").replaceChildren(...(mayOrder() ? jobOrders(openedJob) : []));
  showJob(id, model, ask);
}

document.addEventListener("click", (event) => {
  const target = event.target.closest("[data-job]");
  if (target !== null) openJob(Number(target.dataset.job));
});

/* ---- what a person does ---- */

function setUpJobs() {
  const again = () => { list.page = 0; model.changed.jobs = true; draw(); };
  $("filters").addEventListener("click", (event) => {
    if (event.target.filter === undefined) return;
    list.filter = event.target.filter;
    again();
  });
  $("search").addEventListener("input", () => { list.pattern = $("search").value; again(); });
  const turn = (step) => { list.page += step; model.changed.jobs = true; draw(); $("jobs").scrollIntoView({ block: "start" }); };
  $("page-back").addEventListener("click", () => turn(-1));
  $("page-on").addEventListener("click", () => turn(1));
  rove($("rows"), ".name");
  rove($("account-cards"), ".slot");
  addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.target.closest("input, dialog, select") !== null) return;
    event.preventDefault();
    $("search").focus();
  });
}

/* Orders go by pattern, and a pattern names jobs of one batch. */
function orderFound() {
  const batches = [...new Set(list.found.map((job) => job.batch))];
  if (list.found.length === 0 || batches.length !== 1) {
    propose({}, { title: "Order", text: "Find jobs of one batch first: orders are given batch by batch.", button: "" });
    setShown($("order-do"), false);
    return;
  }
  const batch = model.batches[batches[0]].key, text = $("search").value.trim();
  const whole = text === "" && list.filter === "all";
  const pattern = list.filter === "all" ? (/[*?[]/.test(text) ? text : "*" + text + "*") : list.found.slice(0, 500).map((job) => job.name).join("\n");
  propose({ verb: "pause", batch, pattern: whole ? "*" : pattern },
    { title: "Order for " + foundWords(), text: "Jobs of " + batch + (whole ? "" : " that are listed now") + ".", button: "" }, true);
}

function orderBatch({ verb, batch }) {
  const words = { retry: ["Retry what failed", "What ended badly in " + batch + " is queued again; moderated clips are left as they are."],
    cancel: ["Cancel all of it", "Everything of " + batch + " that has not ended is cancelled. Tasks are looked at first: what has succeeded is fetched."] };
  if (words[verb] === undefined) return orderAtOnce({ verb, batch });
  propose({ verb, batch, all: verb === "cancel" ? "1" : "" }, { title: words[verb][0], text: words[verb][1], button: words[verb][0] });
}

function setUp() {
  setUpJobs();
  for (const dialog of document.querySelectorAll("dialog")) {
    dialog.querySelector(".close").addEventListener("click", () => dialog.close());
    dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
  }
  $("accounts-more").addEventListener("click", () => {
    showAllAccounts($("accounts-more").getAttribute("aria-expanded") !== "true");
    model.changed.accounts = true;
    draw();
  });
  $("account-cards").addEventListener("click", ({ target }) => { if (target.account) orderAtOnce({ verb: target.verb, account: target.account }); });
  $("batch-rows").addEventListener("click", ({ target }) => { if (target.batch) orderBatch(target); });
  $("order-found").addEventListener("click", orderFound);
  const stream = follow({ piece: take, token: theToken, state(state) { link = state; drawLink(); drawSoon(); } });
  setUpSign(() => { drawLink(); drawAll(); if (shownJob() !== 0) openJob(shownJob()); if (link === "token") stream.again(); });
  setUpOrders(() => { if (shownJob() !== 0) openJob(shownJob()); });
  setText($("foot"), "Live from " + location.host + ". Times are of this device.");
  drawFilters(model);
  drawLink();
  void count;
}

setUp();
