#include "scheduler/domains.hpp"

#include "objects/upcalls.hpp"
#include "scheduler/scheduler.hpp"
#include "smp/hart.hpp"

namespace scheduler {

namespace {

constexpr u64 forever = (u64{1} << 56) - 1;

DomainSlice schedule_table[max_domain_schedule];
unsigned domains = 1;
unsigned current_index = 0;
unsigned start_index = 0;
bool restart_at_start = false;

} // namespace

u8 running_domain = 0;
u64 domain_time_left = forever;

void init(unsigned domain_total) {
    domains = domain_total < 1 ? 1 : domain_total > max_domains ? max_domains : domain_total;
    schedule_table[0] = {0, forever};
}

unsigned domain_count() { return domains; }

bool domain_tick() {
    if (domains == 1 || domain_time_left == 0 || smp::this_hart().index_ != 0) return false;
    return --domain_time_left == 0;
}

bool next_domain() {
    const u8 last = running_domain;
    ++current_index;
    if (restart_at_start || current_index >= domain_schedule_size() || schedule_table[current_index].duration == 0)
        current_index = start_index;
    restart_at_start = false;
    domain_time_left = schedule_table[current_index].duration;
    running_domain = static_cast<u8>(schedule_table[current_index].domain);
    return running_domain != last;
}

unsigned domain_schedule_size() { return domains == 1 ? 2 : max_domain_schedule; }
DomainSlice domain_schedule_entry(unsigned index) { return schedule_table[index]; }
unsigned domain_schedule_start() { return start_index; }
void set_domain_schedule_entry(unsigned index, DomainSlice slice) { schedule_table[index] = slice; }

void set_domain_schedule_start(unsigned index) {
    start_index = index;
    restart_at_start = true;
    domain_time_left = 0;
    objects::reschedule_required();
}

} // namespace scheduler
