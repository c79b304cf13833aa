/* A holder of the kernel lock makes another hart forget a translation (kernel/smp/kernel_lock.cpp), by TAIC's line or by
 * the firmware, while kicks and doorbells come by the same interrupt. README.md maps the steps to functions.
 * Holds: when the holder goes on, the other hart translates by the old entry no more; every kick and every doorbell is
 * attended to (a lost one shows as an invalid end state); the holder waits for no user code.
 * Each of these leaves one rule out and must fail: NO_LOOK NO_SECOND_LOOK NO_HOLD NO_FENCE NO_RESEND NO_OWN_KICK. */

#ifndef ROUNDS
#define ROUNDS 2
#endif
#ifndef SERVICE
#define SERVICE TARGET /* the hart that doorbells interrupt */
#endif
#define DOORBELLS 1
#define CALLS 1

#define HOLDER 0
#define TARGET 1
#define FENCE 1
#define LOOK 2
#define BELL 1
#define OWN 2

/* Shared memory; the lock orders the rest */
bool valid = true; /* the page table's entry */
byte requests;     /* the target's mailbox */
bool lock;
bool action;       /* what the target is kicked for */
byte held;         /* doorbells that lower_line() has taken */

/* The target's own */
bool tlb;

/* Interrupts: what firmware stores, and TAIC's line, which follows the binding */
bool stored[2];
bool flag;
byte bound = SERVICE;
byte words[3]; /* the kernel's queue, the head last */
byte count;
byte on_its_way; /* the kernel's own send */
#define PENDING(h) (stored[h] || (flag && bound == h))

byte sent, attended;
bool over;

inline wake(word) { words[count] = word; count++; flag = true }
inline dequeue(word) {
    atomic {
        flag = false;
        if :: count > 0 -> count--; word = words[count]; words[count] = 0 :: else -> word = 0 fi
    }
}

/* handle_software: take_doorbells, then the bit, then what there is to do. The lock is held. */
inline handle_software(h) {
    do
    :: held > 0 -> held--; attended++
    :: held == 0 -> dequeue(word); if :: word == 0 -> break :: word == BELL -> attended++ :: word == OWN -> skip fi
    od;
    stored[h] = false;
    if :: h == TARGET -> requests = requests & ~LOOK :: else fi
}

inline serve() {
    atomic {
#ifndef NO_FENCE
        if :: requests & FENCE -> tlb = false :: else fi;
#endif
        skip
    };
    requests = requests & ~FENCE
}

active proctype device() {
end:
    do
    :: atomic { on_its_way > 0 && count < 3 -> on_its_way--; wake(OWN) }
#ifdef LOSSY
    :: atomic { on_its_way > 0 -> on_its_way-- }
#endif
    od
}

active proctype process() {
    do
    :: atomic { sent < DOORBELLS && count < 3 -> sent++; wake(BELL) }
    :: sent == DOORBELLS -> break
    od
}

active proctype target() {
    byte word, calls, seen;
user:
end_user:
    if
    :: atomic { valid && !tlb -> tlb = true }; goto user
    :: PENDING(TARGET) -> goto interrupt
    :: calls < CALLS -> calls++; goto entry
    fi;
interrupt: /* serve_alone */
    seen = requests;
    if
    :: seen == FENCE ->
       stored[TARGET] = false;
       serve();
       if
       :: !PENDING(TARGET) -> skip
       :: true -> skip /* its patience is over */
       fi;
       goto user
    :: else -> skip
    fi;
entry: /* lock_slowly */
    do
    :: atomic { !lock -> lock = true; break }
    :: lock && (requests & FENCE) -> serve()
    od;
    if :: requests & FENCE -> serve() :: else fi;
    if :: PENDING(TARGET) -> handle_software(TARGET) :: else fi;
    action = false;
    lock = false;
    goto user
}

inline lower_line() {
    looks = 0;
    found = false;
    emptied = false;
    do
    :: looks < 3 ->
       looks++;
       dequeue(word);
       if
       :: word == OWN -> found = true;
#ifdef NO_SECOND_LOOK
          emptied = true; break
#endif
       :: word == BELL ->
#ifndef NO_HOLD
          held++
#endif
          skip
       :: word == 0 && found -> emptied = true; break
       :: word == 0 && !found -> skip
       fi
    :: looks == 3 -> break
    od;
    bound = SERVICE;
#ifdef NO_OWN_KICK
    emptied = true;
#endif
    if :: held > 0 || !emptied -> stored[HOLDER] = true :: else fi
}

active proctype holder() {
    byte word, rounds, looks;
    bool found, emptied;
    do
    :: rounds < ROUNDS ->
       rounds++;
       atomic { !lock -> lock = true };
       valid = false;
       requests = requests | FENCE;
       bound = TARGET;
       on_its_way++;
       do
       :: !(requests & FENCE) -> break
#ifndef NO_RESEND
       :: (requests & FENCE) && !stored[TARGET] -> stored[TARGET] = true /* patience is over: the firmware */
#endif
       od;
       lower_line();
       assert(!tlb);
       valid = true;
       if
       :: rounds == 1 ->
          action = true;
#ifndef NO_LOOK
          requests = requests | LOOK;
#endif
          lock = false;
          stored[TARGET] = true
       :: rounds != 1 -> lock = false
       fi
    :: rounds == ROUNDS -> break
    od;
    over = true;
end_holder:
    do
    :: PENDING(HOLDER) ->
       atomic { !lock -> lock = true };
       handle_software(HOLDER);
       lock = false
    od
}

active proctype all_attended() { over && !action && attended == sent && sent == DOORBELLS }
