/* The stream of events: read with fetch, which can show a token; comes again by itself, from where it
   was; rests while nobody looks. */

const QUIET_MS = 40000; // the other side says something every 15 s
const AWAY_MS = [1000, 2000, 4000, 8000, 15000];
const HIDDEN_MS = 60000;

const wait = (ms, signal) => new Promise((done) => {
  const timer = setTimeout(done, ms);
  signal.addEventListener("abort", () => { clearTimeout(timer); done(); }, { once: true });
});

/* on: { piece(object), state("live" | "away" | "resting" | "token"), token() } */
export function follow(on) {
  let known = "", tries = 0, stopped = new AbortController(), nap = new AbortController();
  let running = false, hiding = 0;

  function take(block) {
    let id = "", data = "";
    for (const line of block.split("\n")) {
      if (line.startsWith("data: ")) data += line.slice(6);
      else if (line.startsWith("id: ")) id = line.slice(4);
    }
    if (data === "") return;
    on.piece(JSON.parse(data));
    if (id !== "") known = id;
  }

  async function read(body) {
    const reader = body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = "";
    for (;;) {
      const quiet = setTimeout(() => stopped.abort(), QUIET_MS);
      const { value, done } = await reader.read().finally(() => clearTimeout(quiet));
      if (done) return;
      const blocks = (rest + value).split("\n\n");
      rest = blocks.pop();
      blocks.forEach(take);
      tries = 0;
    }
  }

  async function once() {
    const headers = { Accept: "text/event-stream" };
    if (known !== "") headers["Last-Event-ID"] = known;
    if (on.token() !== "") headers.Authorization = "Bearer " + on.token();
    stopped = new AbortController();
    const reply = await fetch("/events", { headers, cache: "no-store", signal: stopped.signal });
    if (reply.status === 401) return "token";
    if (!reply.ok) return "away";
    on.state("live");
    await read(reply.body);
    return "away";
  }

  async function run() {
    if (running) return;
    running = true;
    while (!document.hidden || hiding !== 0) {
      const state = await once().catch(() => "away");
      if (document.hidden && hiding === 0) break;
      on.state(state);
      nap = new AbortController();
      await wait(AWAY_MS[Math.min(tries++, AWAY_MS.length - 1)], nap.signal);
      if (state === "token" && on.token() === "") break;
    }
    running = false;
  }

  function again() {
    tries = 0;
    nap.abort();
    run();
  }

  document.addEventListener("visibilitychange", () => {
    clearTimeout(hiding);
    hiding = 0;
    if (!document.hidden) return again();
    hiding = setTimeout(() => { hiding = 0; stopped.abort(); nap.abort(); on.state("resting"); }, HIDDEN_MS);
  });
  addEventListener("online", again);
  run();
  /* With another token. */
  return { again() { known = ""; stopped.abort(); again(); } };
}
