// What a failed system call tells its caller: the seL4 error code and its detail words, as one value.
// Source: sel4-abi-riscv64.md 1.7 and 1.8.
#pragma once

#include "base/result.hpp"
#include "base/types.hpp"

namespace caps {

enum class ErrorCode : u8 {
    NoError = 0,
    InvalidArgument = 1,
    InvalidCapability = 2,
    IllegalOperation = 3,
    RangeError = 4,
    AlignmentError = 5,
    FailedLookup = 6,
    TruncatedMessage = 7,
    DeleteFirst = 8,
    RevokeFirst = 9,
    NotEnoughMemory = 10,
};

// Why a CSpace lookup failed.
struct LookupFailure {
    enum class Kind : u8 { None = 0, InvalidRoot = 1, MissingCapability = 2, DepthMismatch = 3, GuardMismatch = 4 };
    Kind kind = Kind::None;
    u8 words_ = 0;
    u64 words[3] = {};

    static LookupFailure invalid_root() { return {Kind::InvalidRoot, 0, {}}; }
    static LookupFailure missing(u64 bits_left) { return {Kind::MissingCapability, 1, {bits_left}}; }
    static LookupFailure depth(u64 bits_left, u64 bits_found) {
        return {Kind::DepthMismatch, 2, {bits_left, bits_found}};
    }
    static LookupFailure guard(u64 bits_left, u64 guard_found, u64 bits_found) {
        return {Kind::GuardMismatch, 3, {bits_left, guard_found, bits_found}};
    }
};

struct SyscallError {
    ErrorCode code = ErrorCode::NoError;
    u8 count = 0; // detail words
    u64 words[5] = {};

    static SyscallError plain(ErrorCode code) { return {code, 0, {}}; }
    static SyscallError invalid_argument(u64 number) { return {ErrorCode::InvalidArgument, 1, {number}}; }
    static SyscallError invalid_capability(u64 number) { return {ErrorCode::InvalidCapability, 1, {number}}; }
    static SyscallError illegal_operation() { return plain(ErrorCode::IllegalOperation); }
    static SyscallError range(u64 low, u64 high) { return {ErrorCode::RangeError, 2, {low, high}}; }
    static SyscallError alignment() { return plain(ErrorCode::AlignmentError); }
    static SyscallError truncated() { return plain(ErrorCode::TruncatedMessage); }
    static SyscallError delete_first() { return plain(ErrorCode::DeleteFirst); }
    static SyscallError revoke_first() { return plain(ErrorCode::RevokeFirst); }
    static SyscallError not_enough_memory(u64 available) { return {ErrorCode::NotEnoughMemory, 1, {available}}; }
    static SyscallError failed_lookup(bool was_source, const LookupFailure& failure) {
        return {ErrorCode::FailedLookup,
                static_cast<u8>(2 + failure.words_),
                {was_source ? u64{1} : u64{0}, static_cast<u64>(failure.kind), failure.words[0], failure.words[1],
                 failure.words[2]}};
    }
};

template <class T>
using Result = base::Result<T, SyscallError>;
template <class T>
using LookupResult = base::Result<T, LookupFailure>;

inline base::Failure<SyscallError> fail(const SyscallError& error) { return base::Failure<SyscallError>{error}; }

} // namespace caps
