// Which error of which invocation some case has provoked and compared, and the first case that did. Kept for the whole
// run of an image by Context, so that a case at its end can tell what no case has exercised.
#pragma once

#include "tests/guest/harness/thread.hpp"

namespace guest {

struct CaseName {
    const char* list = nullptr;
    const char* name = nullptr;
};

class Answers {
public:
    static constexpr Word errors = 16;

    void begin_case(CaseName name) { case_ = name; }
    // The answer to a call was an error, and the right one.
    void compared(Word label, Word error) {
        if (label < nInvocationLabels && error < errors && first_[label][error].name == nullptr)
            first_[label][error] = case_;
    }
    const CaseName& first(Word label, Word error) const { return first_[label][error]; }

private:
    CaseName case_;
    CaseName first_[nInvocationLabels][errors];
};

inline Answers answers;

} // namespace guest
