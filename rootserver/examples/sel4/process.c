#include "rootserver/examples/sel4/process.h"

#include "rootserver/examples/sel4/protocol.h"
#include "rootserver/examples/sel4/support.h"

/* The parts of the ELF format that an executable needs. */
typedef struct elf_header {
    unsigned char ident[16];
    seL4_Uint16 type, machine;
    seL4_Uint32 version;
    seL4_Uint64 entry, program_headers, section_headers;
    seL4_Uint32 flags;
    seL4_Uint16 header_size, program_header_size, program_header_count;
} elf_header_t;

typedef struct elf_segment {
    seL4_Uint32 type, flags;
    seL4_Uint64 offset, vaddr, paddr, file_size, memory_size, align;
} elf_segment_t;

enum { elf_load = 1, elf_writable = 2 };

#define CHILD_IPC_BUFFER 0x40000000ul
/* Where we map a child's page for a moment, to fill it. */
#define WINDOW 0x60000000ul

static seL4_Word smaller(seL4_Word a, seL4_Word b) { return a < b ? a : b; }

/* One page of a segment: zeros, and what the file has for it. Segments begin at any address, pages do not. */
static void load_page(const process_t* process, const char* elf, const elf_segment_t* segment, seL4_Word page) {
    const seL4_CPtr frame = new_object_from(process->memory, seL4_RISCV_4K_Page, 0);
    map_page(table_memory(), seL4_CapInitThreadVSpace, frame, WINDOW, seL4_ReadWrite);
    const seL4_Word from = page > segment->vaddr ? page : segment->vaddr;
    const seL4_Word to = smaller(page + page_size, segment->vaddr + segment->file_size);
    for (seL4_Word at = from; at < to; ++at) {
        ((char*)WINDOW)[at - page] = elf[segment->offset + (at - segment->vaddr)];
    }
    check(seL4_RISCV_Page_Unmap(frame), "leave the window");
    const seL4_CapRights_t rights = segment->flags & elf_writable ? seL4_ReadWrite : seL4_CanRead;
    map_page(process->memory, process->vspace, frame, page, rights);
}

static seL4_Word load(const process_t* process, const char* elf) {
    const elf_header_t* header = (const void*)elf;
    for (unsigned i = 0; i < header->program_header_count; ++i) {
        const elf_segment_t* segment = (const void*)(elf + header->program_headers + i * header->program_header_size);
        if (segment->type != elf_load) {
            continue;
        }
        const seL4_Word end = segment->vaddr + segment->memory_size;
        for (seL4_Word page = segment->vaddr & ~(page_size - 1ul); page < end; page += page_size) {
            load_page(process, elf, segment, page);
        }
    }
    return header->entry;
}

/* The child's CNode has 4 slots, its addresses 64 bits: the guard stands for the 62 bits above, all of them zero. */
static seL4_Word cnode_guard(void) { return seL4_CNode_CapData_new(0, seL4_WordBits - child_cnode_bits).words[0]; }

static void give_endpoint(const process_t* process, seL4_CPtr endpoint, seL4_Word slot, seL4_Word badge) {
    /* Send, and let the kernel make a reply capability: no more rights than a client needs. */
    const seL4_CapRights_t rights = seL4_CapRights_new(1, 0, 0, 1);
    check(seL4_CNode_Mint(process->cnode, slot, child_cnode_bits, seL4_CapInitThreadCNode, endpoint, seL4_WordBits,
                          rights, badge),
          "give an endpoint");
}

void process_create(process_t* process, const char* elf, seL4_CPtr endpoint, seL4_Word badge, seL4_Word fault_badge) {
    process->memory = new_object(seL4_UntypedObject, process_memory_bits);
    process->vspace = new_object_from(process->memory, seL4_RISCV_PageTableObject, 0);
    process->cnode = new_object_from(process->memory, seL4_CapTableObject, child_cnode_bits);
    process->tcb = new_object_from(process->memory, seL4_TCBObject, 0);

    /* A page table becomes an address space when it gets a number from an ASID pool. */
    check(seL4_RISCV_ASIDPool_Assign(seL4_CapInitThreadASIDPool, process->vspace), "assign an ASID");
    const seL4_Word entry = load(process, elf);
    const seL4_CPtr buffer = new_object_from(process->memory, seL4_RISCV_4K_Page, 0);
    map_page(process->memory, process->vspace, buffer, CHILD_IPC_BUFFER, seL4_ReadWrite);
    give_endpoint(process, endpoint, slot_service, badge);
    give_endpoint(process, endpoint, slot_fault_handler, fault_badge);

    /* The fault endpoint is an address in the child's CSpace, not in ours. */
    check(seL4_TCB_Configure(process->tcb, slot_fault_handler, process->cnode, cnode_guard(), process->vspace, 0,
                             CHILD_IPC_BUFFER, buffer),
          "configure the thread");
    check(seL4_TCB_SetPriority(process->tcb, seL4_CapInitThreadTCB, 100), "set its priority");
    seL4_UserContext registers = {.pc = entry, .a0 = CHILD_IPC_BUFFER};
    const seL4_Word count = sizeof(registers) / sizeof(seL4_Word);
    check(seL4_TCB_WriteRegisters(process->tcb, 1, 0, count, &registers), "start it");
}

void process_add_page(const process_t* process, seL4_Word vaddr) {
    const seL4_CPtr frame = new_object_from(process->memory, seL4_RISCV_4K_Page, 0);
    map_page(process->memory, process->vspace, frame, vaddr & ~(page_size - 1ul), seL4_ReadWrite);
}

void process_destroy(const process_t* process) {
    /* Every object of the process was cut from this untyped, so every capability to one is a descendant of it. */
    check(seL4_CNode_Revoke(seL4_CapInitThreadCNode, process->memory, seL4_WordBits), "end a process");
}
