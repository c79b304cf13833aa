/* What child and server agree on: the slots of the child's small CNode, and the operations of the service.
 * The label of a message says which operation it is; operands and results are message registers. */
#pragma once

enum child_slot { slot_service = 1, slot_fault_handler = 2 };
enum { child_cnode_bits = 2 };

enum operation { operation_add = 1, operation_exit = 2 };

/* Nothing is mapped there when the child starts; its pager maps a page when the child first touches it. */
#define HEAP_ADDRESS 0x50000000ul
