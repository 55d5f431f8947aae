/* The list of jobs, a page at a time, and one job with its history. */
import { isAtWork, isEnded, isTrouble, isWaiting, matcher } from "./model.js";
import { $, at, atFine, count, keep, lasting, make, many, setShown, setText } from "./view.js";

const ROWS = 50;
const FILTERS = [["all", "All", () => true], ["work", "At work", (job) => isAtWork(job.state)],
  ["waiting", "Waiting", (job) => isWaiting(job.state)], ["trouble", "Needs a look", (job) => isTrouble(job.state)],
  ["done", "Ended", (job) => isEnded(job.state)]];

export const list = { filter: "all", pattern: "", page: 0, found: [] };

function find(model) {
  const [, , suits] = FILTERS.find(([name]) => name === list.filter);
  const matches = matcher(list.pattern);
  list.found = [];
  for (const job of model.jobs.values()) if (suits(job) && matches(job.name)) list.found.push(job);
}

function makeRow(job) {
  const name = make("button", { type: "button", class: "name", tabIndex: -1 });
  name.dataset.job = job.id;
  return make("tr", {}, make("th", { scope: "row" }, name), make("td", {}, make("span", { class: "state" })),
    make("td", { class: "where" }), make("td", { class: "when" }));
}

function stateWords(job) {
  if (job.cancelWanted) return job.state + ", being cancelled";
  if (job.paused && !isEnded(job.state)) return job.state === "queued" ? "paused" : job.state + ", then paused";
  return job.state + (job.state === "running" && job.percent > 0 ? " " + job.percent + "%" : "");
}

function updateRow(row, job, model) {
  const now = model.now(), account = model.accounts[job.account];
  const [name, state, where, when] = row.children;
  setText(name.firstChild, job.name);
  setText(state.firstChild, stateWords(job));
  const kind = "state " + job.state + (job.paused ? " paused" : "");
  if (state.firstChild.className !== kind) state.firstChild.className = kind;
  setText(where, account === undefined ? "" : account.email);
  setText(when, job.changed === 0 || (job.state === "queued" && job.attempts === 0) ? "" : at(job.changed, now));
}

export function drawJobs(model) {
  find(model);
  const pages = Math.max(1, Math.ceil(list.found.length / ROWS));
  list.page = Math.min(list.page, pages - 1);
  const shown = list.found.slice(list.page * ROWS, (list.page + 1) * ROWS);
  keep($("rows"), shown, (job) => job.id, makeRow, (row, job) => updateRow(row, job, model));
  setText($("jobs-sum"), list.found.length === model.jobs.size ? count(model.jobs.size) : count(list.found.length) + " of " + count(model.jobs.size));
  setShown($("no-rows"), shown.length === 0);
  setShown($("pager"), pages > 1);
  setText($("page-where"), "page " + count(list.page + 1) + " of " + count(pages));
  $("page-back").disabled = list.page === 0;
  $("page-on").disabled = list.page === pages - 1;
  const names = $("rows").querySelectorAll(".name");
  if (names.length > 0 && $("rows").querySelector('.name[tabindex="0"]') === null) names[0].tabIndex = 0;
}

export function drawFilters(model) {
  keep($("filters"), FILTERS, ([name]) => name,
    ([name, words]) => make("button", { type: "button", class: "chip", filter: name, textContent: words }),
    (button, [name]) => {
      const pressed = String(list.filter === name);
      if (button.getAttribute("aria-pressed") !== pressed) button.setAttribute("aria-pressed", pressed);
    });
  void model;
}

/* Arrow keys go from one to the next; Tab leaves. */
export function rove(parent, selector) {
  parent.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
    if (step === undefined || !event.target.matches(selector)) return;
    const all = [...parent.querySelectorAll(selector)];
    const next = all[all.indexOf(event.target) + step];
    event.preventDefault();
    if (next === undefined) return;
    event.target.tabIndex = -1;
    next.tabIndex = 0;
    next.focus();
  });
  parent.addEventListener("focusin", (event) => {
    if (!event.target.matches(selector)) return;
    for (const other of parent.querySelectorAll(selector + '[tabindex="0"]')) other.tabIndex = -1;
    event.target.tabIndex = 0;
  });
}

/* ---- one job ---- */

let shown = 0;
export const shownJob = () => ($("job-dialog").open ? shown : 0);

const fact = (name, value) => (value === null || value === undefined || value === "" ? [] : [make("dt", { textContent: name }), make("dd", { textContent: value })]);

function drawFacts(job, model) {
  const now = model.now(), list = make("dl"), known = model.jobs.get(job.id);
  const until = job.why_until > now ? ", until " + at(job.why_until, now) : "";
  list.append(...fact("State", known ? stateWords(known) : job.state),
    ...fact("Waits", job.why && job.state === "queued" ? job.why + (job.why_account ? " (" + job.why_account + ")" : "") + until : ""),
    ...fact("Cause", job.error), ...fact("What to do", job.advice),
    ...fact("Account", job.account), ...fact("Clip", job.clip && job.clip + (job.clip_ms ? ", " + (job.clip_ms / 1000).toFixed(1) + " s" : "")),
    ...fact("Voice", job.voice), ...fact("Expected", known && known.state === "running" && known.until > now ? "about " + at(known.until, now) + ", in " + lasting(known.until - now) : ""),
    ...fact("Output", job.output), ...fact("Task", job.task), ...fact("Reference", job.reference));
  $("job-facts").replaceChildren(list);
}

function drawHistory(job) {
  $("job-history").replaceChildren(...job.history.map(([time, event, account, text]) =>
    make("li", {}, make("time", { textContent: atFine(time) }), make("b", { textContent: event }),
      ...[account, text].filter(Boolean).map((words) => make("span", { textContent: words })))));
  if (job.history.length === 0) $("job-history").append(make("li", { textContent: "nothing yet" }));
}

export async function showJob(id, model, ask) {
  const known = model.jobs.get(id);
  if (known === undefined) return;
  const dialog = $("job-dialog");
  if (shown !== id || !dialog.open) {
    setText($("job-name"), known.name);
    $("job-facts").replaceChildren();
    $("job-history").replaceChildren();
  }
  shown = id;
  if (!dialog.open) dialog.showModal();
  const job = await ask("/job?id=" + id);
  if (shown !== id || !dialog.open) return;
  if (job === null || job.history === undefined) { setText($("job-facts"), "It cannot be read just now."); return; }
  drawFacts(job, model);
  drawHistory(job);
}

export const foundWords = () => many(list.found.length, "job", "jobs");
