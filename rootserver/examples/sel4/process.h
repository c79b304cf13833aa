/* A child process: its own address space, its own CSpace, one thread. All its objects are cut from one untyped, so that
 * one revocation ends it and gives the memory back. */
#pragma once

#include <sel4/sel4.h>

enum { process_memory_bits = 18 };

typedef struct process {
    seL4_CPtr memory; /* the untyped */
    seL4_CPtr vspace;
    seL4_CPtr cnode;
    seL4_CPtr tcb;
} process_t;

/* Loads the ELF file and puts two capabilities to `endpoint` into the CSpace: the service with the badge `badge`, and
 * the fault handler with `fault_badge`. */
void process_create(process_t* process, const char* elf, seL4_CPtr endpoint, seL4_Word badge, seL4_Word fault_badge);
/* A fresh page of zeros at that address of the process. */
void process_add_page(const process_t* process, seL4_Word vaddr);
/* Ends it, whatever it is doing. */
void process_destroy(const process_t* process);
