/* Two processes and their server: the initial thread loads an ELF file twice, each time into an address space and a
 * CSpace of its own, answers what the processes ask, pages for them, and takes their memory back when they exit.
 *
 *   tools/run --root build/debug/rootserver/examples/sel4/processes.elf */
#include "rootserver/examples/sel4/process.h"
#include "rootserver/examples/sel4/protocol.h"
#include "rootserver/examples/sel4/support.h"

extern const char child_image[];

enum { process_count = 2, fault_bit = 0x100 };

static process_t processes[process_count + 1]; /* by badge; 0 is nobody */

static void print_who(seL4_Word badge) {
    print("server: process ");
    print_number(badge);
}

/* The pager: puts a page where the process has found none. An empty reply lets it execute the instruction again. */
static seL4_MessageInfo_t handle_fault(seL4_Word badge) {
    const seL4_Word address = seL4_GetMR(seL4_VMFault_Addr);
    print_who(badge);
    print(" misses a page at ");
    print_hex(address);
    print("\n");
    process_add_page(&processes[badge], address);
    return seL4_MessageInfo_new(0, 0, 0, 0);
}

static seL4_MessageInfo_t handle_add(seL4_Word badge) {
    const seL4_Word a = seL4_GetMR(0);
    const seL4_Word b = seL4_GetMR(1);
    print_who(badge);
    print(" asks for ");
    print_number(a);
    print(" + ");
    print_number(b);
    print("\n");
    seL4_SetMR(0, a + b);
    return seL4_MessageInfo_new(0, 0, 0, 1);
}

static void handle_exit(seL4_Word badge) {
    print_who(badge);
    print(" exits with ");
    print_number(seL4_GetMR(0));
    print("\n");
    process_destroy(&processes[badge]);
    /* Its memory is one piece again, as large as before. */
    (void)new_object_from(processes[badge].memory, seL4_UntypedObject, process_memory_bits);
    print_who(badge);
    print("'s memory is free\n");
}

/* The badge says who has sent the message. Faults come through a capability of their own: a label alone would not do,
 * as a process can put any label into its messages. */
static void serve(seL4_CPtr endpoint) {
    seL4_Word badge = 0;
    seL4_MessageInfo_t message = seL4_Recv(endpoint, &badge);
    for (int running = process_count; running > 0;) {
        if (badge & fault_bit) {
            check(seL4_MessageInfo_get_label(message) != seL4_Fault_VMFault ? seL4_IllegalOperation : seL4_NoError,
                  "a fault other than a missing page");
            message = seL4_ReplyRecv(endpoint, handle_fault(badge & ~(seL4_Word)fault_bit), &badge);
        } else if (seL4_MessageInfo_get_label(message) == operation_add) {
            message = seL4_ReplyRecv(endpoint, handle_add(badge), &badge);
        } else {
            handle_exit(badge);
            --running;
            message = running > 0 ? seL4_Recv(endpoint, &badge) : message;
        }
    }
}

void program(void* argument) {
    const seL4_BootInfo* info = argument;
    seL4_SetIPCBuffer(info->ipcBuffer);
    support_init(info);

    const seL4_CPtr endpoint = new_object(seL4_EndpointObject, 0);
    for (seL4_Word badge = 1; badge <= process_count; ++badge) {
        process_create(&processes[badge], child_image, endpoint, badge, badge | fault_bit);
    }
    serve(endpoint);
    print("processes: done\n");
    seL4_DebugHalt();
}
