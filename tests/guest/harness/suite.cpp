#include "tests/guest/harness/suite.hpp"

#include "tests/guest/harness/answers.hpp"

#include "rootserver/machine/console.hpp"

namespace guest {

namespace {

using machine::print;

bool chosen(const List& list, std::string_view only) {
    return only.empty() || std::string_view(list.prefix).starts_with(only);
}

// True: no check has failed.
bool run_list(const List& list) {
    static Context context;
    bool good = true;
    if (list.keeps_state) context.begin();
    for (std::size_t i = 0; i < list.count; ++i) {
        const char* name = list.name(i);
        print("CASE ", list.prefix, '.', name, '\n');
        answers.begin_case({list.prefix, name});
        if (list.keeps_state)
            context.forget_failure();
        else
            context.begin();
        list.run(context, i);
        if (context.failed())
            print("FAIL ", list.prefix, '.', name, ' ', context.message(), '\n');
        else
            print("SUCCESS ", list.prefix, '.', name, '\n');
        good = good && !context.failed();
        if (!list.keeps_state) context.end();
    }
    if (list.keeps_state) context.end();
    return good;
}

} // namespace

bool run(std::span<const List> lists, std::string_view only) {
    std::uint64_t cases = 0;
    for (const List& list : lists) cases += chosen(list, only) ? list.count : 0;
    print("BEGIN ", cases, '\n');
    bool good = true;
    for (const List& list : lists) {
        if (chosen(list, only)) good = run_list(list) && good;
    }
    print("END\n");
    return good;
}

} // namespace guest
