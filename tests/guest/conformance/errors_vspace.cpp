// Every error of page tables, frames and ASIDs (4.9 - 4.12; traps 34-38, 41). What appendix D has measured stands in
// vectors/vspace.cpp; here are the other frame sizes and what a deleted address space leaves behind.
#include "tests/guest/conformance/lists.hpp"

namespace guest {

namespace {

constexpr Word mapping = 0x3000'0000;
constexpr Word user_top = 0x3f'ffff'f000;
constexpr Word mega_size = 1ul << 21;

void short_messages(Context& t) {
    const Word table = t.make(seL4_RISCV_PageTableObject);
    const Word frame = t.make(seL4_RISCV_4K_Page);
    t.expect(
        {{"table: no word", table, RISCVPageTableMap, {}, {vspace}, seL4_TruncatedMessage},
         {"table: one word", table, RISCVPageTableMap, {mapping}, {vspace}, seL4_TruncatedMessage},
         {"table: no space", table, RISCVPageTableMap, {mapping, 0}, {}, seL4_TruncatedMessage},
         {"frame: two words", frame, RISCVPageMap, {mapping, 3}, {vspace}, seL4_TruncatedMessage},
         {"frame: no space", frame, RISCVPageMap, {mapping, 3, 0}, {}, seL4_TruncatedMessage},
         {"pool: no space", seL4_CapInitThreadASIDPool, RISCVASIDPoolAssign, {}, {}, seL4_TruncatedMessage},
         {"control: one word", seL4_CapASIDControl, RISCVASIDControlMakePool, {5}, {5, cnode}, seL4_TruncatedMessage},
         {"control: one capability",
          seL4_CapASIDControl,
          RISCVASIDControlMakePool,
          {5, 64},
          {5},
          seL4_TruncatedMessage}});
}

void labels(Context& t) {
    const Word objects[] = {t.make(seL4_RISCV_PageTableObject), t.make(seL4_RISCV_4K_Page),
                            t.make(seL4_RISCV_Mega_Page), seL4_CapInitThreadASIDPool, seL4_CapASIDControl};
    for (const Word object : objects) {
        for (const Word label : {0ul, Word{UntypedRetype}, Word{TCBResume}, Word{CNodeDelete}, 1ul << 51})
            t.expect({{"label", object, label, {0, 0, 0}, {vspace, cnode}, seL4_IllegalOperation}});
    }
    t.expect({{"of a table on a frame", objects[1], RISCVPageTableMap, {mapping, 0}, {vspace}, seL4_IllegalOperation},
              {"of a frame on a table", objects[0], RISCVPageMap, {mapping, 3, 0}, {vspace}, seL4_IllegalOperation},
              {"of a frame on a table", objects[0], RISCVPageGetAddress, {}, {}, seL4_IllegalOperation}});
}

void wrong_space(Context& t) {
    const Word table = t.make(seL4_RISCV_PageTableObject);
    const Word frame = t.make(seL4_RISCV_4K_Page);
    const Word lower = t.make(seL4_RISCV_PageTableObject);
    t.expect({{"lower table", lower, RISCVPageTableMap, {mapping, 0}, {vspace}}});
    for (const Word space : {t.endpoint(), t.slot(), frame, table, lower, self}) {
        t.expect({{"table", table, RISCVPageTableMap, {mapping, 0}, {space}, seL4_InvalidCapability, {1}},
                  {"frame", frame, RISCVPageMap, {mapping, 3, 0}, {space}, seL4_InvalidCapability, {1}}});
    }
    // The space comes before the address for a frame, behind it for a table.
    t.expect({{"frame", frame, RISCVPageMap, {user_top, 3, 0}, {lower}, seL4_InvalidCapability, {1}},
              {"table", table, RISCVPageTableMap, {user_top, 0}, {lower}, seL4_InvalidArgument, {0}},
              {"pool", seL4_CapInitThreadASIDPool, RISCVASIDPoolAssign, {}, {lower}, seL4_InvalidCapability, {1}},
              {"pool", seL4_CapInitThreadASIDPool, RISCVASIDPoolAssign, {}, {frame}, seL4_InvalidCapability, {1}},
              {"pool", seL4_CapInitThreadASIDPool, RISCVASIDPoolAssign, {}, {vspace}, seL4_InvalidCapability, {1}}});
}

void addresses(Context& t) {
    const Word frame = t.make(seL4_RISCV_4K_Page);
    const Word mega = t.make(seL4_RISCV_Mega_Page);
    const Word table = t.make(seL4_RISCV_PageTableObject);
    for (const Word bad : {user_top, user_top + 1, 0x40'0000'0000ul, 1ul << 63, ~0ul, ~0ul << 12}) {
        t.expect({{"frame", frame, RISCVPageMap, {bad, 3, 0}, {vspace}, seL4_InvalidArgument, {0}},
                  {"mega frame", mega, RISCVPageMap, {bad, 3, 0}, {vspace}, seL4_InvalidArgument, {0}},
                  {"table", table, RISCVPageTableMap, {bad, 0}, {vspace}, seL4_InvalidArgument, {0}}});
    }
    t.expect(
        {{"its end is beyond", mega, RISCVPageMap, {0x3f'ffe0'0000, 3, 0}, {vspace}, seL4_InvalidArgument, {0}},
         {"range before alignment", frame, RISCVPageMap, {user_top - 4095, 3, 0}, {vspace}, seL4_InvalidArgument, {0}},
         {"one off", frame, RISCVPageMap, {mapping + 1, 3, 0}, {vspace}, seL4_AlignmentError},
         {"aligned for the smaller one", mega, RISCVPageMap, {mapping + 4096, 3, 0}, {vspace}, seL4_AlignmentError}});
}

// The walk stops where a table is missing, or at a larger frame; a table in a frame's place is no place for it.
void missing_levels(Context& t) {
    const Word space = t.make(seL4_RISCV_PageTableObject);
    const Word first = t.make(seL4_RISCV_PageTableObject, 0, 4);
    const Word frame = t.make(seL4_RISCV_4K_Page);
    const Word mega = t.make(seL4_RISCV_Mega_Page);
    const Word other_mega = t.make(seL4_RISCV_Mega_Page);
    const Word high = mapping + mega_size;
    t.expect({{"assign", seL4_CapInitThreadASIDPool, RISCVASIDPoolAssign, {}, {space}},
              {"frame, empty root", frame, RISCVPageMap, {mapping, 3, 0}, {space}, seL4_FailedLookup, {0, 2, 30}},
              {"mega, empty root", mega, RISCVPageMap, {mapping, 3, 0}, {space}, seL4_FailedLookup, {0, 2, 30}},
              {"the first table", first, RISCVPageTableMap, {mapping + 0x123, 0}, {space}},
              {"frame, one level", frame, RISCVPageMap, {mapping, 3, 0}, {space}, seL4_FailedLookup, {0, 2, 21}},
              {"mega", mega, RISCVPageMap, {mapping, 3, 0}, {space}},
              {"into the mega frame", frame, RISCVPageMap, {mapping, 3, 0}, {space}, seL4_FailedLookup, {0, 2, 21}},
              {"table there", first + 1, RISCVPageTableMap, {mapping, 0}, {space}, seL4_DeleteFirst},
              {"another there", other_mega, RISCVPageMap, {mapping, 3, 0}, {space}, seL4_DeleteFirst},
              {"table beside it", first + 1, RISCVPageTableMap, {high, 0}, {space}},
              {"mega over a table", other_mega, RISCVPageMap, {high, 3, 0}, {space}, seL4_FailedLookup, {0, 2, 12}},
              {"all levels there", first + 2, RISCVPageTableMap, {high, 0}, {space}, seL4_DeleteFirst},
              {"frame", frame, RISCVPageMap, {high, 3, 0}, {space}},
              {"in use", first + 1, RISCVPageTableMap, {high, 0}, {space}, seL4_InvalidCapability, {0}},
              {"the root", space, RISCVPageTableMap, {high, 0}, {space}, seL4_InvalidCapability, {0}}});
}

void mapped_elsewhere(Context& t) {
    const Word space = t.address_space(mapping);
    const Word other = t.address_space(mapping);
    const Word frame = t.make(seL4_RISCV_4K_Page);
    const Word second = t.make(seL4_RISCV_4K_Page);
    t.expect({{"map", frame, RISCVPageMap, {mapping, 3, 0}, {space}},
              {"again, other rights", frame, RISCVPageMap, {mapping, 2, 1}, {space}},
              {"other address", frame, RISCVPageMap, {mapping + 4096, 3, 0}, {space}, seL4_InvalidArgument, {0}},
              {"other space", frame, RISCVPageMap, {mapping, 3, 0}, {other}, seL4_InvalidCapability, {1}},
              {"both", frame, RISCVPageMap, {mapping + 4096, 3, 0}, {other}, seL4_InvalidCapability, {1}},
              {"place taken", second, RISCVPageMap, {mapping, 3, 0}, {space}, seL4_DeleteFirst},
              {"unmap", frame, RISCVPageUnmap, {}, {}},
              {"unmap again", frame, RISCVPageUnmap, {}, {}},
              {"now there", frame, RISCVPageMap, {mapping, 3, 0}, {other}},
              {"now free", second, RISCVPageMap, {mapping, 3, 0}, {space}}});
}

void table_unmap(Context& t) {
    const Word space = t.make(seL4_RISCV_PageTableObject);
    const Word table = t.make(seL4_RISCV_PageTableObject);
    const Word copy = t.slot();
    t.expect({{"never mapped", table, RISCVPageTableUnmap, {}, {}},
              {"assign", seL4_CapInitThreadASIDPool, RISCVASIDPoolAssign, {}, {space}},
              {"a root", space, RISCVPageTableUnmap, {}, {}, seL4_RevokeFirst},
              {"map", table, RISCVPageTableMap, {mapping, 0}, {space}},
              {"copy", cnode, CNodeCopy, {copy, depth, table, depth, 15}, {cnode}},
              {"a copy exists", table, RISCVPageTableUnmap, {}, {}, seL4_RevokeFirst},
              {"the copy itself", copy, RISCVPageTableUnmap, {}, {}, seL4_RevokeFirst},
              {"the original goes", cnode, CNodeDelete, {table, depth}, {}},
              {"the copy stays mapped", copy, RISCVPageTableMap, {mapping, 0}, {space}, seL4_InvalidCapability, {0}},
              {"unmap", copy, RISCVPageTableUnmap, {}, {}},
              {"and map again", copy, RISCVPageTableMap, {mapping, 0}, {space}}});
}

// The capabilities of a deleted space keep its ASID, which means nothing any more.
void deleted_space(Context& t) {
    const Word space = t.make(seL4_RISCV_PageTableObject);
    const Word lower = t.make(seL4_RISCV_PageTableObject);
    const Word leaf = t.make(seL4_RISCV_PageTableObject);
    const Word spare = t.make(seL4_RISCV_PageTableObject);
    const Word frame = t.make(seL4_RISCV_4K_Page);
    const Word fresh = t.make(seL4_RISCV_4K_Page);
    const Word other = t.address_space(mapping); // takes another ASID
    t.expect({{"assign", seL4_CapInitThreadASIDPool, RISCVASIDPoolAssign, {}, {space}},
              {"map", lower, RISCVPageTableMap, {mapping, 0}, {space}},
              {"map", leaf, RISCVPageTableMap, {mapping, 0}, {space}},
              {"map", frame, RISCVPageMap, {mapping, 3, 0}, {space}},
              {"delete", cnode, CNodeDelete, {space, depth}, {}},
              {"a lower table as space", spare, RISCVPageTableMap, {mapping, 0}, {lower}, seL4_FailedLookup, {0, 1}},
              {"for a frame", fresh, RISCVPageMap, {mapping, 3, 0}, {lower}, seL4_FailedLookup, {0, 1}},
              {"still mapped in name", frame, RISCVPageMap, {mapping, 3, 0}, {other}, seL4_InvalidCapability, {1}},
              {"unmap", frame, RISCVPageUnmap, {}, {}},
              {"free", frame, RISCVPageMap, {mapping, 3, 0}, {other}},
              {"tables too", leaf, RISCVPageTableUnmap, {}, {}},
              {"tables too", lower, RISCVPageTableUnmap, {}, {}},
              {"are free", seL4_CapInitThreadASIDPool, RISCVASIDPoolAssign, {}, {lower}}});
}

void make_pool(Context& t) {
    const Word memory = t.make(seL4_UntypedObject, 12);
    const Word large = t.make(seL4_UntypedObject, 13);
    const Word used = t.make(seL4_UntypedObject, 12);
    const Word small = t.make(seL4_CapTableObject, 2);
    const Word to = t.slot();
    const Word control = seL4_CapASIDControl;
    constexpr Word label = RISCVASIDControlMakePool;
    t.expect({{"child", used, UntypedRetype, {seL4_EndpointObject, 0, 0, 0, t.slot(), 1}, {cnode}},
              {"13 bits", control, label, {to, depth}, {large, cnode}, seL4_InvalidCapability, {1}},
              {"frame", control, label, {to, depth}, {seL4_CapBootInfoFrame, cnode}, seL4_InvalidCapability, {1}},
              {"nothing", control, label, {to, depth}, {to, cnode}, seL4_InvalidCapability, {1}},
              {"the untyped first", control, label, {to, 0}, {to, to}, seL4_InvalidCapability, {1}},
              {"used", control, label, {to, depth}, {used, cnode}, seL4_RevokeFirst},
              {"no CNode", control, label, {to, depth}, {memory, to}, seL4_FailedLookup, {0, 1}},
              {"depth 0", control, label, {to, 0}, {memory, cnode}, seL4_RangeError, {1, 64}},
              {"depth 65", control, label, {to, 65}, {memory, cnode}, seL4_RangeError, {1, 64}},
              {"guard", control, label, {1ul << 20, depth}, {memory, cnode}, seL4_FailedLookup, {0, 4, 64, 0, 51}},
              {"left over", control, label, {0, 3}, {memory, small}, seL4_FailedLookup, {0, 3, 1, 0}},
              {"occupied", control, label, {memory, depth}, {memory, cnode}, seL4_DeleteFirst},
              {"made", control, label, {to, depth}, {memory, cnode}},
              {"its memory is used", control, label, {t.slot(), depth}, {memory, cnode}, seL4_RevokeFirst}});
    t.equal("a pool", seL4_DebugCapIdentify(to), 13);
    t.revoke(memory);
    t.equal("gone with its memory", seL4_DebugCapIdentify(to), 0);
}

constexpr Case cases[] = {
    {"short_messages", short_messages}, {"labels", labels},
    {"wrong_space", wrong_space},       {"addresses", addresses},
    {"missing_levels", missing_levels}, {"mapped_elsewhere", mapped_elsewhere},
    {"table_unmap", table_unmap},       {"deleted_space", deleted_space},
    {"make_pool", make_pool},
};

} // namespace

List vspace_error_cases() { return list_of<cases>("errors.vspace"); }

} // namespace guest
