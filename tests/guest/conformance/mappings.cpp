// Frame and table capabilities whose mapping went without them: they know the address, but somebody else has it now,
// and keeps it whatever becomes of them (4.9.1, 4.10.1, 4.10.2, 7.7; traps 36-38).
#include "tests/guest/conformance/lists.hpp"

namespace guest {

namespace {

constexpr Word at = 0x3000'0000;
constexpr Word giga = 5ul << 30; // no table of the initial thread's is there
constexpr Word old_value = 0x01d, young_value = 0x2e3;

enum class End { Unmap, Delete, Revoke };
constexpr End ends[] = {End::Unmap, End::Delete, End::Revoke};

struct Object {
    Word memory = 0; // its own untyped
    Word cap = 0;
};

Object make_object(Context& t, Word type, Word bits) {
    const Object object{t.make(seL4_UntypedObject, bits), t.slot()};
    t.expect({{"make", object.memory, UntypedRetype, {type, 0, 0, 0, object.cap, 1}, {cnode}}});
    return object;
}
Object make_frame(Context& t) { return make_object(t, seL4_RISCV_4K_Page, seL4_PageBits); }
Object make_table(Context& t) { return make_object(t, seL4_RISCV_PageTableObject, seL4_PageTableBits); }

void map_frame(Context& t, Word frame, Word vaddr, Word value) {
    t.expect({{"map a frame", frame, RISCVPageMap, {vaddr, 3, 1}, {vspace}}});
    if (!t.failed()) *reinterpret_cast<volatile Word*>(vaddr) = value;
}

void map_table(Context& t, Word table, Word vaddr, Word space = vspace) {
    t.expect({{"map a table", table, RISCVPageTableMap, {vaddr, 0}, {space}}});
}

// What a thread reads there, or `fallback` if it faults.
constexpr Word fallback = ~0ul;
Word read_at(Context& t, Word vaddr) {
    const Word ep = t.endpoint();
    Thread& thread = t.thread(Above, ep);
    t.snippet(thread, snippet_load, vaddr);
    const Word value = thread.done.load() != 0 ? thread.out[0] : fallback;
    t.drop(thread);
    return value;
}

void end(Context& t, const Object& object, Word unmap, End how) {
    switch (how) {
    case End::Unmap: t.expect({{"unmap", object.cap, unmap, {}, {}}}); break;
    case End::Delete: t.remove(object.cap); break;
    case End::Revoke: t.revoke(object.memory); break;
    }
}

void survives(Context& t, Word vaddr) {
    if (!t.equal("the survivor", read_at(t, vaddr), young_value)) return;
    *reinterpret_cast<volatile Word*>(vaddr) = young_value + 1;
    t.equal("written", read_at(t, vaddr), young_value + 1);
}

void frame_under_a_frame(Context& t) {
    const Word table = t.make(seL4_RISCV_PageTableObject);
    for (const End how : ends) {
        const Object old = make_frame(t), young = make_frame(t);
        map_table(t, table, at);
        map_frame(t, old.cap, at, old_value);
        t.expect({{"the table goes", table, RISCVPageTableUnmap, {}, {}}});
        t.equal("and the mapping", read_at(t, at), fallback);
        map_table(t, table, at);
        map_frame(t, young.cap, at, young_value);
        end(t, old, RISCVPageUnmap, how);
        survives(t, at);
        t.expect({{"now its own", young.cap, RISCVPageUnmap, {}, {}}});
        t.equal("gone", read_at(t, at), fallback);
        t.expect({{"the table", table, RISCVPageTableUnmap, {}, {}}});
    }
}

// It is the frame that is compared, not the capability.
void frame_under_its_copy(Context& t) {
    const Word table = t.make(seL4_RISCV_PageTableObject);
    const Object old = make_frame(t);
    const Word copy = t.copy(old.cap);
    map_table(t, table, at);
    map_frame(t, old.cap, at, old_value);
    t.expect({{"the table goes", table, RISCVPageTableUnmap, {}, {}}});
    map_table(t, table, at);
    map_frame(t, copy, at, young_value);
    t.expect({{"unmap", old.cap, RISCVPageUnmap, {}, {}}});
    t.equal("gone", read_at(t, at), fallback);
    t.expect({{"unmap again", copy, RISCVPageUnmap, {}, {}}});
}

void mega_under_a_frame(Context& t) {
    const Word top = t.make(seL4_RISCV_PageTableObject), low = t.make(seL4_RISCV_PageTableObject);
    for (const End how : ends) {
        const Object old = make_object(t, seL4_RISCV_Mega_Page, 21), young = make_frame(t);
        map_table(t, top, giga);
        map_frame(t, old.cap, giga, old_value);
        t.expect({{"the table goes", top, RISCVPageTableUnmap, {}, {}}});
        map_table(t, top, giga);
        map_table(t, low, giga);
        map_frame(t, young.cap, giga, young_value);
        end(t, old, RISCVPageUnmap, how);
        survives(t, giga);
        t.expect({{"unmap", young.cap, RISCVPageUnmap, {}, {}},
                  {"unmap", low, RISCVPageTableUnmap, {}, {}},
                  {"unmap", top, RISCVPageTableUnmap, {}, {}}});
    }
}

void frame_under_a_mega(Context& t) {
    const Word table = t.make(seL4_RISCV_PageTableObject);
    for (const End how : ends) {
        const Object old = make_frame(t), young = make_object(t, seL4_RISCV_Mega_Page, 21);
        map_table(t, table, at);
        map_frame(t, old.cap, at, old_value);
        t.expect({{"the table goes", table, RISCVPageTableUnmap, {}, {}}});
        map_frame(t, young.cap, at, young_value);
        end(t, old, RISCVPageUnmap, how);
        survives(t, at);
        t.expect({{"unmap", young.cap, RISCVPageUnmap, {}, {}}});
    }
}

void table_under_a_table(Context& t) {
    const Word top = t.make(seL4_RISCV_PageTableObject);
    for (const End how : ends) {
        const Object old = make_table(t), young = make_table(t);
        const Object frame = make_frame(t);
        map_table(t, top, giga);
        map_table(t, old.cap, giga);
        t.expect({{"the upper one goes", top, RISCVPageTableUnmap, {}, {}}});
        map_table(t, top, giga);
        map_table(t, young.cap, giga);
        map_frame(t, frame.cap, giga, young_value);
        end(t, old, RISCVPageTableUnmap, how);
        survives(t, giga);
        t.expect({{"unmap", frame.cap, RISCVPageUnmap, {}, {}},
                  {"unmap", young.cap, RISCVPageTableUnmap, {}, {}},
                  {"unmap", top, RISCVPageTableUnmap, {}, {}}});
    }
}

// --- The number of a space that is gone is the next one's (trap 38): what is left of the first has no say in it.

void occupied(Context& t, Word space) {
    const Word probe = t.make(seL4_RISCV_4K_Page);
    t.expect({{"still mapped", probe, RISCVPageMap, {at, 3, 1}, {space}, seL4_DeleteFirst}});
}

void frame_of_a_former_space(Context& t) {
    for (const End how : ends) {
        const Object old = make_frame(t), young = make_frame(t);
        const Word first = t.address_space(at);
        t.expect({{"map", old.cap, RISCVPageMap, {at, 3, 1}, {first}}});
        t.remove(first);
        const Word next = t.address_space(at);
        t.expect({{"map", young.cap, RISCVPageMap, {at, 3, 1}, {next}}});
        end(t, old, RISCVPageUnmap, how);
        occupied(t, next);
        t.remove(next);
    }
}

void table_of_a_former_space(Context& t) {
    const Word young = t.make(seL4_RISCV_4K_Page);
    const Word first = t.address_space(at); // and its tables: the next two slots
    t.remove(first);
    const Word next = t.address_space(at);
    t.expect({{"map", young, RISCVPageMap, {at, 3, 1}, {next}},
              {"unmap", first + 1, RISCVPageTableUnmap, {}, {}},
              {"delete", cnode, CNodeDelete, {first + 2, depth}, {}}});
    occupied(t, next);
    t.remove(next);
}

// Until it is unmapped, a frame belongs to the space that is gone (trap 37).
void frame_keeps_its_former_space(Context& t) {
    const Word table = t.make(seL4_RISCV_PageTableObject);
    map_table(t, table, at);
    const Word frame = t.make(seL4_RISCV_4K_Page);
    const Word first = t.address_space(at);
    t.expect({{"map", frame, RISCVPageMap, {at, 3, 1}, {first}}});
    t.remove(first);
    t.expect({{"elsewhere", frame, RISCVPageMap, {at, 3, 1}, {vspace}, seL4_InvalidCapability, {1}}});
    const Word next = t.address_space(at);
    t.expect({{"elsewhere", frame, RISCVPageMap, {at, 3, 1}, {vspace}, seL4_InvalidCapability, {1}},
              {"another address", frame, RISCVPageMap, {at + page_size, 3, 1}, {next}, seL4_InvalidArgument, {0}},
              {"the same number and address", frame, RISCVPageMap, {at, 3, 1}, {next}}});
    occupied(t, next);
    t.remove(next);
    t.expect({{"unmap", frame, RISCVPageUnmap, {}, {}}, {"elsewhere", frame, RISCVPageMap, {at, 3, 1}, {vspace}}});
}

void frame_keeps_its_former_address(Context& t) {
    const Word table = t.make(seL4_RISCV_PageTableObject);
    map_table(t, table, at);
    const Word frame = t.make(seL4_RISCV_4K_Page);
    map_frame(t, frame, at, old_value);
    t.remove(table);
    const Word other = t.make(seL4_RISCV_PageTableObject);
    map_table(t, other, at);
    t.equal("not mapped", read_at(t, at), fallback);
    t.expect({{"another address", frame, RISCVPageMap, {at + page_size, 3, 1}, {vspace}, seL4_InvalidArgument, {0}},
              {"unmap", frame, RISCVPageUnmap, {}, {}},
              {"another address", frame, RISCVPageMap, {at + page_size, 3, 1}, {vspace}}});
    t.equal("what it holds", read_at(t, at + page_size), old_value);
}

constexpr Case cases[] = {
    {"frame_under_a_frame", frame_under_a_frame},
    {"frame_under_its_copy", frame_under_its_copy},
    {"mega_under_a_frame", mega_under_a_frame},
    {"frame_under_a_mega", frame_under_a_mega},
    {"table_under_a_table", table_under_a_table},
    {"frame_of_a_former_space", frame_of_a_former_space},
    {"table_of_a_former_space", table_of_a_former_space},
    {"frame_keeps_its_former_space", frame_keeps_its_former_space},
    {"frame_keeps_its_former_address", frame_keeps_its_former_address},
};

} // namespace

List mapping_cases() { return list_of<cases>("mappings"); }

} // namespace guest
