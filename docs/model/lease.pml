/* Who writes to a shared state, and what one who was replaced may still send (docs/postgresql.md).
 *
 * Two processes on two machines, the database with the one row that says who writes, one job, and time.
 * What one process does about its own doubt is submit.pml's; here an attempt in doubt is settled in one
 * step: after the settle time it is found if its task is there, else believed absent. How to run it: README.md. */

/* ---- the measures, in ticks of 10 s ---- */

#define LEASE  3 /* how long a process that is not heard of still counts as at work */
#define MARGIN 1 /* clocks that run apart, and the way from the question to the wire */
#ifndef SETTLE
#define SETTLE 3 /* from when an attempt was over for us until its absence is believed */
#endif
#ifndef LATE
#define LATE 3 /* a request makes its task, and it is listed, at most so long after it was sent */
#endif
#ifndef STOP
#define STOP 0 /* longest time that the system stops a process between the question and the sending */
#endif
#ifndef TAKES
#define TAKES 3 /* how often the state is taken over at most */
#endif
#define ATTEMPTS 3

/* ---- the rules, each of which can be left out to see what it is for: -DRULE=0 ---- */

#ifndef NUMBERED_WRITES
#define NUMBERED_WRITES 1 /* a commit asks for its number first, and none but the last taker's is told yes */
#endif
#ifndef ASKS_BEFORE_SENDING
#define ASKS_BEFORE_SENDING 1 /* right before the bytes leave, the boot clock is asked whether the lease stands */
#endif
#ifndef COUNTS_FROM_ASKING
#define COUNTS_FROM_ASKING 1 /* the lease runs from when the commit was asked for, not from its answer */
#endif
#ifndef COUNTS_ON_OTHERS
#define COUNTS_ON_OTHERS 1 /* what the one before may send while it believes in its lease is over only then */
#endif
#ifndef PASSES_IT_ON
#define PASSES_IT_ON 1 /* one that lets go in order leaves that to the next, too */
#endif
#ifndef WAITS_FOR_LEASE
#define WAITS_FOR_LEASE 0 /* taking over waits for the lease's end by the database's clock: no claim rests on it */
#endif

/* ---- what there is ---- */

mtype:attempt = { NONE, OPEN, ACCEPTED, ABSENT };
mtype:step = { IDLE, ASKING, ASKED, MAY_SEND, ASKED_CLOCK, SENT, DONE };

/* The database. */
byte number = 0;          /* of who took over last */
byte seen = 0;            /* ticks since it was heard of */
bool ended = true;        /* it let go in order */
byte stray = 0;           /* until the one before can send no more */
mtype:attempt attempt[ATTEMPTS] = NONE;
byte n = 0;

/* The processes: their number, what is left of the lease by their boot clock, where they are, and how
 * long ago they asked for the commit that is on its way. `mine` is the attempt that they wrote down. */
byte holds[2] = 0, left[2] = 0, age[2] = 0, mine[2] = 0, stopped[2] = 0, over[2] = 0;
mtype:step at[2] = IDLE;
bool done[2] = false;  /* the commit on its way was carried out */
bool again[2] = false; /* it was carried out before, and its answer was lost */

/* The network and the service. */
bool flying[ATTEMPTS] = false;
byte flown[ATTEMPTS] = 0;
bool made[ATTEMPTS] = false;
byte paid = 0;
byte takes = 0;
bool ready = true; /* the job is to be submitted */
hidden byte i;
hidden int ticks;

#define TELL(text, p) printf("\n%d s  process %d: ", ticks * 10, p); printf(text)

#define OWNS(p) (number > 0 && holds[p] == number && !ended)

/* ---- a process ---- */

inline forget(p) { /* what it meant to do next; its request on the wire is the network's */
  at[p] = IDLE;
  age[p] = 0;
  done[p] = false;
  again[p] = false
}

inline take(p) {
  takes++;
  TELL("takes over", p);
  if
  :: ended && PASSES_IT_ON -> skip
  :: ended && !PASSES_IT_ON -> stray = 0
  :: !ended && COUNTS_ON_OTHERS -> stray = LEASE + MARGIN
  :: else -> stray = 0
  fi;
  number++;
  ended = false;
  seen = 0;
  holds[p] = number;
  left[p] = LEASE;
  over[p] = 0;
  forget(p)
}

proctype process(byte p) {
  do
  :: atomic { takes < TAKES && !OWNS(p) && (ended || seen >= LEASE || !WAITS_FOR_LEASE) -> take(p) }
  /* Lets go in order: nothing of its own is on the wire or about to be. */
  :: atomic { OWNS(p) && at[p] == IDLE ->
      TELL("lets go", p); ended = true; holds[p] = 0; left[p] = 0 }

  /* A commit: asked for, carried out by the database or refused, answered at any time or never. */
  :: atomic { holds[p] > 0 && at[p] == IDLE && ready && attempt[n] == NONE ->
      at[p] = ASKING; age[p] = 0; done[p] = false; mine[p] = n }
  :: atomic { at[p] == ASKING && !done[p] ->
      if
      :: OWNS(p) || !NUMBERED_WRITES ->
        if
        :: attempt[mine[p]] == NONE || attempt[mine[p]] == OPEN && again[p] ->
          TELL("writes the attempt down", p);
          attempt[mine[p]] = OPEN; ready = false; seen = 0; done[p] = true
        :: else -> holds[p] = 0; forget(p)
        fi
      :: else -> TELL("is told that it was replaced", p); holds[p] = 0; forget(p)
      fi }
  :: atomic { at[p] == ASKING && done[p] && !again[p] -> /* the answer is lost: asked for again */
      done[p] = false; again[p] = true; age[p] = 0 }
  :: atomic { at[p] == ASKING && done[p] -> /* the answer comes */
#if COUNTS_FROM_ASKING
      left[p] = (age[p] < LEASE -> LEASE - age[p] : 0);
#else
      left[p] = LEASE;
#endif
      at[p] = MAY_SEND }

  /* The question, then the sending: in between the system may stop it. */
  :: atomic { at[p] == MAY_SEND ->
      if
      :: left[p] > 0 || !ASKS_BEFORE_SENDING -> at[p] = ASKED_CLOCK; stopped[p] = 0
      :: else -> TELL("is held back", p); holds[p] = 0; forget(p)
      fi }
  :: atomic { at[p] == ASKED_CLOCK -> TELL("sends", p); flying[mine[p]] = true; flown[mine[p]] = 0; at[p] = SENT }
  :: atomic { at[p] == SENT && made[mine[p]] && OWNS(p) -> attempt[mine[p]] = ACCEPTED; forget(p) }

  /* What the one before left open: in doubt. Its absence is believed after the settle time. */
  :: atomic { OWNS(p) && at[p] == IDLE && attempt[n] == OPEN && made[n] ->
      TELL("finds the task", p); attempt[n] = ACCEPTED }
  :: atomic { OWNS(p) && at[p] == IDLE && attempt[n] == OPEN && !made[n] &&
      stray == 0 && over[p] >= SETTLE && n < ATTEMPTS - 1 ->
      TELL("believes it absent", p); attempt[n] = ABSENT; n++; ready = true }
  od
}

/* ---- the network, the service, time ---- */

active proctype service() {
  byte a;
  do
  :: atomic { flying[0] || flying[1] || flying[2] ->
      if
      :: flying[0] -> a = 0
      :: flying[1] -> a = 1
      :: flying[2] -> a = 2
      fi;
      flying[a] = false;
      if
      :: printf("\n%d s  service: makes a task (attempt %d)", ticks * 10, a + 1);
        assert(paid == 0); /* never twice */
        paid++;
        made[a] = true
      :: skip /* lost */
      fi }
  od
}

/* Time does not pass over what must have happened by now: a request arrives, and a process that may send
 * is not kept from it for longer than the system stops it. */
#define ARRIVED(a) (!(flying[a] && flown[a] >= LATE))
#define WOKEN(p)   (!(at[p] == ASKED_CLOCK && stopped[p] >= STOP))
#define SETTLED    (ARRIVED(0) && ARRIVED(1) && ARRIVED(2) && WOKEN(0) && WOKEN(1))

#define UP(timer, running, most)                                                                             \
  if                                                                                                         \
  :: (running) && timer < (most) -> timer++                                                                  \
  :: else -> skip                                                                                            \
  fi
#define DOWN(timer)                                                                                          \
  if                                                                                                         \
  :: timer > 0 -> timer--                                                                                    \
  :: else -> skip                                                                                            \
  fi

active proctype clock() {
  do
  :: atomic { SETTLED ->
      ticks++;
      UP(seen, !ended, LEASE);
      for (i : 0 .. 1) {
        UP(age[i], at[i] == ASKING, LEASE);
        UP(stopped[i], at[i] == ASKED_CLOCK, STOP);
        UP(over[i], OWNS(i) && stray == 0 && attempt[n] == OPEN, SETTLE);
        DOWN(left[i])
      }
      DOWN(stray);
      for (i : 0 .. 2) { UP(flown[i], flying[i], LATE) } }
  od
}

init { atomic { run process(0); run process(1) } }
