/*
 * The protocol of one proposal, from the vote to the broker: people, two servers' loops, a halt, two workers, a network
 * that loses and delays, and crashes anywhere. Checked exhaustively; see README.md beside this file.
 *
 * One action of this model is one database transaction, one message, or one passing of a deadline. Where the program
 * looks first and writes later (a page that was opened, a claim's answer on its way), the model does so in two steps.
 * A server that crashes is a transaction that never commits: each may be skipped. A worker that crashes forgets all.
 *
 * Mutations (-DMUTATION_…) take one safeguard away each; every one of them must be caught.
 */

#define NEEDED 2                /* approvals that the tier asks for */

#define ANA 1                   /* approvers, as bits of `votes` */
#define BEN 2
#define PROPOSER 4              /* owns the bot, and may approve what others propose */

mtype = { pending, released, rejected, expired, withdrawn, cancelled };
mtype = { none, waiting, submitting, accepted, refused_by_broker, unknown, lapsed, revoked, stopped };

/* --- the safeguards that mutations take away --- */
#ifdef MUTATION_DEADLINE_CHECKED_WHEN_OPENED
#define IN_TIME was_open
#else
#define IN_TIME (!deadline_passed)
#endif
#ifdef MUTATION_HASH_NOT_COMPARED
#define SAME_ORDER true
#else
#define SAME_ORDER (seen == version)
#endif
#ifdef MUTATION_SELF_APPROVAL
#define MAY_APPROVE true
#else
#define MAY_APPROVE (who != PROPOSER)
#endif
#ifdef MUTATION_APPROVES_WHILE_HALTED
#define NO_HALT true
#else
#define NO_HALT (!halted)
#endif
#ifdef MUTATION_LEASE_NOT_CHECKED
#define HOLDS_LEASE true
#else
#define HOLDS_LEASE (lease == me)
#endif
#ifdef MUTATION_HALT_CHECKED_BEFORE_THE_LOCK
#define NOT_HALTED (!saw_halt)
#else
#define NOT_HALTED (!halted)
#endif
#ifdef MUTATION_NO_RECHECK_AT_CLAIM
#define STILL_VALID true
#else
#define STILL_VALID (!validity_passed)
#endif

/* --- the database: what every server sees --- */
mtype proposal = pending;
mtype order = none;
byte votes = 0;                 /* approvals recorded, for the version they were cast on */
byte version = 0;               /* the order's hash: lowering the quantity makes another order */
bool halted = false;
byte lease = 0;                 /* which worker may act; 0 is nobody */
byte claimed_by = 0;
bool broker_known = false;      /* the database knows what the broker has */

/* --- time --- */
bool deadline_passed = false;   /* of the proposal */
bool validity_passed = false;   /* of the approval */
bool claim_is_old = false;      /* older than a worker may send, and than a proof of absence needs */

/* --- the world --- */
bool on_the_wire = false;       /* a sent order that the broker has not read yet */
bool at_broker = false;

/* --- what the invariants speak of, seen by nobody in the model --- */
byte endings = 0;               /* times the proposal left `pending` */
byte orders_made = 0;
byte sends = 0;
byte broker_orders = 0;
bool rejection_recorded = false;

inline leave_pending(next) {
    assert(proposal == pending);                                    /* I4: one winner on one row */
    proposal = next;
    endings++;
    assert(endings == 1)
}

#define PEOPLE(bits) (((bits & ANA) != 0) + ((bits & BEN) != 0) + ((bits & PROPOSER) != 0))

inline record_vote() {
#ifdef MUTATION_ONE_PERSON_COUNTS_TWICE
    cast = PEOPLE(votes) + 1;
    votes = votes | who
#else
    votes = votes | who;
    cast = PEOPLE(votes)
#endif
}

inline release() {
    leave_pending(released);
    order = waiting;
    orders_made++;
    assert(orders_made == 1);                                        /* I2: one order for a proposal */
    assert(!halted);                                                 /* I7 */
    assert(PEOPLE(votes) >= NEEDED);                                 /* I1, I3: enough people, each once */
    assert((votes & PROPOSER) == 0);                                 /* I3: not who proposed it */
    assert(!rejection_recorded);                                     /* I3: a rejection wins */
    votes = 0; version = 0                                           /* nobody looks at them any more */
}

/* A person opens the page (sees a version), and decides later, by whichever server; as often as they like. */
proctype Person(byte who) {
    byte seen, cast;
    bool was_open;
end:
    do
    :: proposal == pending ->
        atomic { seen = version; was_open = !deadline_passed }
        atomic {                                                     /* one guarded transaction, or none */
            if
            :: skip                                                  /* closes the page, or the server dies */

            :: proposal == pending && IN_TIME && SAME_ORDER && MAY_APPROVE && NO_HALT ->
                assert(seen == version);                             /* I1: on exactly this order */
                assert(!deadline_passed);                            /* I1, I4: before its expiry */
                record_vote();
                if
                :: cast >= NEEDED -> release()
                :: else
                fi;
                cast = 0

            :: proposal == pending && !deadline_passed && who != PROPOSER ->
                rejection_recorded = true;
                leave_pending(rejected)

            :: proposal == pending && !deadline_passed && version == 0 && seen == 0 && who == BEN ->
                version = 1;                                         /* lowers the quantity: another order, */
                votes = who                                          /* for which only this vote counts */
            fi;
            seen = 0; was_open = false
        }
    :: atomic { order == waiting && who == ANA -> order = revoked }  /* takes the approval back */
    od
}

/* Servers sweep what is due; a decision does not wait for them. */
proctype Sweeper() {
end:
    do
    :: atomic { proposal == pending && deadline_passed -> leave_pending(expired) }
    :: atomic { order == waiting && validity_passed -> order = lapsed }
    od
}

proctype Bot() {
end:
    atomic { proposal == pending -> leave_pending(withdrawn) }
}

inline sweep_for_halt() {
    if
    :: proposal == pending -> leave_pending(cancelled)
    :: else
    fi;
#ifndef MUTATION_HALT_MISSES_RELEASED
    if
    :: order == waiting -> order = stopped
    :: else
    fi;
#endif
    assert(proposal != pending && order != waiting)                  /* I7: at once */
}

/* Stops, which reaches everything not yet claimed in the same transaction; where that cannot be written (a row that will
 * not change, a timeout), the halt stands alone and the rest follows later. Perhaps resumes. */
proctype Operator() {
end:
    atomic {
        proposal == pending || order == waiting || order == submitting ->
        halted = true;
        if
        :: sweep_for_halt()
        :: goto incomplete
        fi
    }
resume:
    if
    :: skip
    :: halted = false
    fi;
    goto done;
incomplete:
    atomic { sweep_for_halt() }
    goto resume;
done:
    skip
}

proctype Clock() {
end:
    do
    :: !deadline_passed -> deadline_passed = true
    :: order != none && !validity_passed -> validity_passed = true
    :: order != none && order != waiting && !claim_is_old -> claim_is_old = true
    :: deadline_passed && validity_passed && (claim_is_old || order == none || order == waiting) -> break
    od
}

proctype Wire() {
end:
    do
    :: atomic { on_the_wire ->
        on_the_wire = false;
        if
        :: skip                                                      /* lost */
        :: at_broker = true;
           broker_orders++;
           assert(broker_orders == 1);                               /* I2: one broker order */
           assert(proposal == released)                              /* I1: only what was approved */
        fi }
    od
}

/* An execution worker: holds a document only in memory, asks before it acts on anything older. */
#ifdef MUTATION_FORGETS_WHAT_NEVER_ARRIVED
#define TURNED_UP false
#else
#define TURNED_UP (order == refused_by_broker && at_broker && !broker_known)
#endif
#define WORK_IS_LEFT (order == waiting || order == submitting || order == unknown || TURNED_UP)

proctype Worker(byte me) {
    bool has_document = false, has_sent = false, answer_lost = false, saw_halt;
end:
    do
    /* The other fell silent: the lease moves. */
    :: lease != me && WORK_IS_LEFT -> lease = me

    /* Claims. The answer may be lost. */
    :: lease == me && order == waiting ->
        saw_halt = halted;
        atomic {
            if
            :: order == waiting && HOLDS_LEASE && NOT_HALTED && STILL_VALID ->
                assert(!halted);                                     /* I7: nothing is claimed while halted */
                assert(!validity_passed);
                assert(lease == me);
                order = submitting;
                claimed_by = me;
                if
                :: has_document = true
                :: answer_lost = true
                fi
            :: else
            fi;
            saw_halt = false
        }

    /* The same process may ask for its claim again; then it asks the broker before it sends. */
    :: order == submitting && claimed_by == me && answer_lost && !has_sent ->
        atomic {
            answer_lost = false;
            if
            :: order == submitting && !halted && !validity_passed && !claim_is_old && !at_broker ->
                has_document = true
            :: else
            fi
        }

    /* Sends what it holds, once, and only while the claim is fresh. */
    :: has_document && !has_sent ->
        atomic {
            if
            :: !claim_is_old ->
                has_sent = true;
                sends++;
                on_the_wire = true;
                assert(sends == 1)                                   /* I2: never sent twice */
            :: else ->                                               /* too late: says so, never sends */
                has_sent = true;
                if
                :: order == submitting || order == unknown -> order = refused_by_broker
                :: else
                fi
            fi;
            has_document = false
        }

#ifdef MUTATION_SENDS_AGAIN_AFTER_A_CRASH
    :: lease == me && order == submitting && !has_sent && !at_broker ->
        atomic { has_sent = true; sends++; on_the_wire = true; assert(sends == 1) }
#endif

    /* Finds out what became of a claim: by asking the broker, never by sending. */
    :: lease == me && (order == submitting || order == unknown) && !has_document ->
        atomic {
            if
            :: at_broker -> order = accepted; broker_known = true
            :: !at_broker && claim_is_old -> order = refused_by_broker  /* asked often enough, long enough */
            :: !at_broker && !claim_is_old && order == submitting -> order = unknown
            :: else
            fi
        }

    /* What was held never to have arrived is asked for on: it is cancelled on sight, and known. */
    :: lease == me && TURNED_UP -> broker_known = true

    /* Killed, and started again with an empty memory. */
    :: (has_document || has_sent || answer_lost) ->
        atomic { has_document = false; has_sent = false; answer_lost = false }
    od
}

/* When nothing can happen any more, nothing may have been lost. */
proctype Judge() {
    timeout ->
    assert(proposal != pending);
    assert(order != waiting && order != submitting && order != unknown);
    assert(!on_the_wire);
    assert(!at_broker || broker_known);                              /* what is at the broker is known */
    assert(order != accepted || at_broker)
}

init {
    atomic {
        run Person(ANA);
        run Person(BEN);
        run Person(PROPOSER);
        run Sweeper();
        run Bot();
        run Operator();
        run Clock();
        run Wire();
        run Worker(1);
        run Worker(2);
        run Judge()
    }
}
