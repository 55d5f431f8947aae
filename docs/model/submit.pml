/* The submission protocol of docs/store.md, small enough that every run of it can be tried.
 *
 * One job, one account, the program (src/core/submit.c, settle.c, load.c), the network and service, crashes, and
 * time. `spin` tries every order in which these can act. How to run it, what it says: README.md here.
 *
 * To read it: `::` begins an alternative; of those whose first statement can be done now, any may be taken, and spin
 * takes them all in turn. A condition standing alone waits until it is true. What is inside `atomic` happens at once:
 * in the program that is one commit to the state, in the world one thing that happens. A crash may come between
 * any two of these. */

/* ---- the measures, in seconds ---- */

#ifndef LATE
#define LATE 60 /* a request makes its task at most so long after our end of its connection is gone */
#endif
#ifndef LAG
#define LAG 90 /* a list shows every task that was at least so old when it was begun; younger ones perhaps */
#endif
#ifndef SETTLE
#define SETTLE 120 /* lists begun earlier than this after an attempt was over for us prove nothing */
#endif
#ifndef BETWEEN
#define BETWEEN 30 /* between the beginnings of the two lists that prove absence */
#endif
#define GIVE_UP 90 /* no complete list for so long after the settle time: a person must tell (in life, an hour) */
#define TIMEOUT 60 /* of the POST, and of a list */
#define WORK    60 /* longest work on a task */
#define DOWN    60 /* longest time until the program is started again */

#ifndef TICK
#define TICK 30 /* time moves in steps of this; within one step, things happen in any order */
#endif
#define TICKS(seconds) ((seconds) / TICK)

/* How often things go wrong at most, so that every run has an end. */
#ifndef CRASHES
#define CRASHES 3
#endif
#ifndef REFUSALS
#define REFUSALS 2 /* 429s, and connections that could not be made */
#endif
#ifndef MAX_ATTEMPTS
#define MAX_ATTEMPTS 3 /* after so many failures the job is `failed`; 2 or 3 */
#endif

/* ---- the rules, each of which can be left out to see what it is for: -DRULE=0 ---- */

#ifndef WRITE_BEFORE_SEND
#define WRITE_BEFORE_SEND 1 /* the attempt is durable before its POST may leave */
#endif
#ifndef SILENCE_IS_DOUBT
#define SILENCE_IS_DOUBT 1 /* no answer, or one that is no definite refusal, is not taken for "no" */
#endif
#ifndef OPEN_IS_DOUBT
#define OPEN_IS_DOUBT 1 /* an attempt found open at start may have left */
#endif
#ifndef SENT_ONCE
#define SENT_ONCE 1 /* the library below does not send a POST again by itself */
#endif
#ifndef WAIT_TO_SETTLE
#define WAIT_TO_SETTLE 1 /* only lists begun after the settle time count for absence */
#endif
#ifndef COUNT_FROM_END
#define COUNT_FROM_END 1 /* the settle time begins when the attempt was over for us, not when it was opened */
#endif
#ifndef TWO_LISTS
#define TWO_LISTS 1 /* one list without the task is not enough */
#endif

/* ---- what there is ---- */

mtype:job = { QUEUED, SUBMITTING, UNSURE, RUNNING, SUCCEEDED, FAILED, MODERATED, HELD };
mtype:attempt = { NEVER, OPEN, IN_DOUBT, ACCEPTED, ABSENT, OVER };
mtype:answer = { NOTHING, TASK_ID, BUSY, REFUSAL, TROUBLE };
mtype:task = { NO_TASK, AT_WORK, WHOLE, BROKEN, UNFIT, VANISHED };

/* The state file: survives a crash. attempt[n] is the last one; a refused one's place is used again. */
mtype:job job = QUEUED;
mtype:attempt attempt[MAX_ATTEMPTS] = NEVER;
byte n = 0;
byte failures = 0;

/* The program's memory: gone with a crash. */
bool up = true;
bool to_send = false;     /* the attempt is written down, its POST not yet sent */
bool connected = false;   /* our end of the POST's connection is there */
bool resting = false;     /* after a 429: until the next tick */
bool listing = false;     /* a list is on its way */
bool listed = false;      /* one list a tick */
bool absent_once = false; /* a first list without the task has come */
bool whole = false;       /* the last list came, and was complete */
bool settled = false;     /* the list on its way was begun after the settle time, */
bool apart = false;       /* … and long enough after the first one that lacked the task */

/* The network and the service: per attempt, whether its POST is on its way, and what it made. */
bool flying[MAX_ATTEMPTS] = false;
mtype:answer answer = NOTHING; /* on its way to us */
mtype:task task[MAX_ATTEMPTS] = NO_TASK;
bool sure[MAX_ATTEMPTS] = false; /* old enough to be in the list on its way */

/* Time since …, counted no further than it matters. */
byte since_sent = 0, since_over = 0, since_absent = 0, since_list = 0, since_crash = 0;
byte since_cut[MAX_ATTEMPTS] = 0, since_made[MAX_ATTEMPTS] = 0;

byte crashes = 0, refusals = 0;
hidden int ticks; /* for the story only */
hidden byte i, k; /* to go through the attempts */

/* The ledger of whoever pays: tasks that the program does not know to have failed. */
byte paid = 0;

#define EACH_ATTEMPT 0 .. MAX_ATTEMPTS - 1
#define ENDED        (job == SUCCEEDED || job == FAILED || job == MODERATED || job == HELD)
#define AT_IT        (up && !ENDED)
#define KNOWN(a)     (task[a] == NO_TASK || attempt[a] == ACCEPTED || attempt[a] == OVER)

#define TELL(text)       printf("\n%d s  ", ticks * TICK); printf(text)
#define TELL_OF(text, a) printf("\n%d s  ", ticks * TICK); printf(text); printf(" (attempt %d)", (a) + 1)

/* ---- the program ---- */

/* A job that ends, other than `held`, leaves no task that the program does not know. */
inline end_job(how) {
  job = how;
  for (k : EACH_ATTEMPT) { assert(how == HELD || KNOWN(k)) /* claim 2 */ }
}

/* A task failed, or an attempt is believed to have made none. */
inline again_or_failed() {
  failures++;
  if
  :: failures >= MAX_ATTEMPTS -> TELL("program: failed too often: the job ends failed"); end_job(FAILED)
  :: else ->
    job = QUEUED;
    if
    :: attempt[n] != NEVER -> n++
    :: else -> skip
    fi
  fi
}

inline begin_settling() {
  since_over = 0;
  since_absent = 0;
  absent_once = false
}

inline doubt() {
  attempt[n] = IN_DOUBT;
  job = UNSURE;
#if COUNT_FROM_END
  begin_settling()
#endif
}

inline no_task() { /* a definite refusal, or never sent: nothing of the attempt is left anywhere */
  attempt[n] = NEVER;
  job = QUEUED;
  resting = true
}

inline accept(a) {
  attempt[a] = ACCEPTED;
  job = RUNNING;
  begin_settling()
}

inline hang_up() { /* both directions: the socket is closed hard */
  connected = false;
  answer = NOTHING;
  since_sent = 0
}

inline send_post() {
  to_send = false;
  connected = true;
  TELL_OF("program: the POST leaves", n);
  flying[n] = true;
  run post(n)
}

inline write_down() {
  attempt[n] = OPEN;
  job = SUBMITTING;
  TELL_OF("program: writes the attempt down", n);
#if !COUNT_FROM_END
  begin_settling()
#endif
}

/* A task of ours, by its replyRef, in a list. */
inline see(a) {
  if
  :: attempt[a] == IN_DOUBT -> TELL_OF("program: finds the task in the list", a); accept(a)
  :: attempt[a] == ABSENT && job == QUEUED ->
    TELL_OF("program: takes over a task that it had believed absent", a);
    accept(a)
  :: attempt[a] == ACCEPTED && job == RUNNING ->
    if
    :: task[a] == AT_WORK -> skip
    :: task[a] == WHOLE -> TELL("program: fetches the result: succeeded"); end_job(SUCCEEDED)
    :: task[a] == UNFIT -> TELL("program: the job ends moderated"); end_job(MODERATED)
    :: task[a] == VANISHED -> TELL("program: a known task is no longer there: held"); end_job(HELD)
    :: task[a] == BROKEN ->
      TELL_OF("program: sees that the task failed", a);
      attempt[a] = OVER;
      paid--;
      again_or_failed()
    fi
  :: else -> skip
  fi
}

/* A complete list has come and the attempt is still in doubt: its task is not in it. */
inline weigh_absence() {
  if
  :: attempt[n] != IN_DOUBT || !settled -> skip
  :: else ->
    if
    :: TWO_LISTS && !absent_once ->
      TELL_OF("program: a complete list after the settle time lacks it", n);
      absent_once = true;
      since_absent = 0
    :: TWO_LISTS && absent_once && !apart -> skip
    :: !TWO_LISTS || (absent_once && apart) ->
      TELL_OF("program: a complete list lacks it, and that is enough: believed absent", n);
      attempt[n] = ABSENT;
      begin_settling();
      again_or_failed()
    fi
  fi;
  settled = false;
  apart = false
}

inline forget_list() {
  listing = false;
  since_list = 0;
  for (i : EACH_ATTEMPT) { sure[i] = false }
}

/* One step after the other; a crash may come between any two. */
active proctype program() {
  do
  :: ENDED -> break
  /* A submission: the attempt is written down; then, and only then, its POST leaves. */
#if WRITE_BEFORE_SEND
  :: atomic { AT_IT && job == QUEUED && !resting -> write_down(); to_send = true }
  :: atomic { AT_IT && to_send -> send_post() }
#else
  :: atomic { AT_IT && job == QUEUED && !resting && !to_send && !connected -> send_post(); to_send = true }
  :: atomic { AT_IT && job == QUEUED && to_send -> to_send = false; write_down() }
#endif
  :: atomic { AT_IT && to_send && refusals < REFUSALS ->
      to_send = false;
      refusals++;
      TELL_OF("program: no connection: not sent", n);
      no_task() }

  /* Its answer. Only a definite refusal is a refusal. */
  :: atomic { AT_IT && connected && job == SUBMITTING && answer != NOTHING ->
      if
      :: answer == TASK_ID -> TELL_OF("program: reads the task's id", n); accept(n)
      :: answer == BUSY -> TELL_OF("program: reads a 429", n); no_task()
      :: answer == REFUSAL -> TELL("program: reads a refusal: failed"); attempt[n] = NEVER; end_job(FAILED)
      :: answer == TROUBLE -> TELL_OF("program: reads a 5xx: unsure", n); doubt()
      fi;
      hang_up() }

  /* No answer: the time is over, or the connection breaks, at any moment. */
  :: atomic { AT_IT && connected && job == SUBMITTING ->
      hang_up();
#if !SENT_ONCE
      if
      :: task[n] != NO_TASK ->
        TELL_OF("library: the connection broke: sends the POST again by itself", n);
        send_post()
      :: true ->
#endif
#if SILENCE_IS_DOUBT
      TELL_OF("program: no answer: unsure", n);
      doubt()
#else
      TELL_OF("program: no answer: takes it for a no", n);
      no_task()
#endif
#if !SENT_ONCE
      fi
#endif
      }

  /* A list of the account's tasks. What it proves depends on when it was begun. */
  :: atomic { AT_IT && !listing && !listed ->
      listing = true;
      listed = true;
      whole = false;
      since_list = 0;
      settled = (attempt[n] == IN_DOUBT && (since_over >= TICKS(SETTLE) || !WAIT_TO_SETTLE));
      apart = (absent_once && since_absent >= TICKS(BETWEEN));
      for (i : EACH_ATTEMPT) { sure[i] = (task[i] != NO_TASK && since_made[i] >= TICKS(LAG)) } }
  :: atomic { AT_IT && listing -> /* it comes complete: with all tasks that are old enough, perhaps younger ones */
      for (i : EACH_ATTEMPT) {
        if
        :: task[i] != NO_TASK -> see(i)
        :: !sure[i] -> skip
        fi
      }
      weigh_absence();
      forget_list();
      whole = true }
  :: atomic { AT_IT && listing -> /* it fails, or is cut: it may show a task, but proves no absence */
      for (i : EACH_ATTEMPT) {
        if
        :: task[i] != NO_TASK -> see(i)
        :: true -> skip
        fi
      }
      settled = false;
      apart = false;
      forget_list() }
  :: atomic { AT_IT && attempt[n] == IN_DOUBT && since_over == TICKS(SETTLE + GIVE_UP) ->
      TELL("program: the account could not be listed for long: held");
      end_job(HELD) }
  od
}

/* ---- the network and the service ---- */

inline make_task(a) {
  flying[a] = false;
  since_cut[a] = 0;
  TELL_OF("service: makes a task", a);
  assert(paid == 0);             /* claim 1: never twice */
  assert(!ENDED || job == HELD); /* claim 2: none forgotten */
  paid++;
  task[a] = AT_WORK
}

/* One POST and what comes of it, whatever becomes of the program meanwhile. */
proctype post(byte a) {
  if
  :: atomic { flying[a] -> /* it arrives, in time or late */
      make_task(a);
      if
      :: connected && a == n -> answer = TASK_ID
      :: connected && a == n -> answer = TROUBLE
      :: connected && a == n -> TELL_OF("network: loses the answer", a)
      :: else -> skip
      fi }
  :: atomic { flying[a] ->
      TELL_OF("network: loses the request", a);
      flying[a] = false;
      since_cut[a] = 0;
      goto gone }
  :: atomic { flying[a] && connected && a == n -> /* it arrives, and no task is made */
      flying[a] = false;
      since_cut[a] = 0;
      if
      :: refusals < REFUSALS -> answer = BUSY; refusals++
      :: answer = REFUSAL
      :: answer = TROUBLE
      fi;
      goto gone }
  fi;
  if
  :: atomic { task[a] == AT_WORK -> task[a] = WHOLE; TELL_OF("service: the task has succeeded", a) }
  :: atomic { task[a] == AT_WORK -> task[a] = BROKEN; TELL_OF("service: the task has failed", a); goto gone }
  :: atomic { task[a] == AT_WORK -> task[a] = UNFIT; TELL_OF("service: the task is moderated", a); goto gone }
  fi;
  if
  :: atomic { !ENDED -> task[a] = VANISHED; TELL_OF("service: forgets the task", a) }
  :: ENDED -> skip
  fi;
gone:
  skip
}

/* ---- crashes ---- */

active proctype crash() {
  do
  :: ENDED -> break
  :: atomic { up && !ENDED && crashes < CRASHES ->
      TELL("crash: the program is killed");
      crashes++;
      up = false;
      to_send = false;
      resting = false;
      listed = false;
      settled = false;
      apart = false;
      whole = false;
      hang_up();
      forget_list() }
  :: atomic { !up ->
      TELL("crash: the program is started again");
      up = true;
      since_crash = 0;
      if
#if OPEN_IS_DOUBT
      :: attempt[n] == OPEN -> TELL_OF("program: finds the attempt open: unsure", n); doubt()
#else
      :: attempt[n] == OPEN -> TELL_OF("program: finds the attempt open: takes it for not sent", n); no_task()
#endif
#if COUNT_FROM_END
      :: attempt[n] == IN_DOUBT -> begin_settling()
#endif
      :: else -> skip
      fi }
  od
}

/* ---- time ---- */

/* Time does not pass over what must have happened by now. */
#define CUT(a)         (flying[a] && !(connected && a == n))
#define POST_DUE(a)    (CUT(a) && since_cut[a] >= TICKS(LATE))
#define TASK_DUE(a)    (task[a] == AT_WORK && since_made[a] >= TICKS(WORK))
#define ON_TIME(a)     (!POST_DUE(a) && !TASK_DUE(a))
#define MUST_SEND      (job == QUEUED && !resting || to_send)
#define MUST_LIST      (!listing && !listed)
#define TIMED_OUT      (connected && since_sent >= TICKS(TIMEOUT) || listing && since_list >= TICKS(TIMEOUT))
#define MUST_HOLD      (attempt[n] == IN_DOUBT && since_over >= TICKS(SETTLE + GIVE_UP))
#define PROGRAM_WAITS  (up && !MUST_SEND && !MUST_LIST && !TIMED_OUT && !MUST_HOLD)
#define PROGRAM_IS_OFF (!up && since_crash < TICKS(DOWN))
#if MAX_ATTEMPTS == 2
#define IN_TIME (ON_TIME(0) && ON_TIME(1) && (PROGRAM_WAITS || PROGRAM_IS_OFF))
#else
#define IN_TIME (ON_TIME(0) && ON_TIME(1) && ON_TIME(2) && (PROGRAM_WAITS || PROGRAM_IS_OFF))
#endif

#define COUNT(timer, running, most)                                                                          \
  if                                                                                                         \
  :: (running) && timer < (most) -> timer++                                                                  \
  :: else -> skip                                                                                            \
  fi

active proctype clock() {
  do
  :: ENDED -> break
  :: atomic { !ENDED && IN_TIME ->
      ticks++;
      resting = false;
      listed = false;
      COUNT(since_sent, connected, TICKS(TIMEOUT));
      COUNT(since_list, listing, TICKS(TIMEOUT));
      COUNT(since_crash, !up, TICKS(DOWN));
      COUNT(since_over, attempt[n] == IN_DOUBT || !COUNT_FROM_END && attempt[n] == OPEN, TICKS(SETTLE + GIVE_UP));
      COUNT(since_absent, absent_once, TICKS(BETWEEN));
      for (i : EACH_ATTEMPT) {
        COUNT(since_cut[i], CUT(i), TICKS(LATE));
        COUNT(since_made[i], task[i] != NO_TASK, TICKS(LAG > WORK -> LAG : WORK))
      } }
  od
}

/* Claim 3: as long as lists come whole now and then, every job ends, or is held. */
ltl never_lost { ([]<> whole) -> (<> ENDED) }
