#pragma once

/// Named places at which a test build can be made to fail, so that faults are aimed and not hoped for:
///
///     JENSEN_FAIL=rank:point:pass:action[,rank:point:pass:action...]
///
/// makes the rank do the action when it passes the point for the pass-th time, counted from 1. In other
/// builds the macros are nothing but the calls that they are given. tests/campaign lists points and actions,
/// builds the program with them, and has what stands behind the macros; they are for .cpp files alone.
#ifdef JENSEN_FAIL_POINTS

#include <sys/types.h>

#include <cstddef>
#include <span>
#include <string>

namespace jensen {

/// Acts if this is a planned pass. True, with errno set, where the call that comes next is to fail.
bool fails_at(const char* point);

/// `write` of the system with three points, where nothing, half and all of the bytes have been taken.
ssize_t write_or_fail(int descriptor, const void* bytes, std::size_t count);

/// Makes the first number NaN if this is a planned pass.
void spoil_at(const char* point, std::span<double> numbers);

/// Plans as the environment variable does, in place of what was planned before. Throws std::invalid_argument
/// with a sentence where it is not understood.
void plan_failures(const std::string& plans);

}  // namespace jensen

#define JENSEN_FAIL_POINT(point) static_cast<void>(::jensen::fails_at(point))
#define JENSEN_FAIL_CALL(point, call) (::jensen::fails_at(point) ? -1 : (call))
#define JENSEN_FAIL_WRITE(descriptor, bytes, count) ::jensen::write_or_fail(descriptor, bytes, count)
#define JENSEN_FAIL_NUMBERS(point, numbers) ::jensen::spoil_at(point, numbers)

#else

#define JENSEN_FAIL_POINT(point) static_cast<void>(0)
#define JENSEN_FAIL_CALL(point, call) (call)
#define JENSEN_FAIL_WRITE(descriptor, bytes, count) ::write(descriptor, bytes, count)
#define JENSEN_FAIL_NUMBERS(point, numbers) static_cast<void>(0)

#endif
