/* Completion: kernel -> user. One executor with two strands, each with a TAIC vector of its own or with none; the
 * kernel's worker on another hart completes their requests directly, by a send of the vector, or through the ring.
 * TAIC delivers on its own time and, with LOSSY, loses a send that comes before the last one was served; a neighbour
 * forges and repeats task words (STALE), and the queue dies between any two requests (DEATH).
 * Holds: no invalid end state (a strand waits for ever: a lost wake-up), no strand resumed without its completion or
 * twice, none woken by another's word, nothing completed after death.
 * Each of these leaves one rule out and must fail: NO_USER_FENCE NO_KERNEL_FENCE NO_RECHECK NO_DONE_SCAN
 * NO_DONE_CHECK; with DEATH, NO_BURY; with DEATH and UNBIND, NO_UNBIND_FENCE. ONE_SHOT chooses the registration.
 * README.md maps the steps to functions. */

#ifndef REQUESTS
#define REQUESTS 2 /* of each strand */
#endif
#define STRANDS 2
/* Vector of a strand; the dispatcher (0) serves the second one with ONE_VECTOR. */
#ifdef ONE_VECTOR
#define VECTOR(s) (1 - (s))
#define OWNER(v) ((v) == 1 -> 0 : NOBODY)
#else
#define VECTOR(s) ((s) + 1)
#define OWNER(v) ((v) - 1)
#endif
#define NOBODY 9

/* ustate (sel4/async_abi.h) */
#define RUNNING 0
#define BLOCKED 1
#define NOTIFIED 2
#define POLLING 4

/* Shared memory. A slot belongs to one strand here; `done` is the generation written last. */
byte ustate;
byte done[STRANDS];
byte ring; /* cq_tail: entries published; who is in them: */
byte entry[STRANDS * REQUESTS];
byte asked[STRANDS]; /* generation submitted */
bool kstate_dead;

/* Kernel's half */
byte served[STRANDS];
byte filled; /* private cq_tail */
bool direct;

/* The process' TAIC queue, its registrations, the kernel's one pending send */
chan words = [6] of { byte }; /* vector */
bool armed[STRANDS + 1];
byte sending = NOBODY;

bool notified; /* the Notification */

/* The executor: private memory */
byte waits[STRANDS]; /* generation the strand waits for; 0: none */
byte used[STRANDS];  /* last generation */
byte resumed[STRANDS];
byte head; /* cq_head */
bool finished;

/* --- TAIC */
inline deliver() {
    atomic {
        if
        :: sending != NOBODY && armed[sending] -> words!sending;
#ifdef ONE_SHOT
            if :: sending != 0 -> armed[sending] = false :: else fi
#endif
        :: else
        fi;
        sending = NOBODY
    }
}
active proctype device() {
end:
    do
    :: atomic { sending != NOBODY -> deliver() }
    od
}
inline send(v) {
#ifdef LOSSY
    atomic { sending = v } /* whatever was pending is overwritten */
#else
    atomic { sending == NOBODY -> sending = v }
#endif
}

/* --- kernel/async/worker.cpp: serve, deliver, publish_all */
proctype kernel() {
    byte s, state;
    bool wake, used_ring;
end:
    do
    :: atomic { (asked[0] != served[0] || asked[1] != served[1]) && !kstate_dead && !finished -> s = 0; used_ring = false };
       direct = ustate == POLLING;
       if :: direct = false :: true fi; /* more requests than most_direct */
       do
       :: atomic { s < STRANDS && asked[s] != served[s] -> served[s]++ };
          done[s] = served[s];
          if
          :: direct && VECTOR(s) != 0 -> send(VECTOR(s))
          :: else -> atomic { entry[filled] = s; filled++; used_ring = true };
             if :: ring = filled :: true fi /* show_completions() */
          fi;
          s++
       :: s < STRANDS && asked[s] == served[s] -> s++
       :: s == STRANDS -> break
       od;
       /* publish(); used_ring: announced differs from the tail */
#ifdef NO_KERNEL_FENCE
       state = ustate;
       if :: used_ring -> ring = filled :: else fi;
#else
       if :: used_ring -> ring = filled :: else fi;
       state = ustate;
#endif
       wake = false;
       if
       :: state == RUNNING || state == NOTIFIED || state == POLLING && !used_ring
       :: else -> atomic { if :: ustate == state -> ustate = NOTIFIED; wake = true :: else fi }
       fi;
       if
       :: wake && state == BLOCKED -> notified = true
       :: wake && state == POLLING -> send(0)
       :: else
       fi;
       atomic { s = 0; state = 0; wake = false; used_ring = false }
#ifdef DEATH
#ifdef UNBIND /* by whoever has the capability: only a sleeper is signalled */
    :: atomic { !kstate_dead && !finished };
#ifdef NO_UNBIND_FENCE
       state = ustate; kstate_dead = true;
#else
       kstate_dead = true; state = ustate;
#endif
       if :: state == BLOCKED -> notified = true :: else fi;
       state = 0
#else
    :: atomic { !kstate_dead && !finished -> kstate_dead = true };
#ifndef NO_BURY
       notified = true
#endif
#endif
#endif
    od
}

#ifdef STALE
/* Old owners of the TAIC queue, other harts, vectors closed long ago: words that nobody is owed. */
active proctype neighbour() {
    byte left = 1;
end:
    do
    :: atomic { left > 0 && nfull(words) -> left--; if :: words!1 :: words!2 :: words!0 fi }
    od
}
#endif

/* --- libsel4async/src/executor.cpp */
inline wake_strand(s) { /* the ticket is claimed */
    atomic {
        assert(waits[s] != 0 && resumed[s] < waits[s] && !ready[s]);
        assert(done[s] == waits[s] || dead);
        resumed[s] = waits[s];
        waits[s] = 0;
        ready[s] = true
    }
}
inline take_words() {
    took = false;
    do
    :: atomic { nempty(words) -> words?v; took = true };
       if
       :: v == 0
       :: v != 0 ->
#ifdef ONE_SHOT
            armed[v] = true;
#endif
            atomic {
                s = OWNER(v);
#ifdef NO_DONE_CHECK
                if :: s != NOBODY && waits[s] != 0 -> wake_strand(s) :: else fi;
#else
                if :: s != NOBODY && waits[s] != 0 && done[s] == waits[s] -> wake_strand(s) :: else fi;
#endif
                s = 0
            }
       fi
    :: empty(words) -> break
    od
}
/* Before it sleeps: what was done but not heard of */
inline take_done() {
    skip;
#ifndef NO_DONE_SCAN
    s = 0;
    do
    :: s < STRANDS ->
        atomic {
            if
            :: VECTOR(s) != 0 && waits[s] != 0 && done[s] == waits[s] -> wake_strand(s); took = true
            :: else
            fi;
            s++
        }
    :: s == STRANDS -> s = 0; break
    od
#endif
}
inline drain() {
    tail = ring;
    atomic {
        do
        :: head != tail ->
            s = entry[head]; head++;
            if
            :: waits[s] != 0 && done[s] == waits[s] -> wake_strand(s)
            :: else /* spurious */
            fi
        :: head == tail -> s = 0; break
        od
    }
}
inline run_ready() {
    atomic {
        s = 0;
        do
        :: s < STRANDS && ready[s] && used[s] < REQUESTS && !dead ->
            ready[s] = false; used[s]++; waits[s] = used[s]; s++
        :: s < STRANDS && ready[s] && (used[s] == REQUESTS || dead) -> ready[s] = false; live--; s++
        :: s < STRANDS && !ready[s] -> s++
        :: s == STRANDS -> s = 0; break
        od
    }
}
inline flush() {
    do
    :: atomic { used[0] != asked[0] -> asked[0] = used[0] }
    :: atomic { used[1] != asked[1] -> asked[1] = used[1] }
    :: used[0] == asked[0] && used[1] == asked[1] -> break
    od
}
inline die() {
    atomic {
        dead = true;
        if :: waits[0] != 0 -> wake_strand(0) :: else fi;
        if :: waits[1] != 0 -> wake_strand(1) :: else fi
    }
}
#define STRANDS_WAIT (waits[0] != 0 || waits[1] != 0)

proctype executor() {
    bool ready[STRANDS], took, dead;
    byte s, v, tail, live = STRANDS;
    ready[0] = true; ready[1] = true;
    armed[0] = true; armed[1] = true; armed[2] = true;
    do
    :: run_ready();
       flush();
       if :: live == 0 -> break :: else fi;
       drain();
       if
       :: ready[0] || ready[1]
       :: else ->
           /* watch() */
           if
           :: kstate_dead && !dead -> die(); goto again
           :: else
           fi;
           ustate = POLLING;
           tail = ring;
           if :: tail != head -> ustate = RUNNING; goto again :: else fi;
           /* wait_for_words(): gives up at any time */
           take_words();
           if :: took || ring != head -> ustate = RUNNING; goto again :: else fi;
           if :: true -> take_words() :: true fi;
           if :: took -> ustate = RUNNING; goto again :: else fi;
           /* sleep() */
#ifdef NO_USER_FENCE /* the loads overtake the store */
           tail = ring; take_words(); if :: !took -> take_done() :: else fi;
           ustate = BLOCKED;
#else
           ustate = BLOCKED;
#ifdef NO_RECHECK
           tail = head; took = false;
#else
           tail = ring; take_words(); if :: !took -> take_done() :: else fi;
#endif
#endif
           if
           :: tail == head && !took && !kstate_dead -> atomic { notified -> notified = false } /* wait() */
           :: else
           fi;
           ustate = RUNNING;
           take_words()
       fi;
again: skip
    od;
    finished = true
}

init { atomic { run kernel(); run executor() } }
