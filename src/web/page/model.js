/* The run as this page knows it: pieces of the stream in, what is shown out. Draws nothing. What
   stands where in the arrays is said by src/report/board_json.c. */

const ENDED = new Set(["succeeded", "failed", "moderated", "cancelled", "held"]);
const AT_WORK = new Set(["submitting", "unsure", "running", "downloading", "uploading"]);
const HOLDS_SLOT = new Set(["submitting", "unsure", "running"]);
const TROUBLE = new Set(["failed", "moderated", "held", "unsure"]);

export const isEnded = (state) => ENDED.has(state);
export const isAtWork = (state) => AT_WORK.has(state);
export const isTrouble = (state) => TROUBLE.has(state);
export const isWaiting = (state) => state === "queued";

export class Model {
  constructor() { this.forget(); }

  forget() {
    this.states = [];
    this.run = null;
    this.batches = [];
    this.accounts = [];
    this.jobs = new Map();
    this.slots = new Set(); // ids of jobs that hold one
    this.troubled = new Set();
    this.lines = [];
    this.whole = false;
    this.changed = { jobs: true, accounts: true, batches: true, lines: true, trouble: true };
    this.said = 0;
    this.heard = performance.now();
  }

  /* The run's clock, which may go faster than ours. */
  now() {
    const speed = this.run === null ? 1 : this.run.speed;
    return this.said + (performance.now() - this.heard) * speed;
  }

  take(piece) {
    if (piece.reset) this.forget();
    if (piece.states) this.states = piece.states;
    this.said = piece.now;
    this.heard = performance.now();
    if (piece.run) this.run = piece.run;
    if (piece.batches) { this.batches = piece.batches; this.changed.batches = true; }
    for (const account of piece.accounts ?? []) this.takeAccount(account);
    for (const job of piece.jobs ?? []) this.takeJob(job);
    for (const line of piece.lines ?? []) this.takeLine(line);
    if (!piece.more) this.whole = true;
  }

  takeAccount([place, email, state, until, running, capacity, others, credits, reason]) {
    this.accounts[place] = { place, email, state, until, running, capacity, others, credits, reason };
    this.changed.accounts = true;
  }

  takeJob([id, name, batch, state, account = -1, changed = 0, attempts = 0, flags = 0, percent = 0,
    since = 0, until = 0, error = null, advice = null]) {
    const known = this.jobs.get(id);
    this.changed.jobs = true;
    if (known !== undefined && HOLDS_SLOT.has(known.state)) this.changed.accounts = true;
    if (known !== undefined && TROUBLE.has(known.state)) this.changed.trouble = true;
    this.slots.delete(id);
    this.troubled.delete(id);
    if (name === undefined) { this.jobs.delete(id); return; }
    const job = { id, name, batch, state: this.states[state], account, changed, attempts,
      paused: (flags & 1) !== 0, cancelWanted: (flags & 2) !== 0, percent, since, until, error, advice };
    this.jobs.set(id, job);
    if (HOLDS_SLOT.has(job.state)) { this.slots.add(id); this.changed.accounts = true; }
    if (TROUBLE.has(job.state)) { this.troubled.add(id); this.changed.trouble = true; }
  }

  takeLine([number, time, level, event, job, account, words]) {
    this.lines.push({ number, time, level, event, job, account, words });
    if (this.lines.length > 200) this.lines.shift();
    this.changed.lines = true;
  }

  /* Jobs by state over all batches: the server's own counts. */
  counts() {
    const counts = Object.fromEntries(this.states.map((state) => [state, 0]));
    for (const batch of this.batches)
      batch.counts.forEach((count, place) => { counts[this.states[place]] += count; });
    return counts;
  }

  /* The jobs that hold slots, by account. */
  atWork() {
    const by = this.accounts.map(() => []);
    for (const id of this.slots) {
      const job = this.jobs.get(id);
      if (by[job.account] !== undefined) by[job.account].push(job);
    }
    for (const jobs of by) jobs.sort((a, b) => (a.since - b.since) || (a.id - b.id));
    return by;
  }

  /* What ended badly or is in doubt, by cause and remedy. */
  troubles() {
    const groups = new Map();
    for (const id of this.troubled) {
      const job = this.jobs.get(id);
      const key = [job.state, job.error, job.advice].join("\n");
      if (!groups.has(key)) groups.set(key, { key, state: job.state, error: job.error, advice: job.advice, jobs: [] });
      groups.get(key).jobs.push(job);
    }
    return [...groups.values()].sort((a, b) => b.jobs.length - a.jobs.length);
  }
}

export const total = (counts) => Object.values(counts).reduce((sum, count) => sum + count, 0);
export const ended = (counts) =>
  Object.entries(counts).reduce((sum, [state, count]) => sum + (ENDED.has(state) ? count : 0), 0);

/* How far a job's task is, 0 to 1, by the clock as far as an end is expected; null: not known. */
export function progress(job, now) {
  if (job.state !== "running") return null;
  if (job.until > job.since) return Math.min(0.98, Math.max(0.02, (now - job.since) / (job.until - job.since)));
  return job.percent > 0 ? job.percent / 100 : null;
}

/* As the program's patterns: * ? [a-z]; without any of them, a part of the name. */
export function matcher(pattern) {
  const text = pattern.trim().toLowerCase();
  if (text === "") return () => true;
  if (!/[*?[]/.test(text)) return (name) => name.toLowerCase().includes(text);
  const source = text.replace(/[.+^${}()|\\]/g, "\\$&").replace(/\*/g, ".*").replace(/\?/g, ".").replace(/\[!/g, "[^");
  try {
    const expression = new RegExp("^" + source + "$", "s");
    return (name) => expression.test(name.toLowerCase());
  } catch {
    return () => false;
  }
}
