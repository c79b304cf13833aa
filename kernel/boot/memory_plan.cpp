#include "boot/memory_plan.hpp"

#include <algorithm>
#include <bit>
#include <utility>

namespace boot {
namespace {

using Step = base::Result<base::Ok, BootError>;

constexpr unsigned level0_bits = 21; // a level-0 table covers 2 MiB, a level-1 table 1 GiB
constexpr unsigned level1_bits = 30;

Step require(bool enough, BootError otherwise) {
    if (!enough) return base::Failure{otherwise};
    return base::Ok{};
}

constexpr u64 blocks_touched(const Range& range, unsigned bits) {
    return ((range.end - 1) >> bits) - (range.start >> bits) + 1;
}

// What counts as RAM: the memory of the tree in whole pages that the kernel window reaches, without reserved pages.
// Kernel, tree and initrd stay RAM: boot loaders often reserve them. What lies below the kernel in its region
// belongs to the firmware.
Step build_ram(const MemoryInput& input, MemoryPlan& plan) {
    RegionSet& ram = plan.ram;
    ram.clear();
    for (const Range& region : input.memory) {
        const Range reachable{region.start, std::min(region.end, kernel_window)};
        TRY(require(ram.add(round_in(reachable, page_bits)), BootError::TooManyRegions));
    }
    RegionSet& reserved = plan.reserved;
    reserved.clear();
    for (const Range& region : input.reserved) TRY(require(reserved.add(region), BootError::TooManyRegions));
    for (const Range& own : {input.kernel, input.tree, input.initrd}) {
        TRY(require(reserved.subtract(round_out(own, page_bits)), BootError::TooManyRegions));
    }
    for (const Range& region : reserved.ranges()) {
        TRY(require(ram.subtract(round_out(region, page_bits)), BootError::TooManyRegions));
    }
    TRY(require(!input.kernel.empty() && ram.contains(input.kernel), BootError::KernelOutsideMemory));
    Range firmware;
    for (const Range& region : ram.ranges()) {
        if (region.contains(input.kernel)) firmware = {region.start, input.kernel.start};
    }
    TRY(require(ram.subtract(firmware), BootError::TooManyRegions));
    // Whoever reads the initrd next must neither fault nor read the kernel.
    return require(ram.contains(input.initrd) && !input.initrd.overlaps(input.kernel), BootError::BadInitrd);
}

// Offers the pieces of a region to visit(address, bits); at most 2 * 39 of them, since sizes rise, then fall.
template <class Visit>
void cut(Range range, Visit&& visit) {
    while (!range.empty()) {
        const unsigned bits = cut_bits(range);
        if (bits >= min_untyped_bits) visit(range.start, bits);
        range.start += base::bit(bits);
    }
}

// How many pieces of each size a set gives, and from that which of them find a place in the list.
class Selection {
public:
    explicit Selection(const RegionSet& regions) : regions_(regions) {
        for (const Range& region : regions.ranges()) {
            cut(region, [&](u64, unsigned bits) { ++of_size_[bits]; });
        }
        for (const usize count : of_size_) total_ += count;
    }

    usize total() const { return total_; }

    // Appends the `room` largest pieces (among equals the lowest) in address order.
    void append(UntypedList& list, usize room, bool device) {
        usize left = room;
        for (unsigned bits = max_untyped_bits + 1; bits-- > 0;) { // turn counts into shares, from the largest down
            of_size_[bits] = std::min(of_size_[bits], left);
            left -= of_size_[bits];
        }
        for (const Range& region : regions_.ranges()) {
            cut(region, [&](u64 address, unsigned bits) {
                if (of_size_[bits] == 0) return;
                --of_size_[bits];
                const bool fits = list.push_back({address, static_cast<u8>(bits), device});
                ASSERT(fits);
            });
        }
    }

private:
    const RegionSet& regions_;
    usize of_size_[max_untyped_bits + 1] = {};
    usize total_ = 0;
};

void list_untypeds(MemoryPlan& plan) {
    plan.untypeds.clear();
    Selection device_pieces{plan.devices};
    Selection ram_pieces{plan.free};
    const usize ram_share = std::min(ram_pieces.total(), max_untypeds / 2); // many small holes must not take all
    plan.device_untypeds = std::min(device_pieces.total(), max_untypeds - ram_share);
    device_pieces.append(plan.untypeds, plan.device_untypeds, true);
    ram_pieces.append(plan.untypeds, max_untypeds - plan.device_untypeds, false);
    plan.untypeds_dropped = device_pieces.total() + ram_pieces.total() - plan.untypeds.size();
}

} // namespace

base::Result<AddressSpace, BootError> plan_address_space(Range image, u64 extra_bytes) {
    constexpr u64 fixed = 2 * page_size; // IPC buffer and bootinfo
    if (image.empty() || image.end > user_top || user_top - image.end < fixed || extra_bytes > user_top) {
        return base::Failure{BootError::ElfOutsideUserSpace};
    }
    AddressSpace space;
    space.image = image;
    space.ipc_buffer = image.end;
    space.boot_info = image.end + page_size;
    space.extra_boot_info = image.end + fixed;
    u64 reserved = 0;
    if (extra_bytes != 0) {
        space.extra_pages = base::align_up(extra_bytes, page_bits) >> page_bits;
        space.extra_bits = std::max(page_bits, static_cast<unsigned>(std::bit_width(extra_bytes - 1)));
        reserved = base::bit(space.extra_bits);
    }
    if (reserved > user_top - space.extra_boot_info) return base::Failure{BootError::ElfOutsideUserSpace};
    space.cover = {image.start, space.extra_boot_info + reserved};
    space.level1_tables = blocks_touched(space.cover, level1_bits);
    space.level0_tables = blocks_touched(space.cover, level0_bits);
    return space;
}

namespace {

// One block at the top of the highest region with room, aligned to its largest object.
Step place_objects(const AddressSpace& space, unsigned radix, const RegionSet& free, RootObjects& objects) {
    const unsigned root_cnode_bits = radix + api::slot_bits;
    const u64 extra = space.extra_bits == 0 ? 0 : base::bit(space.extra_bits);
    const u64 pages = 4 + space.tables(); // VSpace, ASID pool, IPC buffer, bootinfo
    const u64 size = base::bit(root_cnode_bits) + extra + pages * page_size + base::bit(tcb_bits);
    const std::optional<Range> block = free.highest_fit(size, std::max(root_cnode_bits, space.extra_bits));
    if (!block) return base::Failure{BootError::RootTaskTooLarge};
    objects.block = *block;
    u64 next = block->start;
    const auto take = [&](u64 bytes) { return std::exchange(next, next + bytes); };
    const bool extra_first = space.extra_bits > root_cnode_bits;
    if (extra_first) objects.extra_boot_info = take(extra);
    objects.cnode = take(base::bit(root_cnode_bits));
    if (extra != 0 && !extra_first) objects.extra_boot_info = take(extra);
    objects.vspace = take(page_size);
    objects.asid_pool = take(page_size);
    objects.ipc_buffer = take(page_size);
    objects.boot_info = take(page_size);
    objects.tables = take(space.tables() * page_size);
    objects.tcb = take(base::bit(tcb_bits));
    return base::Ok{};
}

// Before the initrd is read, nothing may be placed into it; nor into the running kernel, its boot code included.
Step place_root_task(const MemoryInput& input, MemoryPlan& plan) {
    RegionSet& free = plan.free;
    free = plan.ram;
    const bool enough = free.subtract(input.kernel) && free.subtract(input.tree) && free.subtract(input.initrd) &&
        free.subtract(input.image_in_place);
    TRY(require(enough, BootError::TooManyRegions));
    TRY(place_objects(input.space, input.radix, free, plan.objects));
    plan.image = input.image_in_place;
    if (!plan.image.empty()) {
        const bool sound = plan.ram.contains(plan.image) && !plan.image.overlaps(input.kernel) &&
            plan.image == round_in(plan.image, page_bits) && plan.image.size() == input.space.image.size();
        return require(sound, BootError::RootTaskTooLarge);
    }
    TRY(require(free.subtract(plan.objects.block), BootError::TooManyRegions));
    const std::optional<Range> image = free.lowest_fit(input.space.image.size(), page_bits);
    if (!image) return base::Failure{BootError::RootTaskTooLarge};
    plan.image = *image;
    return base::Ok{};
}

} // namespace

DeviceWindows kernel_devices(const Platform& platform) {
    DeviceWindows devices;
    const auto add = [&](const Range& window) {
        const bool fits = devices.push_back(round_out(window, kernel_device_bits));
        ASSERT(fits);
    };
    if (platform.clint) add(*platform.clint);
    if (platform.plic) add(platform.plic->window);
    if (platform.taic) add(platform.taic->window);
    if (platform.uintc) add(*platform.uintc);
    for (const Range& window : platform.spare_devices) add(window);
    return devices;
}

base::Result<base::Ok, BootError> check_memory(const MemoryInput& input, MemoryPlan& plan) {
    return build_ram(input, plan);
}

base::Result<base::Ok, BootError> plan_memory(const MemoryInput& input, MemoryPlan& plan) {
    TRY(build_ram(input, plan));
    TRY(place_root_task(input, plan));

    RegionSet& devices = plan.devices;
    devices.clear();
    bool enough = devices.add({0, device_top});
    for (const Range& region : plan.ram.ranges()) enough = enough && devices.subtract(region);
    for (const Range& window : input.devices) enough = enough && devices.subtract(window);
    enough = enough && devices.subtract(round_out(input.tree, page_bits)); // it may lie in a ROM

    RegionSet& free = plan.free;
    free = plan.ram;
    enough = enough && free.subtract(input.kernel) && free.add(input.kernel_recycled) && free.subtract(input.tree) &&
        free.subtract(plan.image) && free.subtract(plan.objects.block);
    for (const Range& window : input.devices) enough = enough && free.subtract(window);
    TRY(require(enough, BootError::TooManyRegions));
    list_untypeds(plan);
    return base::Ok{};
}

base::Result<unsigned, BootError> root_radix_of(const BootArgs& arguments) {
    if (!arguments.find("cnode")) return root_radix;
    const u64 bits = arguments.find_number("cnode").value_or(0);
    if (bits < min_root_radix || bits > max_root_radix) return base::Failure{BootError::BadCNodeArgument};
    return static_cast<unsigned>(bits);
}

base::Result<SlotPlan, BootError> plan_slots(const AddressSpace& space, u64 untyped_count, unsigned radix) {
    const u64 slots = base::bit(radix);
    const u64 counts[] = {space.tables(), space.extra_pages, space.image.size() / page_size, untyped_count};
    Range regions[4];
    u64 next = initial_slots;
    for (usize i = 0; i < 4; ++i) {
        if (counts[i] > slots - next) return base::Failure{BootError::RootCNodeTooSmall};
        regions[i] = {next, next + counts[i]};
        next += counts[i];
    }
    return SlotPlan{regions[0], regions[1], regions[2], regions[3], {next, slots}, radix};
}

} // namespace boot
