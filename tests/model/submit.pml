/* Submission: user -> kernel. Two processes publish requests and ring the kernel through TAIC; two harts serve them,
 * poll, put workers to sleep, cut their rounds short; one queue is killed or deleted at any step, its memory reused
 * and its TAIC process lent to a new queue. README.md maps the steps to functions.
 * Every statement outside `atomic` is one access of one party, so all interleavings are searched.
 * Holds: no invalid end state (a user waits, nobody moves: a lost wake-up) and no failed assertion.
 * Each of these leaves one rule out and must fail: NO_USER_FENCE NO_KERNEL_FENCE NO_RECHECK NO_RAISE NO_OFFER
 * and, with DEATH, NO_LEAVE and SPIN_READS_QUEUE. With DRIVE a user may also enter the kernel for a batch and have it
 * carried out there, on its own hart, instead of looking at kstate; to leave out: NO_REDRIVE NO_DRIVE_LOCK and, with
 * DEATH, NO_DRIVE_CHECK NO_DRIVE_BURY. With LOSSY any word may be dropped (a full queue, taic.md 3.6), and a tick or a
 * hart about to be idle looks at who has rung; to leave out: NO_LOOK. */

#ifndef QUEUES
#define QUEUES 1
#endif
#ifndef HARTS
#define HARTS 1
#endif
#ifndef REQUESTS
#define REQUESTS 2
#endif
#define NONE 9

/* kstate (sel4/async_abi.h) */
#define RUNNING 0
#define BLOCKED 1
#define NOTIFIED 2
#define DEAD 3

/* WorkerState */
#define ASLEEP 0
#define READY 1
#define ACTIVE 2
#define POLLING 3

/* Turn */
#define IDLE 0
#define MORE 1
#define ENDED 2

/* Shared memory */
byte sq_tail[QUEUES];
byte kstate[QUEUES];

/* The kernel's half of each queue, and the executor's tables; lock held */
bool lock;
byte sq_head[QUEUES];
byte worker[QUEUES];
bool started[QUEUES];
bool ready[QUEUES]; /* the ready list */
bool bound[QUEUES];
bool dead[QUEUES];
byte life[QUEUES]; /* which queue this place and its TAIC process belong to */
byte watching[HARTS];
bool expired[HARTS];

/* The kernel's queue in TAIC; what the users send travels on its own time */
chan lq0 = [5] of { byte };
bool sending[QUEUES];
bool line;
byte service;
bool soft[HARTS]; /* the stored software-interrupt bit */

/* What the model watches */
byte done[QUEUES];
bool told[QUEUES]; /* the user was woken for the queue's end, or its mapping is gone */
bool freed[QUEUES];
bool killed;

#define WORK_LEFT (ready[0] || ready[QUEUES - 1])

inline acquire() { atomic { !lock -> lock = true } }
inline release() { lock = false }

/* --- TAIC: words of the kernel's queue; any dequeue takes the line down (taic.md 3.4, 3.7) */
active proctype device() {
end:
    do
    :: atomic { sending[0] -> sending[0] = false; lq0!0; line = true }
    :: atomic { sending[QUEUES - 1] -> sending[QUEUES - 1] = false; lq0!(QUEUES - 1); line = true }
#ifdef LOSSY
    :: atomic { sending[0] -> sending[0] = false }
    :: atomic { sending[QUEUES - 1] -> sending[QUEUES - 1] = false }
#endif
    od
}

/* --- kernel/async, lock held */
inline leave(q) {
    atomic {
#ifndef NO_LEAVE
        bound[q] = false;
        life[q]++;
#endif
        ready[q] = false;
        if :: watching[0] == q -> watching[0] = NONE :: else fi;
        if :: watching[HARTS - 1] == q -> watching[HARTS - 1] = NONE :: else fi
    }
}
inline take_doorbells() {
    do
    :: atomic {
           nempty(lq0) -> lq0?w; line = false;
           if
           :: bound[w] && worker[w] == ASLEEP -> worker[w] = READY; ready[w] = true
           :: else
           fi;
           w = NONE
       }
    :: atomic { empty(lq0) -> line = false; break }
    od
}
/* Rung, and its word has not come: perhaps it never will */
#define SEEMS_LOST(q) (bound[q] && worker[q] == ASLEEP && kstate[q] == NOTIFIED)
inline look_for_lost_doorbells() {
    atomic {
        if :: SEEMS_LOST(0) -> worker[0] = READY; ready[0] = true :: else fi;
        if :: SEEMS_LOST(QUEUES - 1) -> worker[QUEUES - 1] = READY; ready[QUEUES - 1] = true :: else fi
    }
}
inline serve(q) {
    atomic {
        turn = IDLE;
        if
        :: sq_tail[q] != sq_head[q] ->
            if
            :: !killed -> killed = true; dead[q] = true; turn = ENDED /* a corrupt index */
            :: true -> sq_head[q]++; done[q]++; assert(done[q] <= sq_tail[q]); turn = MORE
            fi
        :: else
        fi
    };
    if
    :: turn == ENDED -> kstate[q] = DEAD
    :: atomic { turn == MORE && sq_tail[q] == sq_head[q] -> turn = IDLE }
    :: turn == MORE && sq_tail[q] != sq_head[q]
    :: turn == IDLE
    fi
}
inline prepare_sleep(q) {
#ifdef NO_KERNEL_FENCE /* the load overtakes the store */
    seen = sq_tail[q];
    kstate[q] = BLOCKED;
#else
    kstate[q] = BLOCKED;
    seen = sq_tail[q];
#endif
#ifndef NO_RECHECK
    if
    :: seen != sq_head[q] -> kstate[q] = RUNNING; turn = MORE
    :: else
    fi;
#endif
    skip
}
inline resume(h, q) {
    atomic {
        assert(!dead[q] && !freed[q] && worker[q] != ACTIVE);
        worker[q] = ACTIVE;
        if :: started[q] -> kstate[q] = RUNNING :: else -> started[q] = true fi
    };
    do
    :: serve(q);
       if
       :: atomic { turn == ENDED -> told[q] = true; leave(q) }; break /* co_return, bury */
       :: turn == MORE -> atomic { worker[q] = READY; ready[q] = true }; break
       :: turn == IDLE && !expired[h] && watching[h] == NONE -> atomic { worker[q] = POLLING; watching[h] = q }; break
       :: turn == IDLE -> /* the hart may not poll */
            prepare_sleep(q);
            if :: turn == IDLE -> worker[q] = ASLEEP; break :: else -> kstate[q] = RUNNING fi
       fi
    od
}
inline run_ready(h) {
    do
    :: atomic {
           if
           :: ready[0] -> q = 0
           :: ready[QUEUES - 1] -> q = QUEUES - 1
           :: else -> q = NONE; break
           fi;
           ready[q] = false
       };
       resume(h, q);
       q = NONE;
       take_doorbells();
       if
       :: true
       :: true -> /* another interrupt, or somebody wants the lock */
#ifndef NO_RAISE
            if :: WORK_LEFT -> soft[h] = true :: else fi;
#endif
            break
       fi
    od;
    atomic { q = NONE; seen = 0; turn = IDLE }
}
inline end_polling(h) {
    if
    :: watching[h] != NONE ->
        q = watching[h];
        watching[h] = NONE;
        expired[h] = sq_tail[q] == sq_head[q];
        resume(h, q);
        atomic {
            expired[h] = false;
#ifndef NO_OFFER
            if :: WORK_LEFT -> soft[h] = true :: else fi; /* to whichever hart; this one stands for it */
#endif
            q = NONE; seen = 0; turn = IDLE
        }
    :: else
    fi
}

proctype hart(byte h) {
    byte w = NONE, q = NONE, seen, turn;
end:
    do
    :: atomic { watching[h] == NONE && !lock && (soft[h] || (line && service == h)) -> lock = true };
       take_doorbells();
       soft[h] = false;
       run_ready(h);
       release()
#if defined(LOSSY) && !defined(NO_LOOK)
    :: atomic { watching[h] == NONE && !lock && (SEEMS_LOST(0) || SEEMS_LOST(QUEUES - 1)) -> lock = true };
       look_for_lost_doorbells();
       run_ready(h);
       release()
#endif
#ifdef SPIN_READS_QUEUE
    :: atomic { watching[h] != NONE && !lock -> q = watching[h] };
       assert(!freed[q]); q = NONE;
       acquire();
#else
    :: atomic { watching[h] != NONE && !lock -> lock = true };
#endif
       end_polling(h);
       release()
    od
}

/* --- AsyncQueueDrive: the invocation's decode, then drive() and serve_now() on the caller's hart. The worker takes no part:
 * its state, kstate and what harts watch stay as they are, so a later look finds fewer requests, or none. */
inline drive(q) {
#ifndef NO_DRIVE_LOCK
    acquire();
#endif
#ifndef NO_DRIVE_CHECK
    if
    :: life[q] != mine || dead[q] -> release(); goto gone /* the capability is gone, or the queue is not bound */
    :: else
    fi;
#endif
    assert(worker[q] != ACTIVE);
    assert(!dead[q] && !freed[q]);
    do
    :: serve(q);
       if
       :: turn == MORE
       :: turn == MORE -> break /* the budget, an interrupt, a preempted request */
       :: turn != MORE -> break
       fi
    od;
    if
    :: turn == ENDED ->
#ifdef NO_DRIVE_BURY
       told[q] = true
#else
       atomic { told[q] = true; leave(q) }
#endif
    :: else
    fi;
    turn = IDLE;
#ifndef NO_DRIVE_LOCK
    release()
#endif
}

/* --- The user's side: Executor::flush. A mapping that is gone ends the process (`mine` is the queue's life). */
proctype user(byte q; byte mine) {
    byte n, seen, turn;
    do
    :: n < REQUESTS ->
        n++;
#ifdef DRIVE /* a batch, which the budget can cut */
        if :: n < REQUESTS -> n++ :: true fi;
#endif
#ifdef NO_USER_FENCE
        atomic { if :: life[q] != mine -> goto gone :: else -> seen = kstate[q] fi };
        atomic { if :: life[q] != mine -> goto gone :: else -> sq_tail[q] = n fi };
#else
        atomic { if :: life[q] != mine -> goto gone :: else -> sq_tail[q] = n fi };
#ifdef DRIVE
        if
        :: true ->
again:      drive(q);
#ifndef NO_REDRIVE
            if
            :: atomic { life[q] == mine && done[q] < n -> goto again }
            :: else
            fi;
#endif
            goto next
        :: true
        fi;
#endif
        atomic { if :: life[q] != mine -> goto gone :: else -> seen = kstate[q] fi };
#endif
        if
        :: seen == RUNNING || seen == NOTIFIED
        :: seen == DEAD -> goto gone
        :: seen == BLOCKED ->
            atomic {
                if
                :: life[q] != mine -> goto gone
                :: life[q] == mine && kstate[q] == seen -> kstate[q] = NOTIFIED
                :: life[q] == mine && kstate[q] != seen -> goto next
                fi
            };
            atomic { if :: life[q] != mine -> goto gone :: else -> sending[q] = true fi }
        fi;
next:   seen = 0;
        if
        :: true
        :: done[q] >= n || life[q] != mine || told[q]
        fi
    :: n == REQUESTS -> (done[q] >= n || life[q] != mine || told[q]); break
    od;
gone:
    skip
}

/* AsyncQueueUnbind or deletion, at any step; then the memory is another's, and the TAIC process too. */
proctype reaper() {
    byte q = 0;
    if
    :: atomic { !killed && !lock -> lock = true; killed = true };
       leave(q);
       dead[q] = true;
       kstate[q] = DEAD;
       told[q] = true;
       freed[q] = true;
       release();
       acquire(); /* a new queue in the old place */
       atomic {
           sq_tail[q] = 0; sq_head[q] = 0; done[q] = 0; kstate[q] = BLOCKED;
           worker[q] = ASLEEP; started[q] = false;
           dead[q] = false; freed[q] = false; told[q] = false; bound[q] = true;
           run user(q, life[q])
       };
       release()
    :: killed
    :: true
    fi
}

init {
    atomic {
        watching[0] = NONE; watching[HARTS - 1] = NONE;
        kstate[0] = BLOCKED; kstate[QUEUES - 1] = BLOCKED;
        bound[0] = true; bound[QUEUES - 1] = true;
        run hart(0); run user(0, 0);
        if :: HARTS == 2 -> run hart(1) :: else fi;
        if :: QUEUES == 2 -> run user(1, 0) :: else fi;
#ifdef DEATH
        run reaper()
#else
        killed = true
#endif
    };
    /* update_service_hart: once, at any time, under the lock */
    if
    :: HARTS == 2 -> atomic { !lock -> service = 1 }
    :: true
    fi
}
