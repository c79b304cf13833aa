// How one process wakes another that has announced that it will not look at a channel by itself. A bell may be rung too
// often, never too rarely; the receiver looks at all its channels. A port has one for a peer that sleeps and one for a
// peer that polls its TAIC queue; both may be the same.
// Source: async-design.md 4, 6.2; taic.md 7.3.
#pragma once

namespace sel4async {

class Bell {
public:
    virtual void ring() = 0;

protected:
    ~Bell() = default;
};

} // namespace sel4async
