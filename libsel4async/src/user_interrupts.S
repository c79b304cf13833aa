/* The handler of user interrupts: takes the pending bits into the area that uscratch points to (UserInterruptArea).
 * First the software copy of the interrupt, then the bits; no bit at all is legal. If one comes later the line is up
 * again and the handler is entered anew behind uret. */
    .equ    PENDING, 0
    .equ    SPARED, 8
    .equ    ENTRIES, 16
    .equ    CSR_USCRATCH, 0x040
    .equ    CSR_UIP, 0x044

    .text
    .balign 4
    .globl  sel4async_user_interrupt
sel4async_user_interrupt:
    csrrw   t0, CSR_USCRATCH, t0
    sd      t1, SPARED(t0)
    csrci   CSR_UIP, 1
    .insn   r 0x7b, 6, 1, t1, x0, x0        /* uipi.read t1 */
    amoor.d zero, t1, (t0)
    ld      t1, ENTRIES(t0)
    addi    t1, t1, 1
    sd      t1, ENTRIES(t0)
    ld      t1, SPARED(t0)
    csrrw   t0, CSR_USCRATCH, t0
    .word   0x00200073                      /* uret */
