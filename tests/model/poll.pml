/* Polled queues: nobody rings for them. One idle hart watches them, the others sleep; who gets a thread hands over.
 * README.md maps the steps to functions. Holds: as long as any hart is idle, what is submitted is served, without any
 * help of a tick; a lost request shows as an invalid end state. Queue and threads come and go, at any step.
 * Each of these leaves one rule out and must fail: NO_CALL NO_HAND_OVER NO_TAKE. */

#ifndef HARTS
#define HARTS 2
#endif
#ifndef CHANGES
#define CHANGES 3
#endif
#ifndef LIVES
#define LIVES 2
#endif
#define REQUESTS 2
#define NONE 9

/* Shared memory */
byte sq_tail;

/* Lock held */
bool lock;
bool bound;
byte sq_head;
bool ready;         /* the worker; else it is Polling */
byte watcher = NONE;
bool thread[HARTS]; /* the hart has one to run */
bool kick[HARTS];   /* its software interrupt */
byte sight;         /* what the watcher compares; read without the lock */

byte changes; /* threads that came */
byte served;
byte lives;

inline acquire() { atomic { !lock -> lock = true } }
inline release() { lock = false }

#define ANY_IDLE (!thread[0] || !thread[1] || !thread[HARTS - 1])

/* call_watcher: an idle hart, whichever comes first */
inline call_watcher() {
    atomic {
        watcher = NONE;
        i = 0;
        do
        :: i < HARTS && bound && !thread[i] -> watcher = i; kick[i] = true; break
        :: i < HARTS && !(bound && !thread[i]) -> i++
        :: i == HARTS -> break
        od;
        i = 0
    }
}

inline look_at_polled() {
    atomic { if :: bound && sq_tail != sq_head -> ready = true :: else fi }
}
/* A turn of the worker, then Polling again */
inline serve() {
    atomic {
        if
        :: ready && sq_tail != sq_head -> sq_head++; served++
        :: else -> ready = false; sight = sq_head
        fi
    }
}

/* leave_after_work and idle; the lock is held at the top */
proctype hart(byte h) {
    byte i;
    bool stays;
    acquire();
    do
    :: thread[h] ->
#ifndef NO_HAND_OVER
       if :: watcher == h -> call_watcher() :: else fi;
#endif
       release();
       if :: stays = true :: stays = false fi; /* it runs for ever, or waits for something */
end_thread:
       if
       :: atomic { !lock && !ANY_IDLE && bound && sq_tail != sq_head -> lock = true }; /* a tick: nobody is idle */
          look_at_polled(); serve()
       :: atomic { !stays && !lock -> lock = true }; thread[h] = false
       fi
    :: !thread[h] && ready -> serve(); release(); acquire()
    :: !thread[h] && !ready ->
#ifndef NO_TAKE
       atomic { if :: bound && watcher == NONE -> watcher = h :: else fi };
#endif
       if
       :: bound && watcher == h ->
          release();
end_watch:
          (kick[h] || !bound || sq_tail != sight)
       :: else ->
          release();
end_sleep:
          kick[h]
       fi;
       acquire();
       kick[h] = false;
       look_at_polled()
    od
}

/* Threads become ready for harts: a kick tells them. */
proctype world() {
    byte h;
end:
    do
    :: changes < CHANGES ->
       atomic { !lock -> lock = true };
       atomic {
           if :: h = 0 :: h = 1 :: h = HARTS - 1 fi;
           if :: !thread[h] -> thread[h] = true; kick[h] = true :: else fi;
           changes++
       };
       release()
    :: changes == CHANGES -> break
    od
}

/* Binds, submits and waits, unbinds; and again. Its own hart is none of these. */
proctype user() {
    byte i, n;
    do
    :: lives < LIVES ->
       acquire();
       atomic { bound = true; sq_head = 0; sq_tail = 0; sight = 0; ready = false; served = 0; lives++ };
#ifndef NO_CALL
       call_watcher();
#endif
       release();
       n = 0;
       do
       :: n < REQUESTS -> n++; sq_tail = n; if :: true :: (served == n) fi
       :: n == REQUESTS -> (served == n); break
       od;
       acquire();
       atomic { bound = false; ready = false };
       release()
    :: lives == LIVES -> break
    od
}

init {
    atomic {
        run hart(0); run hart(1);
        if :: HARTS == 3 -> run hart(2) :: else fi;
        run world(); run user()
    }
}
